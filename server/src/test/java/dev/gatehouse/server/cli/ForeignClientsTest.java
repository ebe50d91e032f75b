package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that are not ours sign in as their users always did.
@Timeout(120)
@Tag("end-to-end")
class ForeignClientsTest {

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate = PeopleGate.in(temp, "");
    gate.person("alice");
  }

  @Test
  void tutorialHabitsWorkUnchangedWithFetch() throws Exception {
    NodeScript.run(
        "habits.mjs",
        trusted(),
        PeopleGate.login("alice", PASSWORD).encode(),
        gate.process().address().toString());
  }

  @Test
  void curlSendsNameAndPassword() throws Exception {
    assertThat(curl("/orders", "-u", "alice:" + PASSWORD)).isEqualTo("200");
    assertThat(curl("/orders", "-u", "alice@example.com:" + PASSWORD)).isEqualTo("200");
    assertThat(curl("/orders", "-u", "alice:wrong horse battery")).isEqualTo("401");
    // Asks first, and answers the challenge.
    assertThat(curl("/orders", "--anyauth", "-u", "alice:" + PASSWORD)).isEqualTo("200");
  }

  @Test
  void curlKeepsTheSessionInItsCookieJar() throws Exception {
    Path jar = temp.resolve("cookies.txt");
    String form = "email=alice%40example.com&password=" + PASSWORD.replace(' ', '+');
    assertThat(curl("/login", "-c", jar.toString(), "-d", form)).isEqualTo("200");
    assertThat(Files.readString(jar)).contains("#HttpOnly_localhost", "__Host-gatehouse");
    assertThat(curl("/orders", "-b", jar.toString())).isEqualTo("200");
    assertThat(curl("/logout", "-b", jar.toString(), "-c", jar.toString(), "-d", ""))
        .isEqualTo("200");
    assertThat(Files.readString(jar)).doesNotContain("__Host-gatehouse");
    assertThat(curl("/orders", "-b", jar.toString())).isEqualTo("401");
  }

  @Test
  void curlShowsAServicesKeyAsTheSecretOfAClient() throws Exception {
    gate.process()
        .manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "shop"));
    String key =
        gate.process()
            .manage("POST", "/keys", new JsonObject().put("owner", "shop").put("name", "test"))
            .getString("key");
    assertThat(curl("/auth/token", "-u", "shop:" + key, "-d", "grant_type=client_credentials"))
        .isEqualTo("200");
  }

  private static Path trusted() {
    return gate.process().data().resolve("ca.crt");
  }

  /// The status that curl was answered in the end.
  private static String curl(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--cacert", trusted().toString()));
    command.addAll(List.of("-o", "/dev/null", "-w", "%{http_code}"));
    command.addAll(List.of(arguments));
    command.add(gate.process().address() + path);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }
}
