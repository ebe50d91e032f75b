package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.jwt.TokenFamily;
import dev.gatehouse.jwt.TokenStore;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.replay.ReplayStore.Kind;
import dev.gatehouse.replay.ReplayStore.Limits;
import dev.gatehouse.replay.ReplayStore.Recorded;
import dev.gatehouse.replay.ReplayStore.Use;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.StoredSession;
import dev.gatehouse.testkit.FixedClock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class MigrationTest {

  private static final Limits TEN_USES = Limits.of(10);
  private static final FixedClock CLOCK = FixedClock.at("2026-01-01T00:00:00Z");
  private static final SqlSettings PATIENT =
      SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));

  @TempDir private Path folder;

  /// A database as that version of the tables leaves it, with these rows.
  private Path made(String version, String... rows) throws SQLException {
    return made(SqliteFile.Kind.RECORDS, version, rows);
  }

  private Path made(SqliteFile.Kind kind, String version, String... rows) throws SQLException {
    Path file = folder.resolve("gatehouse.db");
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + file);
    SqliteFile.migrations(source, kind, CLOCK.instant()).target(version).load().migrate();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String row : rows) {
        statement.execute(row);
      }
    }
    return file;
  }

  @Test
  void accountsKeysAndFeedOfTheFirstVersionAreKeptAndNobodysSignInsHaveEnded() throws SQLException {
    Path file =
        made(
            "1",
            """
            INSERT INTO account (id, kind, name, email, roles, scopes, disabled, created_at, version)
            VALUES ('u_1', 'PERSON', 'alice', 'alice@example.com', 'reader writer', 'orders:read',
              FALSE, 1000, 7),
              ('s_1', 'SERVICE', 'robot', NULL, '', '', TRUE, 2000, 1)
            """,
            """
            INSERT INTO api_key
              (id, digest, hint, owner, name, scopes, networks, created_at)
            VALUES ('k_1', zeroblob(32), 'sk_live_abcd', 'u_1', 'deploy', 'orders:read', '', 3000)
            """,
            "INSERT INTO revocation_feed (kind, name, written_at) VALUES ('SUBJECT', 'u_1', 4000)");
    Account alice =
        new Account(
            "u_1",
            Account.Kind.PERSON,
            "alice",
            "alice@example.com",
            new TreeSet<>(Arrays.asList("reader", "writer")),
            Scopes.of("orders:read"),
            false,
            Instant.ofEpochMilli(1000),
            0,
            7);
    IssuedCredential<StoredApiKey> key =
        new IssuedCredential<>(
            "k_1",
            "u_1",
            new CredentialTerms("deploy", Scopes.of("orders:read"), null, List.of(), null),
            new StoredApiKey(Digest.of(new byte[Digest.BYTES]), "sk_live_abcd"),
            Instant.ofEpochMilli(3000));

    try (SqlDatabase database = SqlDatabase.open(file, PATIENT, CLOCK)) {
      assertThat(database.accounts().byId("u_1")).contains(alice);
      assertThat(database.accounts().byEmail("alice@example.com")).contains(alice);
      assertThat(database.accounts().byId("s_1").map(Account::generation)).contains(0L);
      assertThat(database.apiKeys().byDigest(key.material().digest()))
          .contains(new OwnedCredential<>(key, alice));
      assertThat(database.feed().after(0, 10))
          .containsExactly(
              new FeedEntry(1, FeedEntry.Kind.SUBJECT, "u_1", Instant.ofEpochMilli(4000)));

      StoredPassword password = new StoredPassword("p_1", "u_1", "hash", Instant.EPOCH);
      assertThat(database.passwords().bySignInName("alice"))
          .contains(new PasswordStore.Owned(alice, null));
      assertThat(database.passwords().replace(password, null)).isTrue();
      assertThat(database.passwords().bySignInName("alice"))
          .contains(new PasswordStore.Owned(alice.withoutSignIns(), password));
      assertThat(database.feed().newest()).isEqualTo(2);
    }
  }

  @Test
  void signInsOfTheSeventhVersionGoOnAndItIsNotKnownWithWhatTheyBegan() throws SQLException {
    Path file =
        made(
            "7",
            """
            INSERT INTO account
              (id, kind, name, roles, scopes, disabled, created_at, generation, version)
            VALUES ('u_1', 'PERSON', 'alice', '', '', FALSE, 1000, 3, 7)
            """,
            """
            INSERT INTO session
              (id, digest, account, generation, created_at, expires_at, last_seen_at, agent, address)
            VALUES ('ses_1', zeroblob(32), 'u_1', 3, 1000, 2000, 1500, 'agent', '::1')
            """,
            """
            INSERT INTO token_family (id, account, client_id, generation, created_at, expires_at)
            VALUES ('f_1', 'u_1', 'web', 3, 1000, 2000)
            """);

    try (SqlDatabase database = SqlDatabase.open(file, PATIENT, CLOCK)) {
      assertThat(database.sessions().byId("ses_1").map(SessionStore.Owned::session))
          .contains(
              new StoredSession(
                  "ses_1",
                  Digest.of(new byte[Digest.BYTES]),
                  "u_1",
                  3,
                  Instant.ofEpochMilli(1000),
                  null,
                  Instant.ofEpochMilli(2000),
                  Instant.ofEpochMilli(1500),
                  "agent",
                  "::1",
                  null));
      assertThat(database.tokens().family("f_1").map(TokenStore.Owned::family))
          .contains(
              new TokenFamily(
                  "f_1",
                  "u_1",
                  "web",
                  null,
                  3,
                  Instant.ofEpochMilli(1000),
                  Instant.ofEpochMilli(2000),
                  null));
    }
  }

  @Test
  void keysOfTheNinthVersionKnowTheKeyWithWhichTheirRotationsBegan() throws SQLException {
    Path file =
        made(
            "9",
            """
            INSERT INTO account
              (id, kind, name, roles, scopes, disabled, created_at, generation, version)
            VALUES ('s_1', 'SERVICE', 'robot', '', '', FALSE, 1000, 0, 1)
            """,
            """
            INSERT INTO api_key
              (id, digest, hint, owner, name, scopes, networks, created_at, successor)
            VALUES ('k_3', randomblob(32), '', 's_1', 'third', '', '', 3000, NULL),
              ('k_2', randomblob(32), '', 's_1', 'second', '', '', 2000, 'k_3'),
              ('k_1', randomblob(32), '', 's_1', 'first', '', '', 1000, 'k_2'),
              ('k_9', randomblob(32), '', 's_1', 'another', '', '', 1000, NULL)
            """);

    try (SqlDatabase database = SqlDatabase.open(file, PATIENT, CLOCK)) {
      assertThat(database.apiKeys().list("s_1", null, 10))
          .extracting(IssuedCredential::id, IssuedCredential::origin)
          .containsExactly(
              tuple("k_1", null), tuple("k_2", "k_1"), tuple("k_3", "k_1"), tuple("k_9", null));
    }
  }

  @Test
  void peopleOfTheFourthVersionAreLinkedAndInvited() throws SQLException {
    Path file =
        made(
            "4",
            """
            INSERT INTO account
              (id, kind, name, roles, scopes, disabled, created_at, generation, version)
            VALUES ('u_1', 'PERSON', 'alice', '', '', FALSE, 1000, 3, 7)
            """);
    Link link =
        new Link("lnk_1", "u_1", "github", "https://github.com", "1", "alice", Instant.EPOCH, null);

    try (SqlDatabase database = SqlDatabase.open(file, PATIENT, CLOCK)) {
      Account alice = database.accounts().byId("u_1").orElseThrow();
      assertThat(database.links().of("u_1")).isEmpty();
      assertThat(database.invitations().list(null, 10)).isEmpty();

      assertThat(database.links().add(link, 3)).isTrue();
      assertThat(database.links().byIdentity("https://github.com", "1"))
          .contains(new LinkStore.Owned(link, alice));
    }
  }

  @Test
  void usesOfTheFirstVersionAreKnownAndSignaturesFromBeforeTheTakeOverAreNeverTheFirst()
      throws SQLException {
    // It was signed 5 minutes ahead of the clock, with a window of 5 minutes.
    Instant ahead = CLOCK.instant().plusSeconds(300);
    Path file =
        made(
            SqliteFile.Kind.USES,
            "1",
            "INSERT INTO signature_use VALUES (zeroblob(32), "
                + ahead.plusSeconds(300).plusMillis(1).toEpochMilli()
                + ")");
    Digest digest = Digest.of(new byte[Digest.BYTES]);
    Digest other = Digest.sha256(new byte[0]);

    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, CLOCK, Limits.of(1))) {
      assertThat(used.record(signature(other, ahead.plusMillis(1))))
          .as("the use of before takes its place")
          .isEqualTo(new Recorded.Full());
    }
    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, CLOCK, TEN_USES)) {
      Use kept = signature(digest, ahead);
      assertThat(used.record(kept)).isEqualTo(new Recorded.Again());
      assertThat(used.record(signature(other, ahead))).isEqualTo(new Recorded.BeforeHorizon(ahead));
      assertThat(used.record(signature(other, ahead.plusMillis(1))))
          .isEqualTo(new Recorded.First());

      used.purge(Instant.parse("2027-01-01T00:00:00Z"));
      assertThat(used.record(kept)).isInstanceOf(Recorded.BeforeHorizon.class);
    }
    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, CLOCK, TEN_USES)) {
      assertThat(used.record(signature(digest, ahead))).isInstanceOf(Recorded.BeforeHorizon.class);
    }
  }

  @Test
  void signaturesOfTheThirdVersionUpToTheLatestOnRecordAreNeverTheFirst() throws SQLException {
    Instant latest = CLOCK.instant().plusSeconds(20);
    Path file =
        made(
            SqliteFile.Kind.USES,
            "3",
            "INSERT INTO signature_use (digest, refused_from, kind, horizon) VALUES (zeroblob(32), "
                + latest.plusSeconds(300).toEpochMilli()
                + ", 'SIGNATURE', "
                + latest.toEpochMilli()
                + ")",
            "INSERT INTO signature_use (digest, refused_from, kind, horizon) VALUES (randomblob(32), "
                + latest.plusSeconds(900).toEpochMilli()
                + ", 'ONE_TIME_CODE', "
                + latest.plusSeconds(900).toEpochMilli()
                + ")");

    try (SqlReplayStore used = SqlReplayStore.open(file, PATIENT, CLOCK, TEN_USES)) {
      assertThat(used.record(signature(Digest.of(new byte[Digest.BYTES]), latest)))
          .isEqualTo(new Recorded.Again());
      assertThat(used.record(signature(Digest.sha256(new byte[0]), latest)))
          .as("the same signature, by its digest of now")
          .isEqualTo(new Recorded.BeforeHorizon(latest));
      assertThat(used.record(signature(Digest.sha256(new byte[1]), latest.plusMillis(1))))
          .isEqualTo(new Recorded.First());
    }
  }

  private static Use signature(Digest digest, Instant time) {
    return new Use(Kind.SIGNATURE, "k", digest, time, time.plusSeconds(300));
  }

  @Test
  void peopleOfTheSeventhVersionStaySignedInAndLinkedAndLoseOnlyWhatProvidersIssued()
      throws SQLException {
    Path file =
        made(
            "7",
            """
            INSERT INTO account
              (id, kind, name, roles, scopes, disabled, created_at, generation, version)
            VALUES ('u_1', 'PERSON', 'alice', '', '', FALSE, 1000, 3, 7)
            """,
            """
            INSERT INTO provider_link
              (id, account, provider, issuer, subject, label, created_at, sealed_token)
            VALUES ('lnk_1', 'u_1', 'github', 'https://github.com', '1', 'alice', 0, 'by name')
            """,
            """
            INSERT INTO session
              (id, digest, account, generation, created_at, expires_at, last_seen_at, agent, address)
            VALUES ('ses_1', zeroblob(32), 'u_1', 3, 1000, 3000, 2000, 'Browser', '::1')
            """);
    Link link =
        new Link("lnk_1", "u_1", "github", "https://github.com", "1", "alice", Instant.EPOCH, null);
    StoredSession session =
        new StoredSession(
            "ses_1",
            Digest.of(new byte[Digest.BYTES]),
            "u_1",
            3,
            Instant.ofEpochMilli(1000),
            null,
            Instant.ofEpochMilli(3000),
            Instant.ofEpochMilli(2000),
            "Browser",
            "::1",
            null);

    try (SqlDatabase database = SqlDatabase.open(file, PATIENT, CLOCK)) {
      Account alice = database.accounts().byId("u_1").orElseThrow();
      assertThat(database.links().byIdentity("https://github.com", "1"))
          .contains(new LinkStore.Owned(link, alice));
      assertThat(database.sessions().byDigest(session.digest()))
          .contains(new SessionStore.Owned(session, alice));
      assertThat(database.links().token("u_1", "https://github.com")).isEmpty();
    }
  }
}
