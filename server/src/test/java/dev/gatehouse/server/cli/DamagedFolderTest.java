package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Starts on a data folder in which something is not as the gate left it.
@Timeout(120)
@Tag("end-to-end")
class DamagedFolderTest {

  @TempDir private static Path before;
  @TempDir private Path data;

  @BeforeAll
  static void stoppedGate() throws Exception {
    try (GateProcess gate = GateProcess.demo(before)) {
      gate.end("TERM");
    }
  }

  @BeforeEach
  void itsFolder() throws Exception {
    try (var files = Files.list(before)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            data.resolve(file.getFileName()),
            java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void databaseWithoutItsMasterKeyIsNotOpened() throws Exception {
    Files.delete(data.resolve("master.key"));
    refused("master.key is missing, and the database beside it is sealed under it");
    assertThat(data.resolve("master.key")).doesNotExist();
  }

  @Test
  void masterKeyThatSealedAnotherDatabaseIsSaid() throws Exception {
    Files.writeString(
        data.resolve("master.key"),
        java.util.Base64.getEncoder().encodeToString(new byte[32]) + "\n");
    refused("the master key is not the one that sealed the database in " + data);
  }

  @Test
  void brokenMasterKeyIsSaidWithoutQuotingIt() throws Exception {
    Files.writeString(data.resolve("master.key"), "not%base64\n");
    refused("master.key is no base64 text");
  }

  @Test
  void fileThatIsNoDatabaseIsSaid() throws Exception {
    deleteDatabase();
    Files.writeString(
        data.resolve("gatehouse.db"), "This is a letter, not a database.\n".repeat(99));
    refused("gatehouse.db");
  }

  @Test
  void databaseOfAnotherProgramIsLeftAlone() throws Exception {
    deleteDatabase();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE bookmarks (url TEXT)");
    }
    refused("gatehouse.db is an SQLite database, but not one of Gatehouse");
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
        Statement statement = connection.createStatement();
        ResultSet tables = statement.executeQuery("SELECT name FROM sqlite_schema")) {
      assertThat(tables.next()).isTrue();
      assertThat(tables.getString(1)).isEqualTo("bookmarks");
      assertThat(tables.next()).isFalse();
    }
  }

  @Test
  void databaseOfALaterVersionIsNotTouched() throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO gatehouse_schema_history"
              + " (installed_rank, version, description, type, script, checksum, installed_by,"
              + " installed_on, execution_time, success)"
              + " VALUES (999, '999', 'future', 'SQL', 'V999__future.sql', 1, 'x', '2030-01-01 00:00:00.000', 1, 1)");
    }
    refused("gatehouse.db belongs to a newer Gatehouse");
  }

  @Test
  void secretFileThatIsOpenToOthersIsRefused() throws Exception {
    for (String name : List.of("master.key", "admin.json")) {
      Files.setPosixFilePermissions(
          data.resolve(name), PosixFilePermissions.fromString("rw-r--r--"));
      refused(name);
      Files.setPosixFilePermissions(
          data.resolve(name), PosixFilePermissions.fromString("rw-------"));
    }
  }

  @Test
  void damagedCredentialFilesAreWrittenAnew() throws Exception {
    JsonObject old = new JsonObject(Files.readString(data.resolve("demo.json")));
    Files.writeString(data.resolve("admin.json"), "{\"apiKey\": 5");
    Files.writeString(data.resolve("demo.json"), "[]");
    try (GateProcess gate = GateProcess.demo(data)) {
      JsonObject file = gate.file("demo.json");
      assertThat(file.getString("apiKey")).isNotEqualTo(old.getString("apiKey"));
      assertThat(gate.get("/orders", file.getString("apiKey")).statusCode()).isEqualTo(200);
      assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(200);
    }
  }

  private void deleteDatabase() throws Exception {
    for (String name : List.of("gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm")) {
      Files.deleteIfExists(data.resolve(name));
    }
  }

  private void refused(String why) {
    CommandLineRun run = CommandLineRun.of("demo", "--port", "0", "--data", data.toString());
    assertThat(run.err()).startsWith("gatehouse: ").contains(why).hasLineCount(1);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
  }
}
