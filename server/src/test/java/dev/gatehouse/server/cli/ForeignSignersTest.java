package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Signers that are not ours, against a running gate: curl and aws4 for AWS, and the vendors' own
/// packages for their webhooks. Slack has none that signs: there it is Node's crypto, by Slack's
/// documents.
///
/// The packages stand in `src/test/npm`; `./verify` installs them.
@Timeout(180)
@Tag("end-to-end")
class ForeignSignersTest {

  private static final Path PACKAGES = Path.of("src/test/npm").toAbsolutePath();
  private static final String STRIPE_SECRET = "whsec_k4bHrqO6yPq0n3VXxM2c8W5tEa9dLzJu";
  private static final String SLACK_SECRET = "8f742231b10e8888abcd99edd18985a5";

  @TempDir private static Path temp;
  @AutoClose private static EchoApi api;
  @AutoClose private static GateProcess gate;

  private static JsonObject awsKey = new JsonObject();
  private static final Map<String, JsonObject> ANSWERS = new HashMap<>();

  @BeforeAll
  static void signersSend() throws Exception {
    api = new EchoApi();
    StringBuilder routes = new StringBuilder();
    for (String vendor : List.of("github", "stripe", "slack", "standard")) {
      routes.append(
          """
            - path: /hooks/%s
              upstream: %s
              accept: [hmac]
              webhook: { vendor: %s, name: from-%s }
              require: { POST: hooks:write }
          """
              .formatted(vendor, api.address(), vendor, vendor));
    }
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            throttle: { failedAttemptsPerMinute: 1000 }
            methods: { hmac: { aws: { region: eu-central-1, service: orders } } }
            routes:
              - path: /orders
                upstream: %s
                accept: [hmac]
              - path: /open
                upstream: %s
                accept: [public]
            %s
            """
                .formatted(api.address(), api.address(), routes));
    Path data = temp.resolve("data");
    gate = GateProcess.serveHere(config, data);
    gate.manage(
        "POST",
        "/accounts",
        new JsonObject()
            .put("kind", "service")
            .put("name", "shop")
            .put("scopes", new JsonArray(List.of("hooks:write"))));
    awsKey = command("hmac", "add", "aws", "--owner", "shop");

    JsonObject secrets =
        new JsonObject()
            .put(
                "aws",
                new JsonObject()
                    .put("keyId", awsKey.getString("id"))
                    .put("secret", awsKey.getString("secret"))
                    .put("region", "eu-central-1")
                    .put("service", "orders"))
            .put("github", webhook("github").getString("secret"))
            .put("standard", webhook("standard").getString("secret"))
            .put("stripe", STRIPE_SECRET)
            .put("slack", SLACK_SECRET);
    webhook("stripe", "--secret-file", file(STRIPE_SECRET));
    webhook("slack", "--secret-file", file(SLACK_SECRET + "\n"));

    assertThat(PACKAGES.resolve("node_modules"))
        .as("the packages that sign; run: npm ci --ignore-scripts, in %s", PACKAGES)
        .isDirectory();
    ProcessBuilder sender =
        new ProcessBuilder(
                "node", PACKAGES.resolve("senders.mjs").toString(), gate.address().toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    sender.environment().put("NODE_EXTRA_CA_CERTS", data.resolve("ca.crt").toString());
    Process node = sender.start();
    try (var in = node.getOutputStream()) {
      in.write(secrets.encode().getBytes(StandardCharsets.UTF_8));
    }
    String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor()).as(said).isZero();
    for (Object answer : new JsonArray(said)) {
      JsonObject read = (JsonObject) answer;
      ANSWERS.put(read.getString("name"), read);
    }
  }

  private static JsonObject webhook(String vendor, String... more) {
    List<String> command =
        new ArrayList<>(List.of("webhook", "add", "from-" + vendor, "--owner", "shop"));
    command.addAll(List.of(more));
    return command(command.toArray(String[]::new));
  }

  private static JsonObject command(String... words) {
    CommandLineRun run = run(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return new JsonObject(run.out());
  }

  private static CommandLineRun run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--json", "--data", gate.data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static String file(String text) throws Exception {
    return Files.writeString(Files.createTempFile(temp, "secret", ""), text).toString();
  }

  private static JsonObject answer(String name) {
    return Objects.requireNonNull(ANSWERS.get(name), name);
  }

  @ParameterizedTest
  @CsvSource({
    "aws get, 200,",
    "aws query, 200,",
    "aws raw query, 200,",
    "aws encoded path, 200,",
    "aws post, 200,",
    "aws put binary, 200,",
    "aws delete, 200,",
    "aws content hash, 200,",
    "aws invocation id, 200,",
    "aws once, 200,",
    "aws repeated sorted, 200,",
    "aws twice, 401, REPLAYED",
    "aws other query, 401, INVALID_SIGNATURE",
    "aws other method, 401, INVALID_SIGNATURE",
    "aws other body, 401, INVALID_SIGNATURE",
    "aws other secret, 401, INVALID_SIGNATURE",
    "aws other region, 401, INVALID_SIGNATURE",
    "aws s3, 401, INVALID_SIGNATURE",
    "aws session token, 400, MALFORMED_REQUEST",
    "aws presigned, 400, MALFORMED_REQUEST",
    "aws repeated unsorted, 400, MALFORMED_REQUEST",
    "aws plus, 400, MALFORMED_REQUEST",
    "github, 200,",
    "github sha1, 401, INVALID_SIGNATURE",
    "github other body, 401, INVALID_SIGNATURE",
    "github twice, 401, REPLAYED",
    "github elsewhere, 200,",
    "stripe, 200,",
    "stripe rolled, 200,",
    "stripe v0, 401, INVALID_SIGNATURE",
    "stripe old, 401, REQUEST_EXPIRED",
    "stripe twice, 401, REPLAYED",
    "slack, 200,",
    "slack v1, 401, INVALID_SIGNATURE",
    "slack old, 401, REQUEST_EXPIRED",
    "slack twice, 401, REPLAYED",
    "standard, 200,",
    "standard rotated, 200,",
    "standard old, 401, REQUEST_EXPIRED",
    "standard twice, 401, REPLAYED",
    "standard none, 401, NO_CREDENTIALS",
  })
  void correctlySignedRequestPassesOnceAndNothingElsePasses(String name, int status, String code) {
    JsonObject answer = answer(name);
    assertThat(answer.getInteger("status")).as("%s", answer).isEqualTo(status);
    assertThat(answer.getString("code")).isEqualTo(code == null ? "" : code);
  }

  @Test
  void everyRequestThatTheSignersSentIsJudgedAbove() {
    assertThat(ANSWERS).hasSize(41);
  }

  @Test
  void signatureStaysAtTheGateAndOtherVendorFieldsPass() {
    assertThat(fields("github"))
        .containsKeys("x-github-event", "x-github-delivery", "x-auth-subject")
        .doesNotContainKeys("x-hub-signature-256", "x-hub-signature");
    assertThat(fields("stripe")).doesNotContainKey("stripe-signature");
    assertThat(fields("slack"))
        .containsKey("x-slack-request-timestamp")
        .doesNotContainKey("x-slack-signature");
    assertThat(fields("standard"))
        .containsKeys("webhook-id", "webhook-timestamp")
        .doesNotContainKey("webhook-signature");
    assertThat(fields("aws get"))
        .doesNotContainKeys("authorization", "x-amz-date", "x-amz-content-sha256");
    // Where no webhook is demanded, the fields are the upstream's own.
    assertThat(fields("github elsewhere")).containsKeys("x-hub-signature-256", "x-hub-signature");
  }

  private static Map<String, Object> fields(String name) {
    return answer(name).getJsonObject("fields").getMap();
  }

  @Test
  void forwardsExactlyWhatWasSigned() {
    assertThat(answer("aws encoded path").getString("target"))
        .isEqualTo("/orders/a%20b/caf%C3%A9/~x:y@z");
    assertThat(answer("aws raw query").getString("target"))
        .isEqualTo("/orders?b=2&a=1&since=2026-01-01T00:00:00Z&at=/x?y");
  }

  @Test
  void administratorIsToldWhatTheGateSigned() {
    CommandLineRun explained =
        CommandLineRun.of(
            "explain", answer("aws other query").getString("id"), "--data", gate.data().toString());
    assertThat(explained.out())
        .contains("AWS4-HMAC-SHA256", "item=***", "host:localhost:", "wrong key");
    explained =
        CommandLineRun.of(
            "explain",
            answer("github other body").getString("id"),
            "--data",
            gate.data().toString());
    assertThat(explained.out()).contains("<the body of 48 bytes", "wrong secret");
  }

  @Test
  void curlSignsWithAws() throws Exception {
    assertThat(curl("/orders")).isEqualTo("200");
    assertThat(curl("/orders?a=1&b=2")).isEqualTo("200");
    assertThat(curl("/orders/~a-b_c.d/1")).isEqualTo("200");
    assertThat(curl("/orders", "-d", "{\"a\": 1}")).isEqualTo("200");
    assertThat(curl("/orders", "-X", "PUT", "-d", "x=1&y=2", "-H", "Content-Type: text/plain"))
        .isEqualTo("200");
    assertThat(curl("/orders", "-H", "X-Amz-Nonce: 1")).isEqualTo("200");
    assertThat(curl("/orders", "--user", awsKey.getString("id") + ":wrong")).isEqualTo("401");
    assertThat(curl("/orders", "--aws-sigv4", "aws:amz:eu-central-1:other")).isEqualTo("401");
  }

  // Older curls sign path and query as they are sent. Who uses one is told so.
  @ParameterizedTest
  @CsvSource({"/orders/a%20b", "/orders?b=1&a=2", "/orders?since=2026-01-01T00:00:00Z"})
  void curlOfAnyAgePassesOrIsToldWhatItSignsOtherwise(String target) throws Exception {
    Path answer = temp.resolve("answer.json");
    String status = curl(target, "-o", answer.toString());
    if (!status.equals("200")) {
      assertThat(status).isEqualTo("401");
      assertThat(run("explain", new JsonObject(Files.readString(answer)).getString("id")).out())
          .contains("signed as it is sent");
    }
  }

  /// The status that curl was answered.
  private static String curl(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sS", "--cacert", gate.data().resolve("ca.crt").toString()));
    command.addAll(List.of("-w", "%{http_code}"));
    if (!List.of(arguments).contains("-o")) {
      command.addAll(List.of("-o", "/dev/null"));
    }
    command.addAll(List.of("--aws-sigv4", "aws:amz:eu-central-1:orders"));
    command.addAll(List.of("--user", awsKey.getString("id") + ":" + awsKey.getString("secret")));
    command.addAll(List.of(arguments));
    command.add(gate.address() + path);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  @Test
  void secretsOfWebhooksAreListedRotatedAndRevokedAndNeverShownAgain() throws Exception {
    JsonObject added = webhook("github");
    assertThat(added.getString("secret")).startsWith("whsec_").hasSize(49);
    CommandLineRun listed = run("webhook", "list");
    assertThat(listed.out())
        .contains(added.getString("id"), "from-github", "from-stripe")
        .doesNotContain(added.getString("secret"), STRIPE_SECRET, awsKey.getString("id"));

    JsonObject successor = command("webhook", "rotate", added.getString("id"), "--overlap", "1h");
    assertThat(successor.getString("secret")).hasSize(49).isNotEqualTo(added.getString("secret"));
    assertThat(command("webhook", "revoke", successor.getString("id")).getString("revokedAt"))
        .isNotNull();

    JsonObject stripe = webhook("stripe", "--secret-file", file(STRIPE_SECRET));
    assertThat(stripe.getString("secret")).isNull();
    assertThat(run("webhook", "rotate", stripe.getString("id")).err())
        .contains("stripe makes the secret itself");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from-nobody | a-secret-of-more-than-16 | no route takes a webhook of that name",
        "from-stripe | short | the secret of a webhook has 16 to 512 characters",
        "from-standard | whsk_AAAAAAAAAAAAAAAAAAAA | Ed25519",
        "from-standard | whsec_AAAA | 24 to 64 bytes",
      })
  void secretThatDoesNotFitIsRefused(String name, String secret, String why) throws Exception {
    CommandLineRun refused =
        run("webhook", "add", name, "--owner", "shop", "--secret-file", file(secret));
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err()).contains(why).doesNotContain(secret);
    assertThat(run("webhook", "add", "from-slack", "--owner", "shop").err())
        .contains("slack makes the secret itself");
  }
}
