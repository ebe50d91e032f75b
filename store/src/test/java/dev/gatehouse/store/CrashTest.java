package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.revocation.FeedEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `-Dgatehouse.kills=50` kills that often; the build does it five times.
@Tag("end-to-end")
class CrashTest {

  private static final int KILLS = Integer.getInteger("gatehouse.kills", 5);

  /// Pages of the log between two kills while a database is made.
  private static final int STEP = Math.max(1, 80 / KILLS);

  private static final int PAGE = 1000;

  @TempDir private Path folder;

  /// What the killed processes were told was done, over all of them.
  private final List<String> acknowledged = new ArrayList<>();

  @Test
  @Timeout(300)
  void nothingAcknowledgedIsLostOrComesBackWhenTheProcessIsKilled() throws Exception {
    Path file = folder.resolve("gatehouse.db");
    // The seed is fixed; when the kill comes is as chance will have it.
    Random random = new Random(2);
    int wanted = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      // Every fifth is killed while it opens the database; the first, while it makes it.
      int lines = kill % 5 == 0 ? 0 : 1 + random.nextInt(100);
      wanted += lines;
      acknowledged.addAll(KilledProcess.linesOf(KeyMaker.class, lines, 1, file, "p" + kill));

      KilledProcess.checkFile(file);
      checkState(file);
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(wanted);
  }

  @Test
  @Timeout(300)
  void databaseThatWasKilledWhileItWasMadeOpensAllTheSame() throws Exception {
    for (int pages = 0; pages < 40; pages += STEP) {
      Path file = Files.createDirectory(folder.resolve("made" + pages)).resolve("gatehouse.db");
      acknowledged.clear();
      acknowledged.addAll(KilledProcess.linesOf(KeyMaker.class, 0, pages * 4096L, file, "p"));

      KilledProcess.checkFile(file);
      checkState(file);
    }
  }

  private void checkState(Path file) {
    Map<String, IssuedCredential<StoredApiKey>> keys = new HashMap<>();
    Map<String, Integer> rows = new HashMap<>();
    SqlSettings patient = SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
    try (SqlDatabase database = SqlDatabase.open(file, patient, Clock.systemUTC())) {
      String last = null;
      for (List<IssuedCredential<StoredApiKey>> page = database.apiKeys().list(null, last, PAGE);
          !page.isEmpty();
          page = database.apiKeys().list(null, last, PAGE)) {
        page.forEach(key -> keys.put(key.id(), key));
        last = page.getLast().id();
      }
      long sequence = 0;
      for (List<FeedEntry> page = database.feed().after(sequence, PAGE);
          !page.isEmpty();
          page = database.feed().after(sequence, PAGE)) {
        page.forEach(row -> rows.merge(row.name(), 1, Integer::sum));
        sequence = page.getLast().sequence();
      }
    }
    for (String line : acknowledged) {
      checkAcknowledged(line.split(" ", -1), keys);
    }
    // Acknowledged or not, a change and its feed row stand together or not at all.
    for (IssuedCredential<StoredApiKey> key : keys.values()) {
      int changes = (key.revokedAt() == null ? 0 : 1) + (key.successor() == null ? 0 : 1);
      assertThat(rows.getOrDefault(key.id(), 0)).as("feed rows of %s", key).isEqualTo(changes);
      if (key.successor() != null) {
        assertThat(keys).containsKey(key.successor());
      }
    }
    assertThat(keys.keySet()).containsAll(rows.keySet());
  }

  private static void checkAcknowledged(
      String[] line, Map<String, IssuedCredential<StoredApiKey>> keys) {
    String id = line[1];
    IssuedCredential<StoredApiKey> key = keys.get(id);
    if (key == null) {
      throw new AssertionError("lost, though it was acknowledged: " + String.join(" ", line));
    }
    switch (line[0]) {
      case "created" -> assertThat(key.createdAt()).isEqualTo(KeyMaker.CREATED);
      case "revoked" ->
          assertThat(key.revokedAt()).as("revoked %s", id).isEqualTo(KeyMaker.REVOKED);
      case "rotated" -> {
        assertThat(key.successor()).as("rotated %s", id).isEqualTo(line[2]);
        assertThat(key.terms().expiresAt()).isEqualTo(KeyMaker.ENDS);
        assertThat(keys).containsKey(line[2]);
      }
      default -> throw new AssertionError("an unknown line: " + String.join(" ", line));
    }
  }
}
