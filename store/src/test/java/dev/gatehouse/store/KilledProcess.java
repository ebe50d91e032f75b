package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A process that works on a database until it is killed.
final class KilledProcess {

  private KilledProcess() {}

  /// Runs that program until its write-ahead log has that many bytes and it has had that many
  /// acknowledgements, kills it, and answers all that it had. Its arguments are the database and
  /// the prefix; its first line is "started", and then comes one for each acknowledgement.
  static List<String> linesOf(Class<?> program, int wanted, long logBytes, Path file, String prefix)
      throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                // A short life: its bytecode is the build's own and needs no proof
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:-BytecodeVerificationRemote",
                // No full collection because of the classes that it loads
                "-XX:MetaspaceSize=64m",
                "-Dorg.sqlite.tmpdir=" + file.getParent(),
                "-cp",
                System.getProperty("java.class.path"),
                program.getName(),
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

  /// Sees that the database is whole.
  static void checkFile(Path file) throws SQLException {
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
}
