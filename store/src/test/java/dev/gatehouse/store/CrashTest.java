package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.revocation.FeedEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CrashTest {

  private static final int KILLS = 50;
  private static final int PAGE = 1000;

  @TempDir private Path folder;

  /// What the killed processes were told was done, over all of them.
  private final List<String> acknowledged = new ArrayList<>();

  @Test
  @Timeout(300)
  void nothingAcknowledgedIsLostOrComesBackWhenTheProcessIsKilledFiftyTimes() throws Exception {
    Path file = folder.resolve("gatehouse.db");
    // The seed is fixed; when the kill comes is as chance will have it.
    Random random = new Random(2);
    int wanted = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      // Every tenth is killed while it opens the database; the first, while it makes it.
      int lines = kill % 10 == 0 ? 0 : 1 + random.nextInt(100);
      wanted += lines;
      acknowledged.addAll(killAfter(lines, 1, file, "p" + kill));

      checkFile(file);
      checkState(file);
    }
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(wanted);
  }

  @Test
  @Timeout(300)
  void databaseThatWasKilledWhileItWasMadeOpensAllTheSame() throws Exception {
    for (int pages = 0; pages < 40; pages += 4) {
      Path file = Files.createDirectory(folder.resolve("made" + pages)).resolve("gatehouse.db");
      acknowledged.clear();
      acknowledged.addAll(killAfter(0, pages * 4096L, file, "p"));

      checkFile(file);
      checkState(file);
    }
  }

  /// Runs a [KeyMaker] until its write-ahead log has that many bytes and it has had that many
  /// acknowledgements, kills it, and answers all that it had.
  private List<String> killAfter(int wanted, long logBytes, Path file, String prefix)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Dorg.sqlite.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                KeyMaker.class.getName(),
                file.toString(),
                prefix)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (InputStream out = process.getInputStream()) {
      assertThat(line(out)).as("the process begins").isEqualTo("started");
      List<String> lines = new ArrayList<>();
      awaitLog(file, logBytes);
      while (lines.size() < wanted) {
        String line = line(out);
        assertThat(line).as("an acknowledgement of a process that nobody killed").isNotNull();
        lines.add(line);
      }
      // SIGKILL; by the handle, because Process would close the pipe before it is read out.
      process.toHandle().destroyForcibly();
      for (String line = line(out); line != null; line = line(out)) {
        lines.add(line);
      }
      return lines;
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  /// Waits until the process has opened the database so far that its log has that many bytes.
  private static void awaitLog(Path file, long bytes) {
    Path log = file.resolveSibling(file.getFileName() + "-wal");
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    // A log that is gone again has no bytes.
    while (log.toFile().length() < bytes) {
      assertThat(System.nanoTime()).as("the process opens the database").isLessThan(deadline);
      LockSupport.parkNanos(100_000);
    }
  }

  /// The next whole line; null at the end, or where the kill cut a line short.
  private static @Nullable String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toString();
      }
      line.append((char) b);
    }
    return null;
  }

  private static void checkFile(Path file) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      try (ResultSet integrity = statement.executeQuery("PRAGMA integrity_check")) {
        assertThat(integrity.next()).isTrue();
        assertThat(integrity.getString(1)).isEqualTo("ok");
      }
      try (ResultSet dangling = statement.executeQuery("PRAGMA foreign_key_check")) {
        assertThat(dangling.next()).isFalse();
      }
    }
  }

  private void checkState(Path file) {
    Map<String, StoredApiKey> keys = new HashMap<>();
    Map<String, Integer> rows = new HashMap<>();
    SqlSettings patient = SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
    try (SqlDatabase database = SqlDatabase.open(file, patient, Clock.systemUTC())) {
      String last = null;
      for (List<StoredApiKey> page = database.apiKeys().list(null, last, PAGE);
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
    for (StoredApiKey key : keys.values()) {
      int changes = (key.revokedAt() == null ? 0 : 1) + (key.successor() == null ? 0 : 1);
      assertThat(rows.getOrDefault(key.id(), 0)).as("feed rows of %s", key).isEqualTo(changes);
      if (key.successor() != null) {
        assertThat(keys).containsKey(key.successor());
      }
    }
    assertThat(keys.keySet()).containsAll(rows.keySet());
  }

  private static void checkAcknowledged(String[] line, Map<String, StoredApiKey> keys) {
    String id = line[1];
    StoredApiKey key = keys.get(id);
    if (key == null) {
      throw new AssertionError("lost, though it was acknowledged: " + String.join(" ", line));
    }
    switch (line[0]) {
      case "created" -> assertThat(key.createdAt()).isEqualTo(KeyMaker.CREATED);
      case "revoked" ->
          assertThat(key.revokedAt()).as("revoked %s", id).isEqualTo(KeyMaker.REVOKED);
      case "rotated" -> {
        assertThat(key.successor()).as("rotated %s", id).isEqualTo(line[2]);
        assertThat(key.expiresAt()).isEqualTo(KeyMaker.ENDS);
        assertThat(keys).containsKey(line[2]);
      }
      default -> throw new AssertionError("an unknown line: " + String.join(" ", line));
    }
  }
}
