package dev.gatehouse.store;

import dev.gatehouse.account.Account;
import dev.gatehouse.oauth.Link;
import dev.gatehouse.oauth.LinkStore;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The links between accounts and identities at providers, in the table `provider_link`. Issuer and
/// subject together are unique. A link may hold a sealed token of the provider.
///
/// Exceptions, blocking and threads: see [SqlDatabase].
public final class SqlLinkStore implements LinkStore {

  /// The columns that [#link] reads, in this order.
  private static final String COLUMNS =
      """
      l.id, l.account, l.provider, l.issuer, l.subject, l.label, l.created_at, l.last_used_at""";

  private static final int COLUMN_COUNT = 8;

  static final String BY_IDENTITY =
      "SELECT "
          + COLUMNS
          + ", "
          + SqlAccountStore.COLUMNS
          + " FROM provider_link l JOIN account a ON a.id = l.account"
          + " WHERE l.issuer = ? AND l.subject = ?";
  static final String OF_ACCOUNT =
      "SELECT "
          + COLUMNS
          + " FROM provider_link l WHERE l.account = ? ORDER BY l.created_at, l.id LIMIT ?";
  private static final String ADD =
      """
      INSERT INTO provider_link
        (id, account, provider, issuer, subject, label, created_at, last_used_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """;
  private static final String ADD_TO_KNOWN =
      """
      INSERT INTO provider_link
        (id, account, provider, issuer, subject, label, created_at, last_used_at)
      SELECT ?, a.id, ?, ?, ?, ?, ?, ? FROM account a
      WHERE a.id = ? AND a.generation = ? AND a.kind = 'PERSON' AND NOT a.disabled
      ON CONFLICT (issuer, subject) DO NOTHING
      """;
  private static final String USED =
      """
      UPDATE provider_link SET provider = ?, label = ?, last_used_at = ?
      WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)
      """;
  private static final String OWNER = "SELECT account FROM provider_link WHERE id = ?";
  static final String OTHER_WAYS_IN =
      """
      SELECT (SELECT COUNT(*) FROM password WHERE account = ?)
        + (SELECT COUNT(*) FROM provider_link WHERE account = ? AND id <> ?)
      """;
  private static final String REMOVE = "DELETE FROM provider_link WHERE id = ?";
  private static final String KEEP_TOKEN = "UPDATE provider_link SET sealed_token = ? WHERE id = ?";
  private static final String REPLACE_TOKEN = KEEP_TOKEN + " AND sealed_token = ?";
  static final String TOKEN =
      """
      SELECT id, sealed_token FROM provider_link
      WHERE account = ? AND issuer = ? AND sealed_token IS NOT NULL
      ORDER BY COALESCE(last_used_at, created_at) DESC, id DESC LIMIT 1
      """;

  private final SqliteThreads threads;

  SqlLinkStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public Optional<Owned> byIdentity(String issuer, String subject) {
    return threads.read("find a link to a provider", handle -> find(handle, issuer, subject));
  }

  @Override
  public List<Link> of(String account) {
    return threads.read(
        "list links to providers",
        handle ->
            handle
                .createQuery(OF_ACCOUNT)
                .bind(0, account)
                .bind(1, MAX_LINKS_LISTED)
                .map((row, context) -> link(row))
                .list());
  }

  // All checks come before the first write, so that nothing has to be undone. In a database with
  // several writers, a write between a check and this write would violate a constraint.
  @Override
  public Addition addAccount(Account account, Link link, @Nullable Digest invitation) {
    if (!link.account().equals(account.id())) {
      throw new IllegalArgumentException("the link leads to another account");
    }
    return threads.write(
        "add the account of somebody from a provider",
        change -> {
          Handle handle = change.handle();
          if (find(handle, link.issuer(), link.subject()).isPresent()) {
            return Addition.IDENTITY_TAKEN;
          }
          if (invitation != null
              && !SqlInvitationStore.isValid(handle, invitation, link.createdAt())) {
            return Addition.INVITATION_NOT_GOOD;
          }
          if (!SqlAccountStore.insert(handle, account)) {
            return Addition.ACCOUNT_TAKEN;
          }
          insert(handle, link);
          if (invitation != null
              && !SqlInvitationStore.spend(handle, invitation, link.createdAt(), account.id())) {
            throw new IllegalStateException("the invitation was spent meanwhile");
          }
          return Addition.ADDED;
        });
  }

  private static void insert(Handle handle, Link link) {
    handle
        .createUpdate(ADD)
        .bind(0, link.id())
        .bind(1, link.account())
        .bind(2, link.provider())
        .bind(3, link.issuer())
        .bind(4, link.subject())
        .bind(5, link.label())
        .bind(6, Columns.millis(link.createdAt()))
        .bind(7, Columns.millisOrNull(link.lastUsedAt()))
        .execute();
  }

  @Override
  public boolean add(Link link, long generation) {
    return threads.write(
        "add a link to a provider",
        change ->
            change
                    .handle()
                    .createUpdate(ADD_TO_KNOWN)
                    .bind(0, link.id())
                    .bind(1, link.provider())
                    .bind(2, link.issuer())
                    .bind(3, link.subject())
                    .bind(4, link.label())
                    .bind(5, Columns.millis(link.createdAt()))
                    .bind(6, Columns.millisOrNull(link.lastUsedAt()))
                    .bind(7, link.account())
                    .bind(8, generation)
                    .execute()
                == 1);
  }

  @Override
  public void used(String id, String provider, String label, Instant at) {
    threads.write(
        "note the use of a link to a provider",
        change ->
            change
                .handle()
                .createUpdate(USED)
                .bind(0, provider)
                .bind(1, label)
                .bind(2, Columns.millis(at))
                .bind(3, id)
                .bind(4, Columns.millis(at))
                .execute());
  }

  @Override
  public Links.UnlinkResult remove(String account, String id, boolean force) {
    return threads.write(
        "remove a link to a provider",
        change -> {
          Handle handle = change.handle();
          // Other changes of the account wait until this transaction ends.
          Account owner = SqlAccountStore.locked(handle, account).orElse(null);
          if (owner == null || !isOf(handle, account, id)) {
            return new Links.UnlinkResult.NotFound();
          }
          if (!force && otherWaysIn(handle, account, id) == 0) {
            return new Links.UnlinkResult.LastWayIn();
          }
          handle.createUpdate(REMOVE).bind(0, id).execute();
          handle.createUpdate(SqlAccountStore.END_SIGN_INS).bind(0, account).execute();
          change.forget(FeedEntry.Kind.SUBJECT, account);
          return new Links.UnlinkResult.Done(owner.withoutSignIns());
        });
  }

  private static boolean isOf(Handle handle, String account, String id) {
    return handle
        .createQuery(OWNER)
        .bind(0, id)
        .mapTo(String.class)
        .findOne()
        .filter(account::equals)
        .isPresent();
  }

  private static long otherWaysIn(Handle handle, String account, String id) {
    return handle
        .createQuery(OTHER_WAYS_IN)
        .bind(0, account)
        .bind(1, account)
        .bind(2, id)
        .mapTo(Long.class)
        .one();
  }

  @Override
  public void keepToken(String id, @Nullable String sealed) {
    threads.write(
        "keep a token of a provider",
        change -> change.handle().createUpdate(KEEP_TOKEN).bind(0, sealed).bind(1, id).execute());
  }

  @Override
  public boolean replaceToken(SealedToken before, @Nullable String sealed) {
    return threads.write(
            "replace a token of a provider",
            change ->
                change
                    .handle()
                    .createUpdate(REPLACE_TOKEN)
                    .bind(0, sealed)
                    .bind(1, before.link())
                    .bind(2, before.sealed())
                    .execute())
        == 1;
  }

  @Override
  public Optional<SealedToken> token(String account, String issuer) {
    return threads.read(
        "find a token of a provider",
        handle ->
            handle
                .createQuery(TOKEN)
                .bind(0, account)
                .bind(1, issuer)
                .map((row, context) -> new SealedToken(row.getString(1), row.getString(2)))
                .findOne());
  }

  private static Optional<Owned> find(Handle handle, String issuer, String subject) {
    return handle
        .createQuery(BY_IDENTITY)
        .bind(0, issuer)
        .bind(1, subject)
        .map((row, context) -> new Owned(link(row), SqlAccountStore.account(row, COLUMN_COUNT + 1)))
        .findOne();
  }

  private static Link link(ResultSet row) throws SQLException {
    return new Link(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        Columns.instant(row, 7),
        Columns.instantOrNull(row, 8));
  }
}
