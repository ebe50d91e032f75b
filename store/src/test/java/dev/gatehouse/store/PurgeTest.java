package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.testkit.FixedClock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Purges of more rows than fit into one page or one change.
@Timeout(120)
class PurgeTest {

  private static final Instant NOW = Instant.ofEpochMilli(10_000);

  /// The numbers from 1 to 2500.
  private static final String NUMBERS =
      "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 2500) ";

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init")
  private SqlDatabase database;

  private Path file() {
    return folder.resolve("gatehouse.db");
  }

  @BeforeEach
  void open() {
    database =
        SqlDatabase.open(
            file(),
            SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1)),
            FixedClock.at("2026-01-01T00:00:00Z"));
    database
        .accounts()
        .add(
            new Account(
                "a1",
                Account.Kind.SERVICE,
                "a1",
                null,
                new TreeSet<>(),
                Scopes.NONE,
                false,
                NOW,
                0,
                1));
  }

  @AfterEach
  void close() {
    database.close();
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  private long count(String rows) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + rows)) {
      assertThat(count.next()).isTrue();
      return count.getLong(1);
    }
  }

  /// 2500 sessions, of which those of every tenth number expire after now, and the others at it.
  private void addSessions() throws SQLException {
    sql(
        NUMBERS
            + """
              INSERT INTO session (id, digest, account, generation, created_at, expires_at,
                last_seen_at, agent, address)
              SELECT printf('s%05d', n), randomblob(32), 'a1', 0, 1,
                CASE WHEN n % 10 = 0 THEN 10001 ELSE 10000 END, 5000, '', '' FROM number
              """);
  }

  @Test
  void manySessionsThatAreOverGoInManySmallChangesAndTheOthersStay() throws SQLException {
    addSessions();

    database.sessions().purge(NOW, Instant.ofEpochMilli(5000));

    assertThat(count("session")).isEqualTo(250);
    assertThat(count("session WHERE expires_at = 10001")).isEqualTo(250);

    database.sessions().purge(NOW, Instant.ofEpochMilli(5001));
    assertThat(count("session")).isZero();
  }

  @Test
  void usesOfManyAreNotedInManySmallChangesSoThatAFailureTakesOnlyItsOwn() throws SQLException {
    addSessions();
    sql(
        "CREATE TRIGGER refuse BEFORE UPDATE ON session WHEN NEW.id = 's02450'"
            + " BEGIN SELECT RAISE(ABORT, 'refused'); END");
    Map<String, Instant> uses = new HashMap<>();
    for (int n = 1; n <= 2500; n++) {
      uses.put("s%05d".formatted(n), NOW);
    }

    assertThatThrownBy(() -> database.sessions().touch(uses)).hasMessageContaining("refused");

    assertThat(count("session WHERE last_seen_at = 10000")).isEqualTo(2400);
  }

  @Test
  void sessionThatWasUsedSinceItWasFoundIdleStays() throws SQLException {
    addSessions();
    String good = database.sessions().list(null, "s00009", 1).getFirst().session().id();

    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        PreparedStatement remove = connection.prepareStatement(SqlSessionStore.REMOVE_OVER)) {
      remove.setLong(1, 10_000);
      remove.setLong(2, 5000);
      remove.setString(3, good);
      assertThat(remove.executeUpdate()).isZero();
      remove.setLong(2, 5001);
      assertThat(remove.executeUpdate()).isEqualTo(1);
    }
    assertThat(database.sessions().list(null, null, 1000))
        .extracting(SessionStore.Owned::session)
        .noneMatch(session -> session.id().equals(good));
  }

  @Test
  void manyTokensAndFamiliesThatAreOverGoInManySmallChangesAndTheOthersStay() throws SQLException {
    // A family for every tenth number, with ten tokens each; every fifth family has none that is
    // good, and the others have one.
    sql(
        NUMBERS
            + """
              INSERT INTO token_family
                (id, account, client_id, generation, created_at, expires_at)
              SELECT printf('f%05d', n), 'a1', 'web', 0, 1, 20000 FROM number WHERE n % 10 = 0
              """);
    sql(
        NUMBERS
            + """
              INSERT INTO refresh_token (digest, family, expires_at)
              SELECT randomblob(32), printf('f%05d', (n + 9) / 10 * 10),
                CASE WHEN n % 10 = 0 AND n % 50 <> 0 THEN 10001 ELSE 10000 END FROM number
              """);

    database.tokens().purge(NOW, NOW);

    assertThat(count("token_family")).isEqualTo(200);
    assertThat(count("refresh_token")).as("the spent ones too").isEqualTo(2000);

    database.accounts().replace(database.accounts().byId("a1").orElseThrow().withoutSignIns());
    database.tokens().purge(NOW, NOW);
    assertThat(count("token_family")).isZero();
    assertThat(count("refresh_token")).isZero();
  }

  @Test
  void familyOfMoreTokensThanFitIntoOneChangeGoesToo() throws SQLException {
    sql(
        """
        INSERT INTO token_family (id, account, client_id, generation, created_at, expires_at)
        VALUES ('f1', 'a1', 'web', 0, 1, 10000), ('f2', 'a1', 'web', 0, 1, 10001)
        """);
    for (String family : new String[] {"f1", "f2"}) {
      sql(
          NUMBERS
              + "INSERT INTO refresh_token (digest, family, expires_at)"
              + " SELECT randomblob(32), '"
              + family
              + "', 20000 FROM number");
    }

    database.tokens().purge(NOW, NOW);

    assertThat(count("token_family")).isEqualTo(1);
    assertThat(count("refresh_token WHERE family = 'f1'")).isZero();
    assertThat(count("refresh_token WHERE family = 'f2'")).isEqualTo(2500);
  }

  @Test
  void manyLinksThatEndedGoAndTheOthersStay() throws SQLException {
    sql(
        NUMBERS
            + """
              INSERT INTO account
                (id, kind, name, roles, scopes, disabled, created_at, generation, version)
              SELECT printf('u%05d', n), 'PERSON', printf('u%05d', n), '', '', FALSE, 1, 0, 1
              FROM number
              """);
    sql(
        NUMBERS
            + """
              INSERT INTO password_reset (account, digest, generation, expires_at)
              SELECT printf('u%05d', n), randomblob(32), 0,
                CASE WHEN n % 10 = 0 THEN 10000 ELSE 9999 END
              FROM number
              """);

    database.passwords().purgeResetsBefore(NOW);

    assertThat(count("password_reset")).isEqualTo(250);
    assertThat(count("password_reset WHERE expires_at = 10000")).isEqualTo(250);
  }

  @Test
  void manyInvitationsThatEndedGoAndTheOthersStay() throws SQLException {
    sql(
        NUMBERS
            + """
              INSERT INTO invitation (id, digest, roles, scopes, created_at, expires_at)
              SELECT printf('i%05d', n), randomblob(32), '', '', 1,
                CASE WHEN n % 10 = 0 THEN 10000 ELSE 9999 END
              FROM number
              """);

    database.invitations().purgeEndedBefore(NOW);

    assertThat(count("invitation")).isEqualTo(250);
    assertThat(count("invitation WHERE expires_at = 10000")).isEqualTo(250);
  }
}
