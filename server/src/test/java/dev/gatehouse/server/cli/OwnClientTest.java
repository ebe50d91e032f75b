package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.client.Credential;
import dev.gatehouse.client.GatehouseClient;
import dev.gatehouse.client.Grant;
import dev.gatehouse.client.MessageSignature;
import dev.gatehouse.client.Pem;
import dev.gatehouse.client.SignInException;
import dev.gatehouse.server.wire.TestCertificates;
import dev.gatehouse.testkit.Race;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Our own client against a running gate, with each kind of credential: the right one is admitted,
/// and a wrong one refused.
@Timeout(120)
@Tag("end-to-end")
class OwnClientTest {

  private static final AtomicInteger NUMBER = new AtomicInteger();

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;
  private static String apiKey;

  @BeforeAll
  static void start() throws Exception {
    gate = PeopleGate.in(temp, "");
    gate.person("alice");
    gate.process()
        .manage(
            "POST",
            "/accounts",
            new JsonObject()
                .put("kind", "service")
                .put("name", "shop")
                .put("scopes", new JsonArray(List.of("orders:read", "orders:write"))));
    apiKey =
        gate.process()
            .manage("POST", "/keys", new JsonObject().put("owner", "shop").put("name", "first"))
            .getString("key");
  }

  private static GatehouseClient.Builder client() throws IOException {
    return GatehouseClient.at(gate.process().address())
        .trusting(gate.process().data().resolve("ca.crt"));
  }

  private static HttpResponse<String> get(GatehouseClient by) throws Exception {
    return by.send(by.request("/orders?open=true").build(), BodyHandlers.ofString());
  }

  private static String admitted(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return new JsonObject(answer.body()).getJsonObject("fields").getString("x-auth-method");
  }

  private static String refused(GatehouseClient.Builder with) throws Exception {
    return refused(with, "/orders");
  }

  private static String refused(GatehouseClient.Builder with, String target) throws Exception {
    try (GatehouseClient client = with.build()) {
      HttpResponse<String> answer =
          client.send(client.request(target).build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(401);
      return PeopleGate.code(answer);
    }
  }

  @Test
  void anApiKeyIsAdmittedAndAWrongOneRefused() throws Exception {
    try (GatehouseClient client = client().with(Credential.apiKey(apiKey)).build()) {
      assertThat(admitted(get(client))).isEqualTo("apikey");
      HttpResponse<String> posted =
          client.send(
              client.request("/orders").POST(BodyPublishers.ofString("tea")).build(),
              BodyHandlers.ofString());
      assertThat(admitted(posted)).isEqualTo("apikey");
    }
    char last = apiKey.charAt(apiKey.length() - 1);
    String wrong = apiKey.substring(0, apiKey.length() - 1) + (last == 'a' ? 'b' : 'a');
    assertThat(refused(client().with(Credential.apiKey(wrong)))).isEqualTo("INVALID_API_KEY");
  }

  @Test
  void aNameAndAPasswordAreAdmittedAndAWrongOneRefused() throws Exception {
    try (GatehouseClient client = client().with(Credential.basic("alice", PASSWORD)).build()) {
      assertThat(admitted(get(client))).isEqualTo("basic");
    }
    assertThat(refused(client().with(Credential.basic("alice", "wrong horse battery"))))
        .isEqualTo("INVALID_CREDENTIALS");
  }

  @Test
  void aTokenFromElsewhereIsAdmittedAndAWrongOneRefused() throws Exception {
    String token = gate.tokens("alice", PASSWORD).getString("accessToken");
    try (GatehouseClient client = client().with(Credential.bearer(token)).build()) {
      assertThat(admitted(get(client))).isEqualTo("jwt");
    }
    assertThat(refused(client().with(Credential.bearer("a" + token.substring(1)))))
        .isEqualTo("INVALID_TOKEN");
  }

  @Test
  void aPersonSignsInAndOutAndAWrongPasswordGetsNoToken() throws Exception {
    try (GatehouseClient client =
        client().with(Grant.password("alice@example.com", PASSWORD)).build()) {
      assertThat(admitted(get(client))).isEqualTo("jwt");
      String token = bearer(client);
      assertThat(client.signOut()).succeedsWithin(Duration.ofSeconds(30));
      assertThat(gate.get("/orders", "Authorization", token).statusCode()).isEqualTo(401);
      assertThat(admitted(get(client))).as("signed in anew").isEqualTo("jwt");
    }
    try (GatehouseClient client =
        client().with(Grant.password("alice@example.com", "wrong horse battery")).build()) {
      assertThatThrownBy(() -> get(client))
          .isInstanceOfSatisfying(
              SignInException.class,
              refused -> {
                assertThat(refused.status()).isEqualTo(401);
                assertThat(refused.code()).isEqualTo("INVALID_CREDENTIALS");
              })
          .hasMessageNotContaining("wrong horse");
    }
  }

  // The token that the client sends now: the API gets none to see.
  private static String bearer(GatehouseClient client) throws Exception {
    return client
        .send(client.request("/orders").build(), BodyHandlers.ofString())
        .request()
        .headers()
        .firstValue("Authorization")
        .orElseThrow();
  }

  @Test
  void aTokenThatTheGateRevokedIsRenewedOnTheWay() throws Exception {
    gate.person("bob");
    List<String> kept = new CopyOnWriteArrayList<>();
    JsonObject tokens = gate.tokens("bob", PASSWORD);
    try (GatehouseClient app =
            client().with(Grant.refreshToken(tokens.getString("refreshToken"), kept::add)).build();
        GatehouseClient script =
            client().with(Grant.password("bob@example.com", PASSWORD)).build()) {
      assertThat(admitted(get(app))).isEqualTo("jwt");
      assertThat(kept).hasSize(1);
      String before = bearer(script);
      gate.process().manage("POST", "/accounts/bob/sign-out", null);
      assertThat(gate.get("/orders", "Authorization", before).statusCode()).isEqualTo(401);
      assertThat(admitted(get(script))).as("with its password").isEqualTo("jwt");
      assertThat(bearer(script)).isNotEqualTo(before);
      assertThatThrownBy(() -> get(app))
          .as("without one")
          .isInstanceOf(SignInException.class)
          .hasMessageContaining("sign in again");
      assertThat(kept).hasSize(1);
    }
  }

  @Test
  void aSigningKeyThatIsReplacedCostsOneRefreshForAllThreads() throws Exception {
    List<String> kept = new CopyOnWriteArrayList<>();
    String first = gate.tokens("alice", PASSWORD).getString("refreshToken");
    try (GatehouseClient client = client().with(Grant.refreshToken(first, kept::add)).build()) {
      assertThat(admitted(get(client))).isEqualTo("jwt");
      String before = bearer(client);
      gate.process()
          .manage("POST", "/signing-keys/rotate", new JsonObject().put("revokeOld", true));
      assertThat(gate.get("/orders", "Authorization", before).statusCode()).isEqualTo(401);
      List<String> methods =
          Race.of(
              16,
              number -> {
                try {
                  return admitted(get(client));
                } catch (Exception failed) {
                  throw new AssertionError(failed);
                }
              });
      assertThat(methods).hasSize(16).containsOnly("jwt");
      assertThat(kept).as("one refresh for the first call, one for all the others").hasSize(2);
    }
  }

  private static JsonObject signatureKey(JsonObject more) throws Exception {
    return gate.process()
        .manage(
            "POST",
            "/signature-keys",
            more.put("owner", "shop").put("name", "key " + NUMBER.incrementAndGet()));
  }

  private static void admittedWhateverIsSent(Credential signature) throws Exception {
    try (GatehouseClient client = client().with(signature).build()) {
      for (String target : List.of("/signed", "/signed?a=%20b&a=&ü=€", "/signed/ord%65rs")) {
        for (BodyPublisher body :
            List.of(
                BodyPublishers.noBody(),
                BodyPublishers.ofString(""),
                BodyPublishers.ofString("{\"tea\": 1.0}"),
                BodyPublishers.ofByteArray(new byte[1024 * 1024]))) {
          HttpResponse<String> answer =
              client.send(
                  client.request(target).header("X-Trace", "a").PUT(body).build(),
                  BodyHandlers.ofString());
          assertThat(admitted(answer)).as(target).isEqualTo("hmac");
        }
      }
      HttpRequest same = client.request("/signed").header("X-Trace", "a").build();
      assertThat(Race.of(8, number -> status(client, same)))
          .as("equal requests in one second have nonces of their own")
          .hasSize(8)
          .containsOnly(200);
    }
  }

  @Test
  void aSignatureOfTheGatesOwnProfileIsAdmittedAndAWrongOneRefused() throws Exception {
    JsonObject key = signatureKey(new JsonObject());
    String id = key.getString("id");
    admittedWhateverIsSent(Credential.hmac(id, key.getString("secret")));
    String other = signatureKey(new JsonObject()).getString("secret");
    assertThat(refused(client().with(Credential.hmac(id, other)), "/signed"))
        .isEqualTo("INVALID_SIGNATURE");
    assertThat(refused(client().with(Credential.hmac("h_none", other)), "/signed"))
        .isEqualTo("INVALID_SIGNATURE");
  }

  @Test
  void anHttpMessageSignatureByTheSameSecretIsAdmittedAndAWrongOneRefused() throws Exception {
    JsonObject key = signatureKey(new JsonObject());
    String id = key.getString("id");
    MessageSignature signature = MessageSignature.hmacSha256(id, key.getString("secret"));
    admittedWhateverIsSent(signature);
    admittedWhateverIsSent(
        signature
            .covering("@authority", "@scheme", "@request-target", "@path", "@query", "x-trace")
            .labelled("ours")
            .withAlgorithmParameter());
    String other = signatureKey(new JsonObject()).getString("secret");
    assertThat(refused(client().with(MessageSignature.hmacSha256(id, other)), "/signed"))
        .isEqualTo("INVALID_SIGNATURE");
  }

  @ParameterizedTest
  @CsvSource({
    "ed25519, Ed25519, 0",
    "ecdsa-p256-sha256, EC, 256",
    "rsa-pss-sha512, RSA, 2048",
    "rsa-pss-sha512, RSA, 4096"
  })
  void anHttpMessageSignatureByAPrivateKeyIsAdmittedAndThatOfAnotherKeyRefused(
      String algorithm, String kind, int bits) throws Exception {
    KeyPair own = keys(kind, bits);
    String id =
        signatureKey(
                new JsonObject()
                    .put("algorithm", algorithm)
                    .put("publicKey", pem("PUBLIC KEY", own.getPublic().getEncoded())))
            .getString("id");
    Path file =
        Files.writeString(
            temp.resolve(id + ".pem"), pem("PRIVATE KEY", own.getPrivate().getEncoded()));
    admittedWhateverIsSent(signature(algorithm, id, Pem.privateKey(file)));
    PrivateKey another = keys(kind, bits).getPrivate();
    assertThat(refused(client().with(signature(algorithm, id, another)), "/signed"))
        .isEqualTo("INVALID_SIGNATURE");
  }

  private static MessageSignature signature(String algorithm, String id, PrivateKey key) {
    return switch (algorithm) {
      case "ed25519" -> MessageSignature.ed25519(id, key);
      case "ecdsa-p256-sha256" -> MessageSignature.ecdsaP256Sha256(id, key);
      default -> MessageSignature.rsaPssSha512(id, key);
    };
  }

  private static KeyPair keys(String kind, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair();
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der), label);
  }

  @Test
  void aClientCertificateIsAdmittedAloneAndWithASignatureAndNoneOrAnothersIsRefused(
      @TempDir Path folder) throws Exception {
    Path data = folder.resolve("data");
    try (EchoApi api = new EchoApi()) {
      Path config =
          Files.writeString(
              folder.resolve("gatehouse.yaml"),
              """
              listen: { port: 0 }
              data: data
              methods: { mtls: { ownCa: true } }
              routes:
                - path: /certified
                  upstream: %s
                  accept: [mtls]
                - path: /both
                  upstream: %s
                  accept: [[mtls, hmac]]
              """
                  .formatted(api.address(), api.address()));
      try (GateProcess certified = GateProcess.serveHere(config, data)) {
        certified.manage(
            "POST", "/accounts", new JsonObject().put("kind", "service").put("name", "till"));
        JsonObject key =
            certified.manage(
                "POST", "/signature-keys", new JsonObject().put("owner", "till").put("name", "k"));
        Credential signature = Credential.hmac(key.getString("id"), key.getString("secret"));
        CommandLineRun issued =
            CommandLineRun.of(
                "cert",
                "issue",
                "till",
                "--owner",
                "till",
                "--json",
                "--data",
                data.toString(),
                "--out",
                folder.toString());
        assertThat(issued.exitCode()).as(issued.err()).isZero();
        GatehouseClient.Builder till =
            GatehouseClient.at(certified.address())
                .trusting(data.resolve("ca.crt"))
                .certificate(folder.resolve("till.crt"), folder.resolve("till.key"));
        try (GatehouseClient client = till.build()) {
          assertThat(admitted(get(client, "/certified"))).isEqualTo("mtls");
          assertThat(get(client, "/both").statusCode()).as("no signature").isEqualTo(401);
        }
        try (GatehouseClient client = till.with(signature).build()) {
          assertThat(get(client, "/both").statusCode()).isEqualTo(200);
        }
        GatehouseClient.Builder nobody =
            GatehouseClient.at(certified.address()).trusting(data.resolve("ca.crt"));
        assertThat(refused(nobody, "/certified")).isEqualTo("NO_CREDENTIALS");
        assertThat(refused(nobody.with(signature), "/both")).isNotEmpty();
        TestCertificates own = new TestCertificates("till");
        Path certificate = Files.write(folder.resolve("own.crt"), own.certificatePem().getBytes());
        Path ownKey = Files.write(folder.resolve("own.key"), own.keyPem().getBytes());
        try (GatehouseClient client =
            GatehouseClient.at(certified.address())
                .trusting(data.resolve("ca.crt"))
                .certificate(certificate, ownKey)
                .build()) {
          assertThat(get(client, "/certified").statusCode()).isEqualTo(401);
        }
      }
    }
  }

  private static HttpResponse<String> get(GatehouseClient by, String target) throws Exception {
    return by.send(by.request(target).build(), BodyHandlers.ofString());
  }

  private static int status(GatehouseClient client, HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString()).statusCode();
    } catch (IOException | InterruptedException failed) {
      throw new AssertionError(failed);
    }
  }

  @Test
  void aServiceGetsTokensForItsKeyAndNoneForAWrongOne() throws Exception {
    try (GatehouseClient client = client().with(Grant.service(apiKey, "orders:read")).build()) {
      assertThat(admitted(get(client))).isEqualTo("jwt");
      HttpResponse<String> posted =
          client.send(
              client.request("/orders").POST(BodyPublishers.ofString("tea")).build(),
              BodyHandlers.ofString());
      assertThat(posted.statusCode()).as("only the scope that was asked for").isEqualTo(403);
    }
    try (GatehouseClient client = client().with(Grant.service("sk_live_wrong")).build()) {
      assertThatThrownBy(() -> get(client))
          .isInstanceOfSatisfying(
              SignInException.class, refused -> assertThat(refused.status()).isEqualTo(401))
          .hasMessageNotContaining("sk_live");
    }
  }
}
