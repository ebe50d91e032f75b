package dev.gatehouse.store;

import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.secret.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/// A process that records uses and forgets them until it is killed, and writes a line for each once
/// its store has acknowledged it. Its arguments: the file, and the number of its first use.
final class UseMaker {

  static final ReplayStore.Limits LIMITS = ReplayStore.Limits.of(1_000_000);

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int RECORDERS = 4;

  private UseMaker() {}

  public static void main(String[] args) throws InterruptedException {
    KeyMaker.say("started");
    int first = Integer.parseInt(args[1]);
    SqlReplayStore used =
        SqlReplayStore.open(
            Path.of(args[0]),
            new SqlSettings(Duration.ofMinutes(1), 1, RECORDERS + 1),
            Clock.systemUTC(),
            LIMITS);
    for (int i = 0; i < RECORDERS; i++) {
      int recorder = i;
      Thread.ofPlatform()
          .start(
              () -> {
                for (int n = first + recorder; ; n += RECORDERS) {
                  used.record(use(n));
                  KeyMaker.say(Integer.toString(n));
                  used.purge(use(n - 10 * RECORDERS).until());
                }
              });
    }
    Thread.currentThread().join();
  }

  /// The use of that number: the higher, the later.
  static Use use(int number) {
    Instant time = START.plusMillis(number);
    byte[] name = ("use " + number).getBytes(StandardCharsets.UTF_8);
    return new Use(Kind.SIGNATURE, "k", Digest.sha256(name), time, time.plusSeconds(300));
  }
}
