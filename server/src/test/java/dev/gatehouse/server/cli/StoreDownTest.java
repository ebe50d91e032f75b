package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A database that does not answer, as behind a process that hangs while it holds it.
///
/// SQLite's processes agree by locks on bytes 120 to 127 of the shared-memory file
/// (sqlite.org/walformat.html §2.3.1); whoever holds them all keeps everybody else from reading and
/// writing, until it lets go.
@Timeout(180)
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
    try (EchoApi api = new EchoApi();
        GateProcess gate = GateProcess.serve(data, api.address())) {
      gate.manage(
          "POST",
          "/accounts",
          new JsonObject()
              .put("kind", "service")
              .put("name", "shop")
              .put("scopes", new JsonArray(List.of("a"))));
      String key =
          gate.manage("POST", "/keys", new JsonObject().put("owner", "shop").put("name", "n"))
              .getString("key");
      assertThat(gate.get("/x", key).statusCode()).isEqualTo(200);
      assertThat(gate.get("/x", UNKNOWN_KEY).statusCode()).isEqualTo(401);

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
          answer = gate.get("/x", key);
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
                  () -> gate.get("/x", UNKNOWN_KEY),
                  () -> gate.get("/x", key),
                  () -> gate.get("/readyz", null),
                  () -> gate.get("/whoami", key),
                  () -> gate.admin("GET", "/keys", null),
                  () -> gate.admin("POST", "/accounts", "{\"kind\":\"person\",\"name\":\"a\"}"));
          for (Future<HttpResponse<String>> call : callers.invokeAll(calls)) {
            unavailable(call.get());
          }
        }
        assertThat(gate.get("/healthz", null).statusCode())
            .as("the process is well")
            .isEqualTo(200);
        assertThat(gate.get("/x", null).statusCode()).as("no credential").isEqualTo(401);
      }

      GateProcess.until(() -> status(gate, "/readyz", null) == 200);
      assertThat(gate.get("/x", key).statusCode()).isEqualTo(200);
      assertThat(gate.get("/x", UNKNOWN_KEY).statusCode()).isEqualTo(401);
      assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(200);
      assertThat(gate.err())
          .contains("The revocation feed can't be read", "The revocation feed is heard again")
          .doesNotContain("\tat ");
    }
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
