package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.cli.GateProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class SignInEdgesTest {

  // SQLite's processes agree by locks on these bytes (sqlite.org/walformat.html §2.3.1).
  private static final long FIRST_LOCK_BYTE = 120;
  private static final int LOCK_BYTES = 8;

  @TempDir Path temp;

  @Test
  void pitfall68WhereTheStoreIsDownNobodyIsToldThatTheyAreNotSignedIn() throws Exception {
    Path data = temp.resolve("data");
    // In a process of its own: within one, SQLite's locks would not see the one that is taken here.
    try (GateProcess gate = GateProcess.demo(data)) {
      String cookie =
          post(gate, "/login", "application/json", gate.file("demo.json").getJsonObject("login"))
              .headers()
              .firstValue("Set-Cookie")
              .orElseThrow()
              .split(";", 2)[0];
      assertThat(visit(gate, "/login", cookie).body()).contains("signed in as");
      try (FileChannel shared =
              FileChannel.open(
                  data.resolve("gatehouse.db-shm"),
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock taken = lock(shared)) {
        assertThat(taken.isValid()).isTrue();
        HttpResponse<String> answer;
        do {
          answer = visit(gate, "/login", cookie);
        } while (answer.statusCode() == 200 && answer.body().contains("signed in as"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
        assertThat(visit(gate, "/password", cookie).statusCode()).isEqualTo(503);
      }
    }
  }

  @Test
  void aServiceMayShowItsKeyAtTheTokenEndpointByTheSchemeThatItsChallengeNames() throws Exception {
    try (GateProcess gate = GateProcess.demoHere(temp.resolve("data"))) {
      HttpResponse<String> answer =
          gate.client()
              .send(
                  gate.request("/auth/token", null)
                      .header(
                          "Authorization", "apikey " + gate.file("demo.json").getString("apiKey"))
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  @Test
  void aOneTimeLinkLeadsSomewhereWherePeopleHavePasswordsButNoSessions() throws Exception {
    Path data = temp.resolve("data");
    Path config = temp.resolve("gatehouse.yaml");
    Files.writeString(
        config,
        """
        listen: { port: 0 }
        data: data
        routes: [{ path: /, upstream: "http://127.0.0.1:9", accept: [basic] }]
        """);
    try (GateProcess gate = GateProcess.serveHere(config, data)) {
      gate.manage(
          "POST",
          "/accounts",
          new JsonObject().put("kind", "person").put("name", "bo").put("scopes", new JsonArray()));
      JsonObject link = gate.manage("POST", "/accounts/bo/password-reset", new JsonObject());
      URI address = URI.create(link.getString("link"));
      HttpResponse<String> page = visit(gate, address.getPath() + "?" + address.getQuery(), "");
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      HttpResponse<String> done =
          post(
              gate,
              address.getPath(),
              "application/json",
              new JsonObject()
                  .put("token", link.getString("token"))
                  .put("newPassword", "a long enough phrase"));
      assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
      assertThat(visit(gate, "/login", "").statusCode()).as("no sign-in page").isEqualTo(401);
    }
  }

  private static HttpResponse<String> visit(GateProcess gate, String path, String cookie)
      throws Exception {
    HttpRequest.Builder request =
        gate.request(path, null).header("Accept", "text/html").timeout(Duration.ofMinutes(1));
    if (!cookie.isEmpty()) {
      request.header("Cookie", cookie);
    }
    return gate.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(
      GateProcess gate, String path, String type, JsonObject body) throws Exception {
    return gate.client()
        .send(
            gate.request(path, null)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body.encode(), StandardCharsets.UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static FileLock lock(FileChannel shared) throws Exception {
    FileLock lock = null;
    while (lock == null) {
      lock = shared.tryLock(FIRST_LOCK_BYTE, LOCK_BYTES, false);
      LockSupport.parkNanos(100_000);
    }
    return lock;
  }
}
