package dev.gatehouse.store;

import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.mtls.StoredCa;
import dev.gatehouse.mtls.StoredClientCertificate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The registered client certificates, in the tables `credential` and `client_certificate`, and the
/// gate's own CAs, in the table `client_authority`.
///
/// The column `in_force` is NULL for a revoked registration. A unique index over it allows one
/// registration in force for each name and CA. Exceptions, blocking and threads: see
/// [SqlCredentialStore].
public final class SqlClientCertificateStore extends SqlCredentialStore<StoredClientCertificate>
    implements ClientCertificateStore {

  // The SQL form of the end in StoredClientCertificate.KIND.
  private static final String END =
      "(CASE WHEN k.serial IS NOT NULL THEN k.not_after"
          + " WHEN k.identity LIKE 'fingerprint:%' THEN NULL ELSE "
          + CredentialTable.END
          + " END)";

  static final CredentialTable TABLE =
      new CredentialTable(
          "client_certificate",
          List.of("ca", "identity", "serial", "not_after", "certificate", "in_force"),
          END,
          "identity",
          "UPDATE client_certificate SET in_force = NULL WHERE id = ?");

  private static final String BY_NAMES =
      TABLE.select("WHERE k.ca = :ca AND k.identity IN (<names>) ORDER BY k.id LIMIT 100");
  static final String UNDER_ANY_CA = TABLE.select("WHERE k.identity = ? ORDER BY k.id");

  private static final String CRL_ENTRIES =
      """
      SELECT k.serial, c.revoked_at, c.expires_at
      FROM client_certificate k JOIN credential c ON c.id = k.id
      WHERE k.ca = ? AND k.not_after >= ?
        AND (c.revoked_at IS NOT NULL OR (c.successor IS NOT NULL AND c.expires_at <= ?))
      ORDER BY k.serial
      """;
  private static final String OWN_CAS =
      "SELECT id, certificate, sealed_key, created_at FROM client_authority ORDER BY number";
  private static final String ADD_OWN_CA =
      """
      INSERT INTO client_authority (number, id, certificate, sealed_key, created_at)
      SELECT ?, ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM client_authority) = ?
      """;

  private final SqliteThreads threads;

  SqlClientCertificateStore(SqliteThreads threads) {
    super(threads, StoredClientCertificate.KIND, TABLE);
    this.threads = threads;
  }

  @Override
  public List<OwnedCredential<StoredClientCertificate>> byNames(
      String ca, List<CertificateName> names) {
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
  public List<OwnedCredential<StoredClientCertificate>> underAnyCa(CertificateName name) {
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
  public List<CrlEntry> crlEntries(String ca, Instant now, Instant expiredBefore) {
    return threads.read(
        "list client certificates that ended early",
        handle ->
            handle
                .createQuery(CRL_ENTRIES)
                .bind(0, ca)
                .bind(1, Columns.millis(expiredBefore))
                .bind(2, Columns.millis(now))
                .map((row, context) -> crlEntry(row))
                .list());
  }

  private static CrlEntry crlEntry(ResultSet row) throws SQLException {
    Instant revoked = Columns.instantOrNull(row, 2);
    return new CrlEntry(
        row.getString(1), revoked == null ? Columns.instant(row, 3) : revoked, revoked == null);
  }

  @Override
  public List<StoredCa> ownCas() {
    return threads.read(
        "read the gate's own CAs",
        handle ->
            handle
                .createQuery(OWN_CAS)
                .map(
                    (row, context) ->
                        new StoredCa(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            Columns.instant(row, 4)))
                .list());
  }

  @Override
  public boolean addOwnCa(StoredCa ca, int known) {
    return threads.write(
        "add a CA of the gate's own",
        change ->
            change
                    .handle()
                    .createUpdate(ADD_OWN_CA)
                    .bind(0, known)
                    .bind(1, ca.id())
                    .bind(2, ca.certificate())
                    .bind(3, ca.sealedKey())
                    .bind(4, Columns.millis(ca.createdAt()))
                    .bind(5, known)
                    .execute()
                == 1);
  }

  @Override
  List<@Nullable Object> columns(IssuedCredential<StoredClientCertificate> registration) {
    StoredClientCertificate certificate = registration.material();
    StoredClientCertificate.Issued issued = certificate.issued();
    return Arrays.asList(
        certificate.ca(),
        certificate.identity().toString(),
        issued == null ? null : issued.serial(),
        issued == null ? null : Columns.millis(issued.notAfter()),
        issued == null ? null : issued.pem(),
        registration.revokedAt() == null ? true : null);
  }

  @Override
  StoredClientCertificate material(ResultSet row, int first) throws SQLException {
    String serial = row.getString(first + 2);
    return new StoredClientCertificate(
        row.getString(first),
        CertificateName.parse(row.getString(first + 1)),
        serial == null
            ? null
            : new StoredClientCertificate.Issued(
                serial,
                Objects.requireNonNull(Columns.instantOrNull(row, first + 3)),
                row.getString(first + 4)));
  }
}
