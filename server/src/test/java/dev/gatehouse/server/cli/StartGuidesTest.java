package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.HostileProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Runs the commands of the guides in docs/start in an empty folder, as a reader does. Only the
/// ports are replaced, and what the reader copies from the output of a command.
@Timeout(240) // each guide starts several processes
@Tag("end-to-end")
class StartGuidesTest {

  private static final Path GUIDES = Path.of("../docs/start");
  private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/2 (\\d{3})");
  private static final Pattern COPIED = Pattern.compile("(?m)^(id|key|secret) +(\\S+)$");
  private static final Pattern ASSIGNMENT = Pattern.compile("(?m)^\\w+=.*\\n");
  private static final Pattern PORT = Pattern.compile("port: (\\d+)");

  @TempDir private Path folder;

  @Test
  void guideToApiKeysWorksAsItStands() throws Exception {
    String page = page("node-api-with-keys.md");
    assertThat(page).contains("\n    gatehouse serve --upstream http://127.0.0.1:3000\n");
    try (Api api = new Api(page)) {
      assertThat(run(page, api, null)).containsExactly(401, 200, 401);
    }
  }

  @Test
  void guideToAPartnersCertificateWorksAsItStands() throws Exception {
    String page = page("partner-certificate.md");
    try (Api api = new Api(page)) {
      assertThat(run(page, api, config(page, api))).containsExactly(200, 401, 401);
    }
  }

  @Test
  void guideToWebhooksOfGithubWorksAsItStands() throws Exception {
    String page = page("github-webhooks.md");
    try (Api api = new Api(page)) {
      assertThat(run(page, api, config(page, api))).containsExactly(200, 401, 401);
      assertThat(api.printed()).contains("issues {\"action\":\"opened\"}");
    }
  }

  @Test
  void configurationOfTheGuideToGoogleSignsAPersonIn() throws Exception {
    String page = page("sign-in-with-google.md");
    try (Api api = new Api(page);
        HostileProvider google = new HostileProvider()) {
      google.email = "you@gmail.com";
      Path config = config(page, api);
      Files.writeString(folder.resolve("google.secret"), HostileProvider.SECRET + "\n");
      // The provider of the tests in place of Google's
      String elsewhere =
          "issuer: '%s'\n        internalNetworks: [127.0.0.0/8, '::1']\n        caFile: '%s'"
              .formatted(google.issuer("google"), google.certificateIn(folder));
      Files.writeString(
          config,
          Files.readString(config)
              .replace("type: google", elsewhere)
              .replace("1234.apps.googleusercontent.com", "gate"));
      try (GateProcess gate = GateProcess.serveHere(config, folder.resolve("gatehouse-data"))) {
        HttpResponse<String> login = get(gate, "/", "Sec-Fetch-Mode", "navigate");
        assertThat(login.statusCode()).isEqualTo(303);
        String signInPage = login.headers().firstValue("Location").orElseThrow();
        assertThat(get(gate, signInPage).body()).contains("Sign in with Google");

        HttpResponse<String> begun = get(gate, "/auth/google?return=/");
        String location = begun.headers().firstValue("Location").orElseThrow();
        String callback = HostileProvider.parameter(location, "redirect_uri");
        assertThat(page).contains(callback.replaceFirst(":\\d+/", ":8443/"));
        URI back = google.approve(location);
        HttpResponse<String> signedIn =
            get(gate, back.getRawPath() + "?" + back.getRawQuery(), "Cookie", cookie(begun));
        assertThat(signedIn.headers().firstValue("Location")).contains("/");
        assertThat(get(gate, "/", "Cookie", cookie(signedIn)).body()).startsWith("Hello, u_");
      }
    }
  }

  private static HttpResponse<String> get(GateProcess gate, String path, String... fields)
      throws Exception {
    HttpRequest.Builder request = gate.request(path, null);
    if (fields.length > 0) {
      request.headers(fields);
    }
    return gate.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String cookie(HttpResponse<String> answer) {
    return answer.headers().allValues("Set-Cookie").stream()
        .map(cookie -> cookie.split(";", 2)[0])
        .filter(cookie -> !cookie.endsWith("="))
        .collect(Collectors.joining("; "));
  }

  private static String page(String name) throws IOException {
    return Files.readString(GUIDES.resolve(name));
  }

  private static List<String> blocks(String page, String language) {
    return Pattern.compile("```%s\\n(.*?)```".formatted(language), Pattern.DOTALL)
        .matcher(page)
        .results()
        .map((MatchResult block) -> block.group(1))
        .toList();
  }

  private Path config(String page, Api api) throws IOException {
    String yaml = blocks(page, "yaml").getFirst();
    assertThat(yaml).contains("http://127.0.0.1:3000");
    return Files.writeString(
        folder.resolve("gatehouse.yaml"),
        yaml.replace("http://127.0.0.1:3000", api.address.toString()) + "listen: { port: 0 }\n");
  }

  /// Runs all commands in their order. The gate starts before the first one that needs it.
  ///
  /// @return the statuses that curl printed
  private List<Integer> run(String page, Api api, @Nullable Path config) throws Exception {
    writeCommand();
    Map<String, String> copied = new HashMap<>();
    List<Integer> statuses = new ArrayList<>();
    StringBuilder variables = new StringBuilder();
    GateProcess gate = null;
    try {
      for (String block : blocks(page, "sh")) {
        if (gate == null && block.contains("gatehouse service add")) {
          Path data = folder.resolve("gatehouse-data");
          gate =
              config == null
                  ? GateProcess.serveHere(data, api.address)
                  : GateProcess.serveHere(config, data);
        }
        String script =
            Pattern.compile("<the (\\w+)>")
                .matcher(block)
                .replaceAll(
                    name ->
                        Matcher.quoteReplacement(
                            Objects.requireNonNull(copied.get(name.group(1)), name.group())));
        if (gate != null) {
          script = script.replace("https://localhost:8443", gate.address().toString());
        }
        String printed = shell(variables + script);
        ASSIGNMENT.matcher(script).results().forEach(one -> variables.append(one.group()));
        COPIED.matcher(printed).results().forEach(one -> copied.put(one.group(1), one.group(2)));
        STATUS
            .matcher(printed)
            .results()
            .forEach(one -> statuses.add(Integer.valueOf(one.group(1))));
      }
    } finally {
      if (gate != null) {
        gate.close();
      }
    }
    return statuses;
  }

  // The command `gatehouse` of this build.
  private void writeCommand() throws IOException {
    String words =
        GateJvm.command().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    Path command =
        Files.writeString(folder.resolve("gatehouse"), "#!/bin/sh\nexec " + words + " \"$@\"\n");
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
  }

  private String shell(String script) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-eu", "-o", "pipefail", "-c", script)
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().merge("PATH", folder.toString(), (old, own) -> own + ":" + old);
    builder.environment().remove("GATEHOUSE_DATA");
    Process process = builder.start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as("%s%n%s", script, printed).isZero();
    return printed;
  }

  /// The API of a guide, on a free port.
  private final class Api implements AutoCloseable {

    private final Path log = folder.resolve("server.log");
    private final Process process;
    private final URI address;

    Api(String page) throws IOException {
      Files.writeString(folder.resolve("server.mjs"), blocks(page, "js").getFirst());
      ProcessBuilder builder =
          new ProcessBuilder("node", "server.mjs")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile());
      builder.environment().put("PORT", "0");
      process = builder.start();
      GateProcess.until(() -> PORT.matcher(printed()).find() || !process.isAlive());
      Matcher port = PORT.matcher(printed());
      assertThat(port.find()).as(printed()).isTrue();
      address = URI.create("http://127.0.0.1:" + port.group(1));
    }

    String printed() {
      try {
        return Files.readString(log);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
