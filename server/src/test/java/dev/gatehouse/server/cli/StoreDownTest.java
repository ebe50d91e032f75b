package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A database that does not answer, as behind a process that hangs while it holds it.
///
/// SQLite's processes agree by locks on bytes 120 to 127 of the shared-memory file
/// (sqlite.org/walformat.html §2.3.1); whoever holds them all keeps everybody else from reading and
/// writing, until it lets go.
@Timeout(180)
@Tag("end-to-end")
class StoreDownTest {

  private static final long FIRST_LOCK_BYTE = 120;
  private static final int LOCK_BYTES = 8;

  // Well-formed and never issued: it takes a look-up to know.
  private static final String UNKNOWN_KEY =
      "sk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0hs3GW";

  @TempDir Path temp;

  @Test
  void gateWhoseStoreIsDownAnswers503AndForgetsWhomItKnewAndRecovers() throws Exception {
    Path data = temp.resolve("data");
    try (GateProcess gate = GateProcess.demo(data)) {
      String key = gate.file("demo.json").getString("apiKey");
      String session = session(gate);
      assertThat(gate.get("/orders", key).statusCode()).isEqualTo(200);
      assertThat(gate.get("/orders", UNKNOWN_KEY).statusCode()).isEqualTo(401);
      assertThat(visit(gate, "/login", session).body()).contains("signed in as");

      try (FileChannel shared =
              FileChannel.open(
                  data.resolve("gatehouse.db-shm"),
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE);
          FileLock taken = lock(shared)) {
        long down = System.nanoTime();
        assertThat(taken.isValid()).isTrue();
        HttpResponse<String> answer;
        do {
          long begun = System.nanoTime();
          answer = gate.get("/orders", key);
          if (answer.statusCode() == 200) {
            assertThat(Duration.ofNanos(begun - down))
                .as("how long the gate went on to recall")
                .isLessThan(Duration.ofSeconds(1));
          }
        } while (answer.statusCode() == 200);
        unavailable(answer);
        // Each waits for as long as the store may take: all at once.
        try (ExecutorService callers = Executors.newCachedThreadPool()) {
          List<Callable<HttpResponse<String>>> calls =
              List.of(
                  () -> gate.get("/orders", UNKNOWN_KEY),
                  () -> gate.get("/orders", key),
                  () -> gate.get("/readyz", null),
                  () -> gate.get("/whoami", key),
                  () -> gate.admin("GET", "/keys", null),
                  () -> gate.admin("POST", "/accounts", "{\"kind\":\"person\",\"name\":\"a\"}"));
          for (Future<HttpResponse<String>> call : callers.invokeAll(calls)) {
            unavailable(call.get());
          }
          // A page, and one that does not say that the person is not signed in.
          for (Future<HttpResponse<String>> page :
              callers.invokeAll(
                  List.<Callable<HttpResponse<String>>>of(
                      () -> visit(gate, "/login", session),
                      () -> visit(gate, "/password", session)))) {
            assertThat(page.get().statusCode()).as(page.get().body()).isEqualTo(503);
          }
        }
        assertThat(gate.get("/healthz", null).statusCode())
            .as("the process is well")
            .isEqualTo(200);
        assertThat(gate.get("/orders", null).statusCode()).as("no credential").isEqualTo(401);
      }

      GateProcess.until(() -> status(gate, "/readyz", null) == 200);
      assertThat(gate.get("/orders", key).statusCode()).isEqualTo(200);
      assertThat(gate.get("/orders", UNKNOWN_KEY).statusCode()).isEqualTo(401);
      assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(200);
      assertThat(gate.err())
          .contains("The revocation feed can't be read", "The revocation feed is heard again")
          .doesNotContain("\tat ");
    }
  }

  /// The cookie of a new session of the demo's person.
  private static String session(GateProcess gate) throws Exception {
    return gate.client()
        .send(
            gate.request("/login", null)
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        gate.file("demo.json").getJsonObject("login").encode()))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .headers()
        .firstValue("Set-Cookie")
        .orElseThrow()
        .split(";", 2)[0];
  }

  /// What a browser gets that goes there.
  private static HttpResponse<String> visit(GateProcess gate, String path, String cookie)
      throws Exception {
    return gate.client()
        .send(
            gate.request(path, null).header("Cookie", cookie).header("Accept", "text/html").build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static FileLock lock(FileChannel shared) throws Exception {
    // Between two reads of the gate nobody holds a lock.
    FileLock lock = null;
    while (lock == null) {
      lock = shared.tryLock(FIRST_LOCK_BYTE, LOCK_BYTES, false);
      LockSupport.parkNanos(100_000);
    }
    return lock;
  }

  private static void unavailable(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    assertThat(answer.headers().firstValue("WWW-Authenticate")).isEmpty();
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("UNAVAILABLE");
  }

  private static int status(GateProcess gate, String path, @Nullable String key) {
    try {
      return gate.get(path, key).statusCode();
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }
}
