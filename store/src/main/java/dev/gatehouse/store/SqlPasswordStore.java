package dev.gatehouse.store;

import dev.gatehouse.account.Account;
import dev.gatehouse.password.PasswordStore;
import dev.gatehouse.password.StoredPassword;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The passwords, in the table `password`, and the links to reset them, in the table
/// `password_reset`. An account has at most one of each.
///
/// A change of a password, in the same transaction, removes the reset link, ends the sign-ins of
/// the account, and adds a feed row that names the account. Throws [IllegalArgumentException] for a
/// password whose id is taken, and for the digest of a link that another account has. Other
/// exceptions, blocking and threads: see [SqlDatabase].
public final class SqlPasswordStore implements PasswordStore {

  private static final String OWNED =
      "SELECT "
          + SqlAccountStore.COLUMNS
          + ", p.id, p.hash, p.changed_at"
          + " FROM account a LEFT JOIN password p ON p.account = a.id";

  static final String BY_NAME = OWNED + " WHERE a.name = ?";
  static final String BY_EMAIL = OWNED + " WHERE a.email = ?";
  static final String BY_ACCOUNT = OWNED + " WHERE a.id = ?";

  private static final String ADD =
      """
      INSERT INTO password (account, id, hash, changed_at)
      SELECT a.id, ?, ?, ? FROM account a WHERE a.id = ?
      ON CONFLICT (account)
      """;
  private static final String ADD_FIRST = ADD + "DO NOTHING";
  private static final String PUT =
      ADD
          + "DO UPDATE SET id = excluded.id, hash = excluded.hash, changed_at = excluded.changed_at";
  private static final String REPLACE =
      "UPDATE password SET id = ?, hash = ?, changed_at = ? WHERE account = ? AND id = ?";
  private static final String REHASH = "UPDATE password SET hash = ? WHERE id = ? AND hash = ?";

  private static final String ADD_RESET =
      """
      INSERT INTO password_reset (account, digest, generation, expires_at)
      SELECT a.id, ?, a.generation, ? FROM account a WHERE a.id = ?
      ON CONFLICT (account) DO UPDATE SET digest = excluded.digest,
        generation = excluded.generation, expires_at = excluded.expires_at
      """;
  static final String BY_RESET =
      "SELECT "
          + SqlAccountStore.COLUMNS
          + " FROM password_reset r JOIN account a ON a.id = r.account"
          + " WHERE r.digest = ? AND r.expires_at > ? AND r.generation = a.generation";
  private static final String SPEND_RESET =
      """
      DELETE FROM password_reset WHERE digest = ? AND account = ? AND expires_at > ?
        AND generation = (SELECT a.generation FROM account a WHERE a.id = account)
      """;
  private static final String DROP_RESET = "DELETE FROM password_reset WHERE account = ?";
  static final String PURGE =
      """
      DELETE FROM password_reset WHERE account IN
        (SELECT account FROM password_reset WHERE expires_at < ? LIMIT ?)
      """;

  private final SqliteThreads threads;

  SqlPasswordStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public Optional<Owned> bySignInName(String nameOrEmail) {
    return owned(nameOrEmail.indexOf('@') >= 0 ? BY_EMAIL : BY_NAME, nameOrEmail);
  }

  @Override
  public Optional<Owned> byAccount(String account) {
    return owned(BY_ACCOUNT, account);
  }

  private Optional<Owned> owned(String sql, String key) {
    return threads.read(
        "find a password", handle -> StatementCache.row(handle, sql, key, SqlPasswordStore::owned));
  }

  @Override
  public boolean replace(StoredPassword password, @Nullable String beforeId) {
    return threads.write(
        "change a password",
        change ->
            (beforeId == null
                    ? set(change, ADD_FIRST, password)
                    : change
                            .handle()
                            .createUpdate(REPLACE)
                            .bind(0, password.id())
                            .bind(1, password.hash())
                            .bind(2, Columns.millis(password.changedAt()))
                            .bind(3, password.account())
                            .bind(4, beforeId)
                            .execute()
                        == 1)
                && endSignIns(change, password.account()));
  }

  @Override
  public boolean rehash(String id, String hash, String better) {
    return threads.write(
        "keep a better hash of a password",
        change ->
            change.handle().createUpdate(REHASH).bind(0, better).bind(1, id).bind(2, hash).execute()
                == 1);
  }

  @Override
  public boolean addReset(String account, Digest digest, Instant expiresAt) {
    return threads.write(
        "add a link to reset a password",
        change ->
            change
                    .handle()
                    .createUpdate(ADD_RESET)
                    .bind(0, digest.bytes())
                    .bind(1, Columns.millis(expiresAt))
                    .bind(2, account)
                    .execute()
                == 1);
  }

  @Override
  public Optional<Account> byReset(Digest digest, Instant now) {
    return threads.read(
        "find a link to reset a password",
        handle ->
            handle
                .createQuery(BY_RESET)
                .bind(0, digest.bytes())
                .bind(1, Columns.millis(now))
                .map((row, context) -> SqlAccountStore.account(row, 1))
                .findOne());
  }

  @Override
  public boolean reset(Digest digest, Instant now, StoredPassword password) {
    return threads.write(
        "reset a password",
        change ->
            change
                        .handle()
                        .createUpdate(SPEND_RESET)
                        .bind(0, digest.bytes())
                        .bind(1, password.account())
                        .bind(2, Columns.millis(now))
                        .execute()
                    == 1
                && set(change, PUT, password)
                && endSignIns(change, password.account()));
  }

  @Override
  public void purgeResetsBefore(Instant instant) {
    Purge.removeInBatches(threads, "purge links to reset a password", PURGE, instant);
  }

  private static boolean set(Change change, String sql, StoredPassword password) {
    return change
            .handle()
            .createUpdate(sql)
            .bind(0, password.id())
            .bind(1, password.hash())
            .bind(2, Columns.millis(password.changedAt()))
            .bind(3, password.account())
            .execute()
        == 1;
  }

  private static boolean endSignIns(Change change, String account) {
    change.handle().createUpdate(DROP_RESET).bind(0, account).execute();
    change.handle().createUpdate(SqlAccountStore.END_SIGN_INS).bind(0, account).execute();
    change.forget(FeedEntry.Kind.SUBJECT, account);
    return true;
  }

  private static Owned owned(ResultSet row) throws SQLException {
    Account owner = SqlAccountStore.account(row, 1);
    int first = SqlAccountStore.COLUMN_COUNT + 1;
    String id = row.getString(first);
    return new Owned(
        owner,
        id == null
            ? null
            : new StoredPassword(
                id, owner.id(), row.getString(first + 1), Columns.instant(row, first + 2)));
  }
}
