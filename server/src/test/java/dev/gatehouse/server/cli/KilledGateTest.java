package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// SIGKILL while keys are created, rotated and revoked over the wire: what the gate acknowledged
/// still stands after a start on the same folder.
///
/// `-Dgatehouse.kills=50` kills that often; the build does it twice.
@Tag("end-to-end")
class KilledGateTest {

  private static final int KILLS = Integer.getInteger("gatehouse.kills", 2);
  private static final int CALLERS = 4;

  @TempDir Path temp;

  private enum State {
    ADMITTED,
    REFUSED,
    /// The gate was killed before it answered: either is right.
    UNKNOWN
  }

  /// A key as far as its caller knows.
  private static final class Known {
    final String id;
    final String secret;
    volatile State state = State.ADMITTED;
    volatile @Nullable Known successor;

    Known(JsonObject issued) {
      id = issued.getString("id");
      secret = issued.getString("key");
    }
  }

  @Test
  @Timeout(900)
  void nothingThatWasAcknowledgedIsLostOrComesBack() throws Exception {
    Random random = new Random(20_261_124);
    Queue<Known> known = new ConcurrentLinkedQueue<>();
    try (EchoApi api = new EchoApi();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS)) {
      Path config = config(api);
      Path data = temp.resolve("data");
      for (int kill = 0; kill <= KILLS; kill++) {
        try (GateProcess gate = GateProcess.serve(config, data, data.resolve("ca.crt"))) {
          if (kill == 0) {
            gate.manage(
                "POST",
                "/accounts",
                new JsonObject()
                    .put("kind", "service")
                    .put("name", "shop")
                    .put("scopes", new JsonArray(List.of("orders:read"))));
          }
          check(gate, known, kill == KILLS);
          if (kill < KILLS) {
            int enough = known.size() + 5 + random.nextInt(25);
            List<Future<?>> running = new ArrayList<>();
            for (int caller = 0; caller < CALLERS; caller++) {
              Random own = new Random(random.nextLong());
              running.add(callers.submit(() -> manageUntilKilled(gate, known, own)));
            }
            GateProcess.until(() -> known.size() >= enough);
            gate.end("KILL");
            for (Future<?> caller : running) {
              caller.get();
            }
          }
        }
      }
      checkDatabase(data);
    }
  }

  private Path config(EchoApi api) throws IOException {
    return Files.writeString(
        temp.resolve("gatehouse.yaml"),
        """
        listen: { port: 0 }
        data: data
        throttle: { failedAttemptsPerMinute: 1000000 }
        routes:
          - path: /orders
            upstream: %s
            accept: [apikey]
        """
            .formatted(api.address()));
  }

  private static @Nullable Void manageUntilKilled(
      GateProcess gate, Queue<Known> known, Random random) throws Exception {
    while (true) {
      Known key;
      try {
        key = issue(gate, "/keys", new JsonObject().put("owner", "shop").put("name", "n"));
      } catch (IOException killed) {
        return null;
      }
      known.add(key);
      int next = random.nextInt(4);
      if (next == 0) {
        continue;
      }
      key.state = State.UNKNOWN;
      try {
        if (next == 1) {
          gate.manage("POST", "/keys/" + key.id + "/revoke", null);
          key.state = State.REFUSED;
        } else {
          int overlap = next == 2 ? 0 : 3600;
          Known successor =
              issue(
                  gate,
                  "/keys/" + key.id + "/rotate",
                  new JsonObject().put("overlapSeconds", overlap));
          key.successor = successor;
          known.add(successor);
          key.state = overlap == 0 ? State.REFUSED : State.ADMITTED;
        }
      } catch (IOException killed) {
        return null;
      }
    }
  }

  private static Known issue(GateProcess gate, String path, JsonObject body) throws Exception {
    return new Known(gate.manage("POST", path, body));
  }

  // Every key of the last round, and in the end every key of all.
  private static void check(GateProcess gate, Queue<Known> known, boolean all) throws Exception {
    int from = all ? 0 : Math.max(0, known.size() - 60);
    for (Known key : known.stream().skip(from).toList()) {
      HttpResponse<String> answer = gate.get("/orders", key.secret);
      switch (key.state) {
        case ADMITTED ->
            assertThat(answer.statusCode()).as("acknowledged %s", key.id).isEqualTo(200);
        case REFUSED -> assertThat(answer.statusCode()).as("ended %s", key.id).isEqualTo(401);
        case UNKNOWN -> {
          // From now on it is what it is.
          assertThat(answer.statusCode()).isIn(200, 401);
          key.state = answer.statusCode() == 200 ? State.ADMITTED : State.REFUSED;
        }
      }
      Known successor = key.successor;
      if (successor != null) {
        assertThat(gate.manage("GET", "/keys/" + key.id, null).getString("successor"))
            .isEqualTo(successor.id);
      }
    }
    assertThat(gate.get("/readyz", null).statusCode()).isEqualTo(200);
    assertThat(gate.err()).doesNotContain("Exception", "WARN", "ERROR");
  }

  private static void checkDatabase(Path data) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
        Statement statement = connection.createStatement();
        ResultSet integrity = statement.executeQuery("PRAGMA integrity_check")) {
      assertThat(integrity.next()).isTrue();
      assertThat(integrity.getString(1)).isEqualTo("ok");
    }
  }
}
