package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.EndedRetention;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.mtls.StoredAuthority;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Client certificates and the gate's own CAs in an SQL database.
///
/// Calls throw [dev.gatehouse.StoreUnavailableException] and [IllegalArgumentException] as
/// [SqlDatabase] says: the latter for a registration whose id or identity is taken, or whose owner
/// has no account.
public final class SqlClientCertificateStore implements ClientCertificateStore {

  /// What [#certificate] reads, in its order.
  private static final String COLUMNS =
      """
      k.id, k.owner, k.name, k.ca, k.identity, k.serial, k.not_after, k.certificate, k.scopes, \
      k.expires_at, k.networks, k.requests_per_minute, k.created_at, k.last_used_at, \
      k.revoked_at, k.successor""";

  private static final int COLUMN_COUNT = 16;

  private static final String ADD =
      """
      INSERT INTO client_certificate
        (id, owner, name, ca, identity, serial, not_after, certificate, scopes, expires_at,
         networks, requests_per_minute, created_at, last_used_at, revoked_at, successor)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  private static final String BY_NAMES =
      "SELECT "
          + COLUMNS
          + ", "
          + SqlAccountStore.COLUMNS
          + """
           FROM client_certificate k JOIN account a ON a.id = k.owner
          WHERE k.ca = :ca AND k.identity IN (<names>) ORDER BY k.id LIMIT 100
          """;
  private static final String UNDER_ANY_CA =
      "SELECT "
          + COLUMNS
          + ", "
          + SqlAccountStore.COLUMNS
          + """
           FROM client_certificate k JOIN account a ON a.id = k.owner
          WHERE k.identity = ? ORDER BY k.id
          """;
  private static final String IDENTITY = "SELECT identity FROM client_certificate WHERE id = ?";
  private static final String LIVE_OF_IDENTITY =
      "SELECT id FROM client_certificate WHERE identity = ? AND revoked_at IS NULL";
  private static final String REVOKE = "UPDATE client_certificate SET revoked_at = ? WHERE id = ?";
  private static final String BY_ID =
      "SELECT " + COLUMNS + " FROM client_certificate k WHERE k.id = ?";

  private static final String ENDED =
      """
      SELECT serial, revoked_at, expires_at FROM client_certificate
      WHERE ca = ? AND not_after >= ?
        AND (revoked_at IS NOT NULL OR (successor IS NOT NULL AND expires_at <= ?))
      ORDER BY serial
      """;
  private static final String AUTHORITIES =
      "SELECT id, certificate, sealed_key, created_at FROM client_authority ORDER BY number";
  private static final String ADD_AUTHORITY =
      """
      INSERT INTO client_authority (number, id, certificate, sealed_key, created_at)
      SELECT ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM client_authority) = ?
      """;

  // The own CA's certificates until their own end; what another CA issued and is registered by its
  // fingerprint, for good.
  private static final String END =
      "(CASE WHEN k.serial IS NOT NULL THEN k.not_after"
          + " WHEN k.identity LIKE 'fingerprint:%' THEN NULL ELSE "
          + IssuedRows.END
          + " END)";

  private final SqliteThreads threads;
  private final IssuedRows<StoredClientCertificate> issued;

  SqlClientCertificateStore(SqliteThreads threads) {
    this.threads = threads;
    this.issued =
        new IssuedRows<>(
            threads,
            "a client certificate",
            "client certificates",
            "client_certificate",
            COLUMNS,
            END,
            SqlClientCertificateStore::certificate);
  }

  @Override
  public void add(StoredClientCertificate certificate) {
    threads.write(
        "add a client certificate",
        change -> {
          insert(change.handle(), certificate);
          forgetFingerprint(change, certificate.identity());
          return true;
        });
  }

  @Override
  public List<Owned> byNames(String ca, List<CertificateName> names) {
    List<String> texts = names.stream().map(CertificateName::toString).toList();
    return texts.isEmpty()
        ? List.of()
        : threads.read(
            "find client certificates by their names",
            handle ->
                handle
                    .createQuery(BY_NAMES)
                    .bind("ca", ca)
                    .bindList("names", texts)
                    .map((row, context) -> owned(row))
                    .list());
  }

  @Override
  public List<Owned> underAnyCa(CertificateName name) {
    return threads.read(
        "find client certificates by a name",
        handle ->
            handle
                .createQuery(UNDER_ANY_CA)
                .bind(0, name.toString())
                .map((row, context) -> owned(row))
                .list());
  }

  @Override
  public Optional<StoredClientCertificate> byId(String id) {
    return threads.read(
        "find a client certificate",
        handle ->
            handle
                .createQuery(BY_ID)
                .bind(0, id)
                .map((row, context) -> certificate(row))
                .findOne());
  }

  @Override
  public List<StoredClientCertificate> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return issued.list(owner, afterId, limit);
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return issued.revoke(id, at, (change, revoked) -> revokeFingerprintOf(change, revoked, at));
  }

  @Override
  public boolean renew(String id, Instant endsAt, StoredClientCertificate successor) {
    return issued.succeed(id, endsAt, successor.id(), handle -> insert(handle, successor));
  }

  @Override
  public void purgeEnded(EndedRetention retention) {
    issued.purgeEnded(retention);
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    issued.touch(lastUsed);
  }

  @Override
  public List<Ended> ended(String ca, Instant now, Instant endedBefore) {
    return threads.read(
        "list client certificates that ended early",
        handle ->
            handle
                .createQuery(ENDED)
                .bind(0, ca)
                .bind(1, Rows.millis(endedBefore))
                .bind(2, Rows.millis(now))
                .map((row, context) -> ended(row))
                .list());
  }

  @Override
  public List<StoredAuthority> authorities() {
    return threads.read(
        "read the gate's own CAs",
        handle ->
            handle
                .createQuery(AUTHORITIES)
                .map(
                    (row, context) ->
                        new StoredAuthority(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            Rows.instant(row, 4)))
                .list());
  }

  @Override
  public boolean addAuthority(StoredAuthority authority, int known) {
    return threads.write(
        "add a CA of the gate's own",
        change ->
            change
                    .handle()
                    .createUpdate(ADD_AUTHORITY)
                    .bind(0, known)
                    .bind(1, authority.id())
                    .bind(2, authority.certificate())
                    .bind(3, authority.sealedKey())
                    .bind(4, Rows.millis(authority.createdAt()))
                    .bind(5, known)
                    .execute()
                == 1);
  }

  private static void revokeFingerprintOf(Change change, String id, Instant at) {
    Handle handle = change.handle();
    CertificateName identity =
        CertificateName.parse(handle.createQuery(IDENTITY).bind(0, id).mapTo(String.class).one());
    if (identity.kind() != CertificateName.Kind.FINGERPRINT) {
      return;
    }
    List<String> others =
        handle
            .createQuery(LIVE_OF_IDENTITY)
            .bind(0, identity.toString())
            .mapTo(String.class)
            .list();
    for (String other : others) {
      handle.createUpdate(REVOKE).bind(0, Rows.millis(at)).bind(1, other).execute();
      change.forget(FeedEntry.Kind.CREDENTIAL, other);
    }
    forgetFingerprint(change, identity);
  }

  private static void forgetFingerprint(Change change, CertificateName identity) {
    if (identity.kind() == CertificateName.Kind.FINGERPRINT) {
      change.forget(FeedEntry.Kind.CREDENTIAL, identity.toString());
    }
  }

  private static void insert(Handle handle, StoredClientCertificate certificate) {
    StoredClientCertificate.Issued issued = certificate.issued();
    handle
        .createUpdate(ADD)
        .bind(0, certificate.id())
        .bind(1, certificate.owner())
        .bind(2, certificate.name())
        .bind(3, certificate.ca())
        .bind(4, certificate.identity().toString())
        .bind(5, issued == null ? null : issued.serial())
        .bind(6, issued == null ? null : Rows.millis(issued.notAfter()))
        .bind(7, issued == null ? null : issued.pem())
        .bind(8, certificate.scopes().toString())
        .bind(9, Rows.millisOrNull(certificate.expiresAt()))
        .bind(10, Rows.text(certificate.networks()))
        .bind(11, certificate.requestsPerMinute())
        .bind(12, Rows.millis(certificate.createdAt()))
        .bind(13, Rows.millisOrNull(certificate.lastUsedAt()))
        .bind(14, Rows.millisOrNull(certificate.revokedAt()))
        .bind(15, certificate.successor())
        .execute();
  }

  private static Ended ended(ResultSet row) throws SQLException {
    Instant revoked = Rows.instantOrNull(row, 2);
    return new Ended(
        row.getString(1), revoked == null ? Rows.instant(row, 3) : revoked, revoked == null);
  }

  private static Owned owned(ResultSet row) throws SQLException {
    return new Owned(certificate(row), SqlAccountStore.account(row, COLUMN_COUNT + 1));
  }

  private static StoredClientCertificate certificate(ResultSet row) throws SQLException {
    int perMinute = row.getInt(12);
    Integer requestsPerMinute = row.wasNull() ? null : perMinute;
    String serial = row.getString(6);
    return new StoredClientCertificate(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        CertificateName.parse(row.getString(5)),
        serial == null
            ? null
            : new StoredClientCertificate.Issued(
                serial, Objects.requireNonNull(Rows.instantOrNull(row, 7)), row.getString(8)),
        Scopes.parse(row.getString(9)),
        Rows.instantOrNull(row, 10),
        Rows.networks(row.getString(11)),
        requestsPerMinute,
        Rows.instant(row, 13),
        Rows.instantOrNull(row, 14),
        Rows.instantOrNull(row, 15),
        row.getString(16));
  }
}
