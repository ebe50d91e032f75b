package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a running gate removes by itself.
@Timeout(120)
@Tag("end-to-end")
class PurgedGateTest {

  @TempDir private Path temp;

  @Test
  void runningGateRemovesExpiredRows() throws Exception {
    try (PeopleGate gate = PeopleGate.in(temp, "")) {
      gate.person("ann");
      gate.session("ann", PeopleGate.PASSWORD);
      gate.tokens("ann", PeopleGate.PASSWORD);
      gate.process().manage("POST", "/accounts/ann/password-reset", new JsonObject());
      Path data = gate.process().data();
      List<String> ending = List.of("session", "refresh_token", "token_family", "password_reset");
      for (String table : ending) {
        assertThat(rows(data, table)).as(table).isPositive();
      }

      gate.restart(
          folder -> {
            for (String table : ending) {
              sql(folder, "UPDATE " + table + " SET expires_at = 1");
            }
            sql(folder, "UPDATE revocation_feed SET written_at = 1");
          });

      for (String table : ending) {
        GateProcess.until(() -> rows(data, table) == 0);
      }
      GateProcess.until(() -> rows(data, "revocation_feed WHERE written_at = 1") <= 1);
      assertThat(rows(data, "account WHERE name = 'ann'")).as("no account goes").isEqualTo(1);
    }
  }

  private static void sql(Path data, String change) throws SQLException {
    try (Connection connection = connect(data);
        Statement statement = connection.createStatement()) {
      statement.execute(change);
    }
  }

  private static long rows(Path data, String from) {
    try (Connection connection = connect(data);
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + from)) {
      assertThat(count.next()).isTrue();
      return count.getLong(1);
    } catch (SQLException failed) {
      throw new AssertionError(failed);
    }
  }

  private static Connection connect(Path data) throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
  }
}
