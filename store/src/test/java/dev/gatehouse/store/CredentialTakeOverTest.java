package dev.gatehouse.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificateStore.CrlEntry;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.testkit.FixedClock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteDataSource;

/// A database of the fourteenth version, in which each kind of credential had a table of its own,
/// is taken over: every credential is good, or has ended, as before.
class CredentialTakeOverTest {

  private static final FixedClock CLOCK = FixedClock.at("2026-01-01T00:00:00Z");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final long CREATED = NOW.minus(Duration.ofDays(10)).toEpochMilli();
  private static final long OVER = NOW.minus(Duration.ofDays(2)).toEpochMilli();
  private static final long LATER = NOW.plus(Duration.ofDays(1)).toEpochMilli();
  private static final SqlSettings PATIENT =
      SqlSettings.DEFAULTS.withTimeout(Duration.ofMinutes(1));
  private static final ApiKeySettings API_KEYS = ApiKeySettings.inRealm("test");
  private static final Seal SEAL = new Seal(new byte[32]);
  private static final String WEBHOOK_SECRET = "whsec_a secret of a vendor";
  private static final String OWN_CA = "ca_own";
  private static final CertificateName FINGERPRINT =
      CertificateName.of(CertificateName.Kind.FINGERPRINT, "ab".repeat(32));

  private static final String ACCOUNTS =
      """
      INSERT INTO account
        (id, kind, name, roles, scopes, disabled, created_at, generation, version)
      VALUES ('s_1', 'SERVICE', 'robot', '', 'orders:read orders:write', FALSE, 1000, 0, 1),
        ('s_2', 'SERVICE', 'disabled', '', 'orders:read orders:write', TRUE, 1000, 0, 1)
      """;

  /// What a credential was in the old tables: the columns that all three had.
  private record Row(String id, String owner, String expires, String revoked, String successor) {

    static Row of(String id) {
      return new Row(id, "s_1", "NULL", "NULL", "NULL");
    }

    Row owner(String account) {
      return new Row(id, account, expires, revoked, successor);
    }

    Row expires(long at) {
      return new Row(id, owner, Long.toString(at), revoked, successor);
    }

    Row revoked(long at) {
      return new Row(id, owner, expires, Long.toString(at), successor);
    }

    Row rotated(String next, long until) {
      return new Row(id, owner, Long.toString(until), revoked, "'" + next + "'");
    }

    String insert(String table, String columns, String values) {
      return "INSERT INTO "
          + table
          + " (id, owner, name, scopes, expires_at, networks, requests_per_minute, created_at,"
          + " last_used_at, revoked_at, successor, "
          + columns
          + ") VALUES ("
          + String.join(
              ", ",
              "'" + id + "'",
              "'" + owner + "'",
              "'name of " + id + "'",
              "'orders:read orders:write'",
              expires,
              "'10.0.0.0/8 2001:db8::/32'",
              "600",
              Long.toString(CREATED),
              Long.toString(CREATED + 1),
              revoked,
              successor,
              values)
          + ")";
    }
  }

  @TempDir private Path folder;
  private @Nullable SqlDatabase opened;
  private final Map<String, CredentialIssuance.Issued<StoredApiKey>> made = new HashMap<>();

  @BeforeEach
  void takeOver() throws SQLException {
    List<String> rows = new ArrayList<>();
    rows.add(ACCOUNTS);
    for (Row row :
        List.of(
            Row.of("k_live"),
            Row.of("k_disabled").owner("s_2"),
            Row.of("k_revoked").revoked(OVER),
            Row.of("k_expired").expires(OVER),
            Row.of("k_next"),
            Row.of("k_rotated").rotated("k_next", LATER))) {
      rows.add(apiKey(row, row.id.equals("k_next") ? "'k_rotated'" : "NULL"));
    }
    // The first of its rotations was forgotten.
    rows.add(apiKey(Row.of("k_third"), "'k_first'"));
    for (Row row :
        List.of(
            Row.of("h_live"),
            Row.of("h_disabled").owner("s_2"),
            Row.of("h_revoked").revoked(OVER),
            Row.of("h_expired").expires(OVER),
            Row.of("h_third"),
            Row.of("h_second").rotated("h_third", LATER),
            Row.of("h_first").rotated("h_second", OVER))) {
      rows.add(signatureKey(row, "NULL", "a secret of " + row.id));
    }
    rows.add(signatureKey(Row.of("h_hook"), "'payments'", WEBHOOK_SECRET));
    rows.add(signatureKey(Row.of("h_hookRevoked").revoked(OVER), "'payments'", WEBHOOK_SECRET));
    rows.add(certificate(Row.of("c_live"), "ca_1", "dns:live.example", null));
    rows.add(certificate(Row.of("c_revoked").revoked(OVER), "ca_1", "dns:old.example", null));
    rows.add(certificate(Row.of("c_twin").revoked(OVER), "ca_1", "dns:live.example", null));
    rows.add(certificate(Row.of("c_print1"), "ca_1", FINGERPRINT.toString(), null));
    rows.add(certificate(Row.of("c_print2"), "ca_2", FINGERPRINT.toString(), null));
    rows.add(certificate(Row.of("c_issued").expires(LATER), OWN_CA, ownName("c0"), "c0"));
    rows.add(certificate(Row.of("c_next").expires(LATER), OWN_CA, ownName("c1"), "c1"));
    rows.add(
        certificate(Row.of("c_replaced").rotated("c_next", OVER), OWN_CA, ownName("c2"), "c2"));
    rows.add(
        certificate(Row.of("c_ended").expires(LATER).revoked(OVER), OWN_CA, ownName("c3"), "c3"));
    SQLiteDataSource source = source();
    SqliteFile.migrations(source, SqliteFile.Kind.RECORDS, NOW).target("14").load().migrate();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN"); // a rotated one names a successor that comes later
      for (String row : rows) {
        statement.execute(row);
      }
      statement.execute("COMMIT");
    }
    opened = SqlDatabase.open(file(), PATIENT, CLOCK);
  }

  @AfterEach
  void close() {
    database().close();
  }

  private SqlDatabase database() {
    return Objects.requireNonNull(opened);
  }

  private Path file() {
    return folder.resolve("gatehouse.db");
  }

  private SQLiteDataSource source() {
    return sourceOf(file());
  }

  private static SQLiteDataSource sourceOf(Path file) {
    SQLiteDataSource source = new SQLiteDataSource();
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  private String apiKey(Row row, String origin) {
    CredentialIssuance.Issued<StoredApiKey> issued = newKey();
    made.put(row.id, issued);
    return row.insert(
        "api_key",
        "digest, hint, origin",
        "x'"
            + HexFormat.of().formatHex(issued.credential().material().digest().bytes())
            + "', 'sk_live_abcd', "
            + origin);
  }

  private CredentialIssuance.Issued<StoredApiKey> made(String id) {
    return Objects.requireNonNull(made.get(id));
  }

  // A key of a gate that is not this one, of which the text and the digest are known.
  private static CredentialIssuance.Issued<StoredApiKey> newKey() {
    InMemoryAccountStore accounts = new InMemoryAccountStore(new InMemoryRevocationFeed(CLOCK));
    Accounts known = new Accounts(accounts, Roles.NONE, CLOCK);
    known.add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.NONE);
    ApiKeys keys = new ApiKeys(API_KEYS, new InMemoryApiKeyStore(accounts), known, CLOCK);
    return (CredentialIssuance.Issued<StoredApiKey>)
        keys.issue(new CredentialRequest("shop", "key", null, null, List.of(), null));
  }

  private static String signatureKey(Row row, String webhook, String secret) {
    String sealed = SEAL.seal(secret, "signature_key/" + row.id + "/material");
    return row.insert(
        "signature_key",
        "algorithm, material, webhook, hosts",
        "'hmac-sha256', '" + sealed + "', " + webhook + ", 'api.example.com localhost'");
  }

  private static String certificate(Row row, String ca, String identity, @Nullable String serial) {
    return row.insert(
        "client_certificate",
        "ca, identity, serial, not_after, certificate",
        "'"
            + ca
            + "', '"
            + identity
            + "', "
            + (serial == null ? "NULL, NULL, NULL" : "'" + serial + "', " + LATER + ", 'pem'"));
  }

  private static String ownName(String serial) {
    return "fingerprint:" + serial.repeat(32);
  }

  private Accounts accounts() {
    return new Accounts(database().accounts(), Roles.NONE, CLOCK);
  }

  private static CredentialTerms terms(String id, @Nullable Instant expiresAt) {
    return new CredentialTerms(
        "name of " + id,
        Scopes.of("orders:read", "orders:write"),
        expiresAt,
        List.of(Network.parse("10.0.0.0/8"), Network.parse("2001:db8::/32")),
        600);
  }

  private static <M> IssuedCredential<M> expected(
      String id,
      M material,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt,
      @Nullable String successor,
      @Nullable String origin) {
    return new IssuedCredential<>(
        id,
        "s_1",
        terms(id, expiresAt),
        material,
        Instant.ofEpochMilli(CREATED),
        Instant.ofEpochMilli(CREATED + 1),
        revokedAt,
        successor,
        origin);
  }

  @Test
  void apiKeysAreGoodOrHaveEndedAsBefore() {
    ApiKeys keys = new ApiKeys(API_KEYS, database().apiKeys(), accounts(), CLOCK);

    for (String good : List.of("k_live", "k_rotated", "k_next", "k_third")) {
      assertThat(keys.isValid(made(good).newSecret())).as(good).isTrue();
    }
    for (String over : List.of("k_disabled", "k_revoked", "k_expired")) {
      assertThat(keys.isValid(made(over).newSecret())).as(over).isFalse();
    }
    assertThat(keys.list("s_1", null, 9))
        .extracting(IssuedCredential::id)
        .containsExactly("k_expired", "k_live", "k_next", "k_revoked", "k_rotated", "k_third");
    assertThat(keys.find("k_rotated"))
        .contains(
            expected(
                "k_rotated",
                new StoredApiKey(
                    made("k_rotated").credential().material().digest(), "sk_live_abcd"),
                Instant.ofEpochMilli(LATER),
                null,
                "k_next",
                null));
    assertThat(keys.find("k_third").map(IssuedCredential::origin)).contains("k_first");
    assertThat(keys.find("k_next").map(IssuedCredential::origin)).contains("k_rotated");
  }

  @Test
  void signatureKeysAndSecretsOfWebhooksAreGoodOrHaveEndedAsBefore() {
    SignatureKeys keys =
        new SignatureKeys(database().signatureKeys(), accounts(), SEAL, OwnSecrets.NONE, CLOCK);

    for (String good : List.of("h_live", "h_second", "h_third")) {
      assertThat(keys.isValid(good, "a secret of " + good)).as(good).isTrue();
    }
    for (String over : List.of("h_disabled", "h_revoked", "h_expired", "h_first")) {
      assertThat(keys.isValid(over, "a secret of " + over)).as(over).isFalse();
    }
    assertThat(keys.isValid("h_hook", WEBHOOK_SECRET)).isTrue();
    assertThat(database().signatureKeys().ofWebhook("payments", NOW, 9))
        .extracting(owned -> owned.credential().id())
        .containsExactly("h_hook");
    IssuedCredential<StoredSignatureKey> revoked = keys.find("h_revoked").orElseThrow();
    assertThat(revoked)
        .isEqualTo(
            expected(
                "h_revoked",
                new StoredSignatureKey(
                    SignatureAlgorithm.HMAC_SHA256,
                    revoked.material().material(),
                    null,
                    Set.of("api.example.com", "localhost")),
                null,
                Instant.ofEpochMilli(OVER),
                null,
                null));
    assertThat(keys.list("s_1", "h_expired", 9))
        .extracting(IssuedCredential::id, IssuedCredential::successor, IssuedCredential::origin)
        .contains(
            tuple("h_first", "h_second", null),
            tuple("h_second", "h_third", "h_first"),
            tuple("h_third", null, "h_first"));
  }

  @Test
  void certificatesAreRegisteredAndListedAsRevokedAsBefore() {
    SqlClientCertificateStore certificates = database().clientCertificates();
    CertificateName live = CertificateName.of(CertificateName.Kind.DNS, "live.example");

    assertThat(certificates.byNames("ca_1", List.of(live)))
        .extracting(owned -> owned.credential().id(), owned -> owned.owner().name())
        .containsExactly(tuple("c_live", "robot"), tuple("c_twin", "robot"));
    assertThat(certificates.underAnyCa(FINGERPRINT))
        .extracting(owned -> owned.credential().id())
        .containsExactly("c_print1", "c_print2");
    assertThat(certificates.byId("c_issued").map(OwnedCredential::credential))
        .contains(
            expected(
                "c_issued",
                new StoredClientCertificate(
                    OWN_CA,
                    CertificateName.parse(ownName("c0")),
                    new StoredClientCertificate.Issued("c0", Instant.ofEpochMilli(LATER), "pem")),
                Instant.ofEpochMilli(LATER),
                null,
                null,
                null));
    assertThat(certificates.byId("c_next").map(owned -> owned.credential().origin()))
        .contains("c_replaced");
    assertThat(certificates.crlEntries(OWN_CA, NOW, NOW))
        .containsExactly(
            new CrlEntry("c2", Instant.ofEpochMilli(OVER), true),
            new CrlEntry("c3", Instant.ofEpochMilli(OVER), false));
  }

  @Test
  void nameInForceIsTakenAndRevokedOneMayBeRegisteredAnew() {
    SqlClientCertificateStore certificates = database().clientCertificates();

    assertThatThrownBy(() -> certificates.add(registration("c_new", "live.example")))
        .isInstanceOf(IllegalArgumentException.class);
    certificates.add(registration("c_new", "old.example"));

    assertThat(certificates.revoke("c_print1", NOW)).isTrue();
    assertThat(certificates.byId("c_print2").map(owned -> owned.credential().revokedAt()))
        .as("the same certificate under another CA")
        .contains(NOW);
  }

  private static IssuedCredential<StoredClientCertificate> registration(String id, String name) {
    return new IssuedCredential<>(
        id,
        "s_1",
        terms(id, null),
        new StoredClientCertificate(
            "ca_1", CertificateName.of(CertificateName.Kind.DNS, name), null),
        NOW);
  }

  @Test
  void lifeOfEachCredentialGoesOn() {
    database().apiKeys().touch(Map.of("k_live", NOW));
    assertThat(database().apiKeys().revoke("k_live", NOW)).isTrue();
    assertThat(database().apiKeys().revoke("k_revoked", NOW)).isFalse();
    assertThat(
            database()
                .signatureKeys()
                .rotate(
                    "h_second",
                    NOW,
                    new IssuedCredential<>(
                        "h_new",
                        "s_1",
                        terms("h_new", null),
                        new StoredSignatureKey(
                            SignatureAlgorithm.HMAC_SHA256, "sealed", null, Set.of()),
                        NOW)))
        .as("it has a successor")
        .isFalse();
    EndedRetention retention =
        new EndedRetention(NOW.plus(Duration.ofDays(40)), Duration.ofDays(30), 1_000);
    database().apiKeys().purgeEnded(retention);
    database().signatureKeys().purgeEnded(retention);
    database().clientCertificates().purgeEnded(retention);

    assertThat(database().apiKeys().list(null, null, 99))
        .extracting(IssuedCredential::id)
        .containsExactly("k_disabled", "k_next", "k_third");
    assertThat(database().signatureKeys().list(null, null, 99))
        .extracting(IssuedCredential::id)
        .containsExactly("h_disabled", "h_hook", "h_live", "h_third");
    assertThat(database().clientCertificates().list(null, null, 99))
        .extracting(IssuedCredential::id)
        .containsExactly("c_live", "c_next", "c_print1", "c_print2");
  }

  @Test
  void nothingOfTheOldTablesIsLeftAndEveryReferenceHolds() throws SQLException {
    try (Connection connection = source().getConnection();
        Statement statement = connection.createStatement()) {
      assertThat(
              count(
                  statement,
                  "SELECT COUNT(*) FROM sqlite_master WHERE name || sql LIKE '%!_before%' ESCAPE '!'"))
          .isZero();
      assertThat(count(statement, "SELECT COUNT(*) FROM credential")).isEqualTo(25);
      try (ResultSet broken = statement.executeQuery("PRAGMA foreign_key_check")) {
        assertThat(broken.next()).isFalse();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TABLE client_certificate_before (id)",
        "TRIGGER full BEFORE INSERT ON gatehouse_schema_history WHEN NEW.version = '15'"
            + " BEGIN SELECT RAISE(ABORT, 'no room'); END"
      })
  void takeOverThatFailsHalfWayOrAtItsLastStepChangesNothing(String obstacle) throws SQLException {
    Path old = folder.resolve("old.db");
    SQLiteDataSource source = sourceOf(old);
    SqliteFile.migrations(source, SqliteFile.Kind.RECORDS, NOW).target("14").load().migrate();
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      for (String row : List.of(ACCOUNTS, apiKey(Row.of("k_live"), "NULL"))) {
        statement.execute(row);
      }
      statement.execute("CREATE " + obstacle);
      List<String> before = contents(statement);

      assertThatThrownBy(() -> SqlDatabase.open(old, PATIENT, CLOCK))
          .isInstanceOf(UnusableDatabaseException.class);

      assertThat(contents(statement)).isEqualTo(before);
      statement.execute("DROP " + obstacle.replaceAll("(\\w+ \\w+) .*", "$1"));
    }
    try (SqlDatabase database = SqlDatabase.open(old, PATIENT, CLOCK)) {
      assertThat(database.apiKeys().list("s_1", null, 9))
          .extracting(IssuedCredential::id)
          .containsExactly("k_live");
    }
  }

  /// The schema, the versions that were applied, and the keys.
  private static List<String> contents(Statement statement) throws SQLException {
    List<String> contents = new ArrayList<>();
    try (ResultSet rows =
        statement.executeQuery(
            "SELECT sql FROM sqlite_master UNION ALL SELECT version || success"
                + " FROM gatehouse_schema_history UNION ALL SELECT id || owner FROM api_key")) {
      while (rows.next()) {
        contents.add(String.valueOf(rows.getString(1)));
      }
    }
    return contents;
  }

  private static long count(Statement statement, String sql) throws SQLException {
    try (ResultSet counted = statement.executeQuery(sql)) {
      assertThat(counted.next()).isTrue();
      return counted.getLong(1);
    }
  }
}
