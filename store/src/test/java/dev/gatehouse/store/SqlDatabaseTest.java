package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.jwt.StoredRefreshToken;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.StoredSession;
import dev.gatehouse.signing.StoredSigningKey;
import dev.gatehouse.testkit.FixedClock;
import dev.gatehouse.testkit.Race;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SqlDatabaseTest {

  private static final FixedClock CLOCK = FixedClock.at("2026-01-01T00:00:00Z");
  private static final SqlSettings HASTY = new SqlSettings(Duration.ofMillis(1), 1, 1);

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("gatehouse.db");
  }

  private SqlDatabase open() {
    return SqlDatabase.open(file(), SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1)), CLOCK);
  }

  private static Account account(String id) {
    return new Account(
        id,
        Account.Kind.SERVICE,
        "name of " + id,
        null,
        new TreeSet<>(),
        Scopes.NONE,
        false,
        Instant.EPOCH,
        0,
        1);
  }

  private void sql(String statement) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement made = connection.createStatement()) {
      made.execute(statement);
    }
  }

  @Test
  void whatWasStoredIsThereAfterReopening() {
    Instant later = Instant.EPOCH.plusSeconds(60);
    StoredPassword password = new StoredPassword("p1", "a1", "hash", Instant.EPOCH);
    StoredSession session =
        new StoredSession(
            "s1",
            digest("s1"),
            "a1",
            1,
            Instant.EPOCH,
            null,
            later,
            Instant.EPOCH,
            "agent",
            "::1",
            "p1");
    TokenFamily family =
        new TokenFamily("f1", "a1", "web", Scopes.NONE, 1, Instant.EPOCH, later, null, null, "p1");
    try (SqlDatabase database = open()) {
      database.accounts().add(account("a1"));
      database.passwords().replace(password, null);
      database.passwords().addReset("a1", digest("link"), later);
      database.sessions().add(session);
      database.tokens().add(family, new StoredRefreshToken(digest("t1"), "f1", later));
      use(database, "t1", "t2", "sealed t2");
    }
    try (SqlDatabase database = open()) {
      Account owner = account("a1").withoutSignIns();
      assertThat(database.accounts().byId("a1")).contains(owner);
      assertThat(database.passwords().byAccount("a1"))
          .contains(new PasswordStore.Owned(owner, password));
      assertThat(database.passwords().byReset(digest("link"), Instant.EPOCH)).contains(owner);
      assertThat(database.sessions().byDigest(digest("s1")))
          .contains(new SessionStore.Owned(session, owner));
      assertThat(database.tokens().family("f1")).contains(new TokenStore.Owned(family, owner));
      assertThat(use(database, "t1", "t3", "sealed t3"))
          .isEqualTo(new TokenStore.Use.Again("sealed t2"));
      assertThat(use(database, "t2", "t3", "sealed t3")).isEqualTo(new TokenStore.Use.Rotated());
    }
  }

  private static TokenStore.Use use(
      SqlDatabase database, String token, String successor, String sealed) {
    return database
        .tokens()
        .use(
            digest(token),
            Instant.EPOCH,
            new StoredRefreshToken(digest(successor), "f1", Instant.EPOCH.plusSeconds(60)),
            sealed,
            Duration.ofSeconds(1));
  }

  private static Digest digest(String text) {
    return Digest.sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void databaseIsReadableForItsOwnerAlone() throws IOException {
    try (SqlDatabase database = open()) {
      database.accounts().add(account("a1"));

      List<Path> files;
      try (var listed = Files.list(folder)) {
        files = listed.toList();
      }
      assertThat(files)
          .extracting(Path::getFileName)
          .extracting(Path::toString)
          .contains("gatehouse.db", "gatehouse.db-wal", "gatehouse.db-shm");
      for (Path file : files) {
        assertThat(Files.getPosixFilePermissions(file))
            .as(file.toString())
            .containsExactlyInAnyOrder(
                PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
      }
    }
  }

  @Test
  void closedDatabaseLeavesOneFile() throws IOException {
    open().close();

    try (var listed = Files.list(folder)) {
      assertThat(listed).containsExactly(file());
    }
  }

  @Test
  void connectionsThatCloseAtOnceLeaveOneFile() throws IOException, SQLException {
    SqliteFile file =
        SqliteFile.open(file(), SqliteFile.Kind.RECORDS, Duration.ofSeconds(5), Clock.systemUTC());
    for (int round = 0; round < 300; round++) {
      List<Handle> handles = List.of(file.writer(), file.reader());

      Race.of(
          handles.size(),
          number -> {
            file.close(handles.get(number));
            return number;
          });

      try (var listed = Files.list(folder)) {
        assertThat(listed).as("round %s", round).containsExactly(file());
      }
    }
  }

  @Test
  void connectionsKeepEveryCommitAndEveryForeignKey() throws SQLException {
    open().close();
    SqliteFile file =
        SqliteFile.open(file(), SqliteFile.Kind.RECORDS, Duration.ofSeconds(5), Clock.systemUTC());
    try (var writer = file.writer();
        var reader = file.reader()) {
      assertThat(pragma(writer.getConnection(), "journal_mode")).isEqualTo("wal");
      assertThat(pragma(writer.getConnection(), "synchronous")).isEqualTo("2"); // FULL
      assertThat(pragma(writer.getConnection(), "foreign_keys")).isEqualTo("1");
      assertThat(pragma(writer.getConnection(), "busy_timeout")).isEqualTo("5000");
      assertThat(pragma(reader.getConnection(), "query_only")).isEqualTo("1");
    }
  }

  private static String pragma(Connection connection, String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet value = statement.executeQuery("PRAGMA " + name)) {
      assertThat(value.next()).isTrue();
      return value.getString(1);
    }
  }

  @Test
  void everyLookUpPageAndPurgeIsAnsweredFromAnIndex() throws SQLException {
    open().close();
    for (String statement :
        List.of(
            SqlApiKeyStore.BY_DIGEST,
            SqlApiKeyStore.TABLE.select("WHERE k.id = ?"),
            SqlApiKeyStore.TABLE.listOfOwner(),
            SqlApiKeyStore.TABLE.ends(),
            SqlApiKeyStore.TABLE.findEnded(),
            SqlApiKeyStore.TABLE.removeEnded(),
            SqlSignatureKeyStore.TABLE.listOfOwner(),
            SqlClientCertificateStore.TABLE.listOfOwner(),
            SqlClientCertificateStore.TABLE.ofSharedName(),
            SqlClientCertificateStore.TABLE.removeEnded(),
            SqlPasswordStore.BY_NAME,
            SqlPasswordStore.BY_EMAIL,
            SqlPasswordStore.BY_ACCOUNT,
            SqlPasswordStore.BY_RESET,
            SqlPasswordStore.PURGE,
            SqlSessionStore.BY_DIGEST,
            SqlSessionStore.BY_ID,
            SqlSessionStore.LIST_ALL,
            SqlSessionStore.LIST_OF_ACCOUNT,
            SqlSessionStore.FIND_OVER,
            SqlSessionStore.REMOVE_OVER,
            SqlTokenStore.BY_ID,
            SqlTokenStore.BY_TOKEN,
            SqlTokenStore.USABLE,
            SqlTokenStore.LIST_ALL,
            SqlTokenStore.LIST_OF_ACCOUNT,
            SqlTokenStore.FIND_OVER,
            SqlTokenStore.REMOVE_TOKENS,
            SqlTokenStore.REMOVE_OVER,
            SqlTokenStore.FIND_CLOSED,
            SqlTokenStore.FORGET_CLOSED,
            SqlLinkStore.BY_IDENTITY,
            SqlLinkStore.OF_ACCOUNT,
            SqlInvitationStore.BY_DIGEST,
            SqlDeniedTokenStore.DENYING,
            SqlDeniedTokenStore.LIST,
            SqlDeniedTokenStore.FIND_OVER,
            SqlDeniedTokenStore.REMOVE_OVER,
            SqlUsageStore.FIND_UNUSED,
            SqlInvitationStore.LIST,
            SqlInvitationStore.PURGE)) {
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
          Statement explain = connection.createStatement();
          ResultSet plan = explain.executeQuery("EXPLAIN QUERY PLAN " + statement)) {
        while (plan.next()) {
          String step = plan.getString("detail");
          // "CORRELATED SCALAR SUBQUERY 1" and the like only head the steps that follow.
          if (!step.matches(
              "[A-Z ]*SUBQUERY( \\d+)?|LEFT-MOST SUBQUERY|COMPOUND QUERY|UNION ALL")) {
            assertThat(step).as(statement).matches("SEARCH .* USING .*(INDEX|PRIMARY KEY).*");
          }
        }
      }
    }
  }

  @Test
  void pingAnswersWhileTheDatabaseIsOpenOnly() {
    SqlDatabase database = open();
    assertThatCode(database::ping).doesNotThrowAnyException();

    database.close();

    assertThatThrownBy(database::ping).isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void closedDatabaseIsUnavailable() {
    SqlDatabase database = open();
    database.close();
    database.close();

    assertThatThrownBy(() -> database.accounts().add(account("a1")))
        .isInstanceOf(StoreUnavailableException.class)
        .hasMessageContaining("closed; nothing changed");
    assertThatThrownBy(() -> database.accounts().byId("a1"))
        .isInstanceOf(StoreUnavailableException.class);
  }

  @Test
  void callerWhoWaitsBehindASlowChangeIsToldThatNothingChanged() throws Exception {
    try (SqlDatabase database = SqlDatabase.open(file(), HASTY, CLOCK)) {
      try (StalledWriter stalled = stall(database)) {
        assertThat(stalled.failure()).hasMessageContaining("the outcome is unknown");
        assertThatThrownBy(() -> database.accounts().add(account("late")))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("no answer within 1 ms; nothing changed");
        assertThatThrownBy(() -> database.accounts().add(account("later")))
            .isInstanceOf(StoreUnavailableException.class)
            .hasMessageContaining("too many wait for it; nothing changed");
      }
    }
    try (SqlDatabase database = open()) {
      assertThat(database.accounts().byId("stalled").map(Account::disabled)).contains(true);
      assertThat(database.accounts().byId("late")).isEmpty();
      assertThat(database.accounts().byId("later")).isEmpty();
    }
  }

  @Test
  void interruptedCallerStaysInterruptedAndGetsNoAnswer() {
    try (SqlDatabase database = open()) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> database.accounts().byId("a1"))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("interrupted");

      assertThat(Thread.interrupted()).isTrue();
    }
  }

  /// A change that is committed, but not acknowledged until this is closed.
  private record StalledWriter(CountDownLatch release, Throwable failure) implements AutoCloseable {
    @Override
    public void close() {
      release.countDown();
    }
  }

  private StalledWriter stall(SqlDatabase database) throws Exception {
    try (SqlDatabase other = open()) {
      assertThat(other.accounts().add(account("stalled"))).isTrue();
    }
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch heard = new CountDownLatch(1);
    database
        .feed()
        .onCommit(
            row -> {
              heard.countDown();
              try {
                release.await();
              } catch (InterruptedException closing) {
                Thread.currentThread().interrupt();
              }
            });
    StoreUnavailableException failure = null;
    while (failure == null) {
      // So short a limit may pass before the writer takes the change up: try again.
      try {
        database.accounts().replace(account("stalled").withDisabled(true));
      } catch (StoreUnavailableException late) {
        if (Objects.requireNonNull(late.getMessage()).contains("unknown")) {
          heard.await();
          failure = late;
        }
      }
    }
    return new StalledWriter(release, failure);
  }

  @Test
  void listenerThatWritesIsToldNotTo() {
    try (SqlDatabase database = open()) {
      database.accounts().add(account("a1"));
      AtomicReference<Throwable> told = new AtomicReference<>();
      database
          .feed()
          .onCommit(
              row -> {
                try {
                  database.accounts().add(account("a2"));
                } catch (IllegalStateException refused) {
                  told.set(refused);
                }
              });

      database.accounts().replace(account("a1").withDisabled(true));

      assertThat(told.get()).hasMessageContaining("must not write");
    }
  }

  @Test
  void diskThatFailsIsUnavailableAndWorksAgainWhenItDoes() throws SQLException {
    try (SqlDatabase database = open()) {
      sql(
          """
          CREATE TRIGGER full_disk BEFORE INSERT ON account
          BEGIN SELECT json('broken'); END
          """);
      assertThatThrownBy(() -> database.accounts().add(account("a1")))
          .isInstanceOf(StoreUnavailableException.class)
          .hasMessageContaining("nothing changed");

      sql("DROP TRIGGER full_disk");

      assertThat(database.accounts().add(account("a1"))).isTrue();
      assertThat(database.accounts().byId("a1")).isPresent();
    }
  }

  @Test
  void damagedRowIsUnavailableRatherThanGuessedAt() throws SQLException {
    try (SqlDatabase database = open()) {
      database.accounts().add(account("a1"));
      sql("UPDATE account SET scopes = '\"' WHERE id = 'a1'");

      assertThatThrownBy(() -> database.accounts().byId("a1"))
          .isInstanceOf(StoreUnavailableException.class);
    }
  }

  @Test
  void failureTellsNoDigestAndNoSealedKey() {
    try (SqlDatabase database = open()) {
      var key = new StoredSigningKey("k1", "identity", "{}", "sealed-secret", Instant.EPOCH, null);
      database.signingKeys().add(key, "", key.createdAt());

      assertThatThrownBy(() -> database.signingKeys().add(key, "k1", key.createdAt()))
          .isInstanceOf(IllegalArgumentException.class)
          .satisfies(
              failure ->
                  assertThat(stackTrace(failure))
                      .doesNotContain("sealed-secret")
                      .contains("signing_key.id"));
    }
  }

  private static String stackTrace(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  void changesAcceptedBeforeClosingAreFinished() {
    List<CompletableFuture<Boolean>> adding = new ArrayList<>();
    SqlDatabase database = open();
    for (int i = 0; i < 50; i++) {
      String id = "a" + i;
      CompletableFuture<Boolean> added = new CompletableFuture<>();
      adding.add(added);
      Thread.startVirtualThread(
          () -> {
            try {
              added.complete(database.accounts().add(account(id)));
            } catch (StoreUnavailableException closed) {
              added.complete(false);
            }
          });
    }
    adding.getFirst().join();
    database.close();

    try (SqlDatabase reopened = open()) {
      for (int i = 0; i < adding.size(); i++) {
        assertThat(reopened.accounts().byId("a" + i).isPresent()).isEqualTo(adding.get(i).join());
      }
    }
  }

  @Test
  void fileThatIsNoDatabaseIsNamedInOneLine() throws IOException {
    Files.writeString(file(), "not a database ".repeat(100), StandardCharsets.UTF_8);

    assertUnusable("is not an SQLite database: name another file, or restore a backup");
    assertThat(file()).content().startsWith("not a database");
  }

  @Test
  void databaseOfAnotherProgramIsNamedInOneLine() throws SQLException {
    sql("CREATE TABLE recipe (name TEXT)");

    assertUnusable("is an SQLite database, but not one of Gatehouse: name another file");
  }

  @Test
  void databaseOfANewerGatehouseIsNamedInOneLine() throws SQLException {
    open().close();
    sql(
        """
        INSERT INTO gatehouse_schema_history
          (installed_rank, version, description, type, script, checksum, installed_by,
           installed_on, execution_time, success)
        VALUES (99, '9999', 'from the future', 'SQL', 'V9999__from_the_future.sql', 1, 'us',
          '2030-01-01 00:00:00', 1, 1)
        """);

    assertUnusable(
        "belongs to a newer Gatehouse: start that version, or restore the backup from before the"
            + " upgrade");
  }

  @Test
  void databaseOfADifferentBuildIsNamedInOneLine() throws SQLException {
    open().close();
    sql("UPDATE gatehouse_schema_history SET checksum = 1 WHERE version = '1'");

    assertUnusable(
        "was made by a different build of Gatehouse: start the build that made it, or restore a"
            + " backup");
  }

  @Test
  void damagedDatabaseIsNamedInOneLine() throws IOException {
    open().close();
    byte[] bytes = Files.readAllBytes(file());
    Arrays.fill(bytes, 100, bytes.length, (byte) 0x5a);
    Files.write(file(), bytes);

    assertUnusable("is damaged: restore a backup");
  }

  @Test
  void folderInPlaceOfTheFileIsNamedInOneLine() throws IOException {
    Files.createDirectory(file());

    assertThatThrownBy(this::open)
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessage(file() + " is not a file: name a file for the database");
  }

  @Test
  void folderThatIsMissingIsNamedInOneLine() {
    Path lost = folder.resolve("missing").resolve("gatehouse.db");

    assertThatThrownBy(() -> SqlDatabase.open(lost))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessage(
            "the database "
                + lost
                + " can't be created: check that its folder exists and that this user may write to it");
  }

  @Test
  void databaseThatAnotherProgramHoldsIsNamedInOneLine() throws SQLException {
    open().close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement holding = connection.createStatement()) {
      holding.execute("PRAGMA locking_mode = EXCLUSIVE");
      holding.execute("BEGIN EXCLUSIVE");

      assertThatThrownBy(() -> SqlDatabase.open(file(), HASTY, CLOCK))
          .isInstanceOf(UnusableDatabaseException.class)
          .hasMessage(
              "the database "
                  + file()
                  + " is in use by another program: end that program, then start again");
    }
  }

  private void assertUnusable(String why) {
    assertThatThrownBy(this::open)
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessage("the database " + file() + " " + why);
  }
}
