package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.EndedRetention;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The credentials of one kind. The table `credential` holds their lifecycle, and the table of the
/// kind holds the rest: see [CredentialTable]. A subclass converts the columns of its kind.
///
/// Throws [IllegalArgumentException] for a credential whose id or unique value is taken, or whose
/// owner has no account. Other exceptions, blocking and threads: see [SqlDatabase].
///
/// @param <M> see [CredentialKind]
public abstract class SqlCredentialStore<M> implements CredentialStore<M> {

  private final SqliteThreads threads;
  private final CredentialKind<M> kind;
  private final CredentialTable table;
  private final String insertLifecycle;
  private final String insert;
  private final String byId;
  private final String listAll;
  private final String listOfOwner;
  private final String revoke;
  private final String succeed;

  SqlCredentialStore(SqliteThreads threads, CredentialKind<M> kind, CredentialTable table) {
    this.threads = threads;
    this.kind = kind;
    this.table = table;
    this.insertLifecycle = table.insertLifecycle();
    this.insert = table.insert();
    this.byId = table.select("WHERE k.id = ?");
    // The first page begins after the empty text, because every id is longer.
    this.listAll = table.select("WHERE k.id > ? ORDER BY k.id LIMIT ?");
    this.listOfOwner = table.listOfOwner();
    this.revoke = table.revoke();
    this.succeed = table.succeed();
  }

  // The task in words, for messages.
  private String what(String change) {
    return change + " (" + table.name() + ")";
  }

  /// The values for the columns of the kind's table, in their order.
  abstract List<@Nullable Object> columns(IssuedCredential<M> credential);

  /// Reads the columns of the kind's table from the current row.
  ///
  /// @param first the number of the first of these columns
  abstract M material(ResultSet row, int first) throws SQLException;

  @Override
  public final void add(IssuedCredential<M> credential) {
    threads.write(
        what("add a credential"),
        change -> {
          insert(change.handle(), credential);
          forgetSharedName(change, kind.sharedName(credential.material()));
          return true;
        });
  }

  @Override
  public final Optional<OwnedCredential<M>> byId(String id) {
    return one(byId, id);
  }

  /// Returns the first credential of a query of [CredentialTable#select] with one parameter.
  final Optional<OwnedCredential<M>> one(String sql, Object value) {
    return threads.read(
        what("find a credential"), handle -> StatementCache.row(handle, sql, value, this::owned));
  }

  @Override
  public final List<IssuedCredential<M>> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    String after = afterId == null ? "" : afterId;
    return threads.read(
        what("list credentials"),
        handle ->
            (owner == null
                    ? handle.createQuery(listAll).bind(0, after).bind(1, page)
                    : handle.createQuery(listOfOwner).bind(0, owner).bind(1, after).bind(2, page))
                .map((row, context) -> owned(row).credential())
                .list());
  }

  @Override
  public final boolean revoke(String id, Instant at) {
    return threads.write(
        what("revoke a credential"),
        change -> {
          if (!revoke(change, id, at)) {
            return false;
          }
          String shared = sharedNameOf(change.handle(), id);
          if (shared != null) {
            for (String other : ofSharedName(change.handle(), shared)) {
              revoke(change, other, at);
            }
            forgetSharedName(change, shared);
          }
          return true;
        });
  }

  private boolean revoke(Change change, String id, Instant at) throws SQLException {
    Handle handle = change.handle();
    if (StatementCache.update(handle, revoke, Columns.millis(at), id) == 0) {
      return false;
    }
    if (table.onRevocation() != null) {
      StatementCache.update(handle, table.onRevocation(), id);
    }
    change.forget(FeedEntry.Kind.CREDENTIAL, id);
    return true;
  }

  private @Nullable String sharedNameOf(Handle handle, String id) throws SQLException {
    return table.sharedName() == null
        ? null
        : StatementCache.row(handle, byId, id, this::owned)
            .map(owned -> kind.sharedName(owned.credential().material()))
            .orElse(null);
  }

  private List<String> ofSharedName(Handle handle, String shared) {
    return handle.createQuery(table.ofSharedName()).bind(0, shared).mapTo(String.class).list();
  }

  private static void forgetSharedName(Change change, @Nullable String shared) {
    if (shared != null) {
      change.forget(FeedEntry.Kind.CREDENTIAL, shared);
    }
  }

  @Override
  public final boolean rotate(String id, Instant endsAt, IssuedCredential<M> successor) {
    return threads.write(
        what("rotate a credential"),
        change -> {
          long end = Columns.millis(endsAt);
          if (StatementCache.update(change.handle(), succeed, successor.id(), end, end, id) == 0) {
            return false;
          }
          insert(change.handle(), successor);
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public final void touch(Map<String, Instant> lastUsed) {
    Columns.touch(threads, what("note when credentials were used"), table.touch(), lastUsed);
  }

  @Override
  public final void purgeEnded(EndedRetention retention) {
    String what = what("forget credentials that ended");
    Instant before = retention.forgottenBefore(Purge.instantsByPages(threads, what, table.ends()));
    Purge.removeByPages(threads, what, table.findEnded(), null, table.removeEnded(), before);
  }

  private void insert(Handle handle, IssuedCredential<M> credential) throws SQLException {
    CredentialTerms terms = credential.terms();
    StatementCache.update(
        handle,
        insertLifecycle,
        credential.id(),
        credential.owner(),
        terms.name(),
        terms.scopes().toString(),
        Columns.millisOrNull(terms.expiresAt()),
        Columns.text(terms.networks()),
        terms.requestsPerMinute(),
        Columns.millis(credential.createdAt()),
        Columns.millisOrNull(credential.lastUsedAt()),
        Columns.millisOrNull(credential.revokedAt()),
        credential.successor(),
        credential.origin());
    List<@Nullable Object> values = new ArrayList<>(columns(credential));
    values.addFirst(credential.id());
    StatementCache.update(handle, insert, values.toArray());
  }

  /// Reads a credential and its owner from a row of [CredentialTable#select].
  final OwnedCredential<M> owned(ResultSet row) throws SQLException {
    int perMinute = row.getInt(7);
    Integer requestsPerMinute = row.wasNull() ? null : perMinute;
    return new OwnedCredential<>(
        new IssuedCredential<>(
            row.getString(1),
            row.getString(2),
            new CredentialTerms(
                row.getString(3),
                Scopes.parse(row.getString(4)),
                Columns.instantOrNull(row, 5),
                Columns.networks(row.getString(6)),
                requestsPerMinute),
            material(row, CredentialTable.FIRST_COLUMN),
            Columns.instant(row, 8),
            Columns.instantOrNull(row, 9),
            Columns.instantOrNull(row, 10),
            row.getString(11),
            row.getString(12)),
        SqlAccountStore.account(row, table.firstOwnerColumn()));
  }
}
