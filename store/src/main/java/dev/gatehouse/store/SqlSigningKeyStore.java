package dev.gatehouse.store;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.signing.StoredSigningKey;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The gate's own signing keys, in the table `signing_key`. The column `added` has the order in
/// which keys were added.
///
/// Throws [IllegalArgumentException] for a key whose id is taken. Other exceptions, blocking and
/// threads: see [SqlDatabase].
public final class SqlSigningKeyStore implements SigningKeyStore {

  private static final String NEWEST =
      "SELECT id FROM signing_key WHERE purpose = ? ORDER BY added DESC LIMIT 1";
  private static final String RETIRE =
      """
      UPDATE signing_key SET retired_at = ?
      WHERE purpose = ? AND (retired_at IS NULL OR retired_at > ?)
      """;
  private static final String ADD =
      """
      INSERT INTO signing_key
        (id, purpose, public_jwk, sealed_private_jwk, created_at, retired_at)
      VALUES (?, ?, ?, ?, ?, ?)
      """;
  private static final String REMOVE_ALL = "DELETE FROM signing_key WHERE purpose = ? RETURNING id";
  private static final String LIST =
      """
      SELECT id, purpose, public_jwk, sealed_private_jwk, created_at, retired_at
      FROM signing_key WHERE purpose = ? ORDER BY added DESC
      """;
  private static final String PURGE =
      "DELETE FROM signing_key WHERE purpose = ? AND retired_at < ?";

  private final SqliteThreads threads;

  SqlSigningKeyStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil) {
    return threads.write(
        "add a signing key",
        change -> {
          if (!newest(change.handle(), key.purpose()).equals(newestKnown)) {
            return false;
          }
          change
              .handle()
              .createUpdate(RETIRE)
              .bind(0, Columns.millis(othersSignUntil))
              .bind(1, key.purpose())
              .bind(2, Columns.millis(othersSignUntil))
              .execute();
          insert(change.handle(), key);
          return true;
        });
  }

  @Override
  public void replaceAll(StoredSigningKey key) {
    threads.write(
        "replace the signing keys",
        change -> {
          change
              .handle()
              .createQuery(REMOVE_ALL)
              .bind(0, key.purpose())
              .mapTo(String.class)
              .list()
              .forEach(id -> change.forget(FeedEntry.Kind.CREDENTIAL, id));
          insert(change.handle(), key);
          return true;
        });
  }

  private static void insert(Handle handle, StoredSigningKey key) {
    handle
        .createUpdate(ADD)
        .bind(0, key.id())
        .bind(1, key.purpose())
        .bind(2, key.publicJwk())
        .bind(3, key.sealedPrivateJwk())
        .bind(4, Columns.millis(key.createdAt()))
        .bind(5, Columns.millisOrNull(key.retiredAt()))
        .execute();
  }

  @Override
  public List<StoredSigningKey> list(String purpose) {
    return threads.read(
        "list signing keys",
        handle ->
            handle
                .createQuery(LIST)
                .bind(0, purpose)
                .map(
                    (row, context) ->
                        new StoredSigningKey(
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            Columns.instant(row, 5),
                            Columns.instantOrNull(row, 6)))
                .list());
  }

  @Override
  public void purgeRetiredBefore(String purpose, Instant instant) {
    threads.write(
        "purge signing keys",
        change ->
            change
                .handle()
                .createUpdate(PURGE)
                .bind(0, purpose)
                .bind(1, Columns.millis(instant))
                .execute());
  }

  private static String newest(Handle handle, String purpose) {
    return handle.createQuery(NEWEST).bind(0, purpose).mapTo(String.class).findOne().orElse("");
  }
}
