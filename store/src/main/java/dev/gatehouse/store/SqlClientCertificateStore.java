package dev.gatehouse.store;

import dev.gatehouse.Scopes;
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
      c.id, c.owner, c.name, c.ca, c.identity, c.serial, c.not_after, c.certificate, c.scopes, \
      c.expires_at, c.networks, c.requests_per_minute, c.created_at, c.last_used_at, \
      c.revoked_at, c.successor""";

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
           FROM client_certificate c JOIN account a ON a.id = c.owner
          WHERE c.ca = :ca AND c.identity IN (<names>) ORDER BY c.id LIMIT 100
          """;
  private static final String BY_ID =
      "SELECT " + COLUMNS + " FROM client_certificate c WHERE c.id = ?";

  /// Every id is longer than the empty one, so that the first page lies behind it.
  private static final String LIST_ALL =
      "SELECT " + COLUMNS + " FROM client_certificate c WHERE c.id > ? ORDER BY c.id LIMIT ?";

  private static final String LIST_OF_OWNER =
      "SELECT "
          + COLUMNS
          + " FROM client_certificate c WHERE c.owner = ? AND c.id > ? ORDER BY c.id LIMIT ?";
  private static final String REVOKE =
      "UPDATE client_certificate SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
  private static final String SUCCEED =
      """
      UPDATE client_certificate
      SET successor = ?,
        expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
      WHERE id = ? AND revoked_at IS NULL AND successor IS NULL
      """;
  private static final String TOUCH =
      """
      UPDATE client_certificate SET last_used_at = ?
      WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)
      """;
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

  private final SqliteThreads threads;

  SqlClientCertificateStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(StoredClientCertificate certificate) {
    threads.write(
        "add a client certificate",
        change -> {
          insert(change.handle(), certificate);
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
    int page = Rows.page(limit);
    String after = afterId == null ? "" : afterId;
    return threads.read(
        "list client certificates",
        handle ->
            (owner == null
                    ? handle.createQuery(LIST_ALL).bind(0, after).bind(1, page)
                    : handle.createQuery(LIST_OF_OWNER).bind(0, owner).bind(1, after).bind(2, page))
                .map((row, context) -> certificate(row))
                .list());
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return threads.write(
        "revoke a client certificate",
        change -> {
          boolean revoked =
              change.handle().createUpdate(REVOKE).bind(0, Rows.millis(at)).bind(1, id).execute()
                  == 1;
          if (revoked) {
            change.forget(FeedEntry.Kind.CREDENTIAL, id);
          }
          return revoked;
        });
  }

  @Override
  public boolean renew(String id, Instant endsAt, StoredClientCertificate successor) {
    return threads.write(
        "renew a client certificate",
        change -> {
          boolean claimed =
              change
                      .handle()
                      .createUpdate(SUCCEED)
                      .bind(0, successor.id())
                      .bind(1, Rows.millis(endsAt))
                      .bind(2, Rows.millis(endsAt))
                      .bind(3, id)
                      .execute()
                  == 1;
          if (claimed) {
            insert(change.handle(), successor);
            change.forget(FeedEntry.Kind.CREDENTIAL, id);
          }
          return claimed;
        });
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    Rows.touch(threads, "note when client certificates were used", TOUCH, lastUsed);
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
