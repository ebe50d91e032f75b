package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.AccountStore;
import dev.gatehouse.revocation.FeedEntry;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The accounts, in the table `account`.
///
/// Exceptions, blocking and threads: see [SqlDatabase].
public final class SqlAccountStore implements AccountStore {

  /// The columns that [#account] reads, in this order.
  static final String COLUMNS =
      """
      a.id, a.kind, a.name, a.email, a.roles, a.scopes, a.disabled, a.created_at, \
      a.generation, a.version""";

  static final int COLUMN_COUNT = 10;

  private static final String ADD =
      """
      INSERT INTO account
        (id, kind, name, email, roles, scopes, disabled, created_at, generation, version)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO NOTHING
      """;
  private static final String BY_ID = "SELECT " + COLUMNS + " FROM account a WHERE a.id = ?";
  private static final String BY_NAME = "SELECT " + COLUMNS + " FROM account a WHERE a.name = ?";
  private static final String BY_EMAIL = "SELECT " + COLUMNS + " FROM account a WHERE a.email = ?";
  private static final String REPLACE =
      """
      UPDATE account
      SET email = ?, roles = ?, scopes = ?, disabled = ?, generation = ?, version = ?
      WHERE id = ? AND version = ?
      """;

  private static final String LOCK = "UPDATE account SET version = version WHERE id = ?";

  /// Sets the next generation and version of an account, which ends its sign-ins. The same
  /// transaction must add a feed row that names the account.
  static final String END_SIGN_INS =
      "UPDATE account SET generation = generation + 1, version = version + 1 WHERE id = ?";

  /// The first page begins after the empty text, because every id is longer.
  private static final String LIST =
      "SELECT " + COLUMNS + " FROM account a WHERE a.kind = ? AND a.id > ? ORDER BY a.id LIMIT ?";

  private final SqliteThreads threads;

  SqlAccountStore(SqliteThreads threads) {
    this.threads = threads;
  }

  /// Returns false also if the id is taken.
  @Override
  public boolean add(Account account) {
    return threads.write("add an account", change -> insert(change.handle(), account));
  }

  /// Inserts an account. Returns false, and changes nothing, if its id, name or e-mail address is
  /// taken.
  static boolean insert(Handle handle, Account account) {
    return handle
            .createUpdate(ADD)
            .bind(0, account.id())
            .bind(1, account.kind().name())
            .bind(2, account.name())
            .bind(3, account.email())
            .bind(4, text(account.roles()))
            .bind(5, account.scopes().toString())
            .bind(6, account.disabled())
            .bind(7, Columns.millis(account.createdAt()))
            .bind(8, account.generation())
            .bind(9, account.version())
            .execute()
        == 1;
  }

  /// Returns the account with this id, and locks it until the transaction ends.
  static Optional<Account> locked(Handle handle, String id) {
    // An update locks the row in databases with several writers, such as PostgreSQL. SQLite has
    // one.
    handle.createUpdate(LOCK).bind(0, id).execute();
    return find(handle, BY_ID, id);
  }

  private static Optional<Account> find(Handle handle, String sql, String key) {
    return handle.createQuery(sql).bind(0, key).map((row, context) -> account(row, 1)).findOne();
  }

  @Override
  public Optional<Account> byId(String id) {
    return one(BY_ID, id);
  }

  @Override
  public Optional<Account> byName(String name) {
    return one(BY_NAME, name);
  }

  @Override
  public Optional<Account> byEmail(String email) {
    return one(BY_EMAIL, email);
  }

  private Optional<Account> one(String sql, String key) {
    return threads.read("find an account", handle -> find(handle, sql, key));
  }

  /// Throws [IllegalArgumentException], and changes nothing, if another account has the e-mail
  /// address.
  @Override
  public boolean replace(Account changed) {
    return threads.write(
        "change an account",
        change -> {
          boolean replaced =
              change
                      .handle()
                      .createUpdate(REPLACE)
                      .bind(0, changed.email())
                      .bind(1, text(changed.roles()))
                      .bind(2, changed.scopes().toString())
                      .bind(3, changed.disabled())
                      .bind(4, changed.generation())
                      .bind(5, changed.version())
                      .bind(6, changed.id())
                      .bind(7, changed.version() - 1)
                      .execute()
                  == 1;
          if (replaced) {
            change.forget(FeedEntry.Kind.SUBJECT, changed.id());
          }
          return replaced;
        });
  }

  @Override
  public List<Account> list(Account.Kind kind, @Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "list accounts",
        handle ->
            handle
                .createQuery(LIST)
                .bind(0, kind.name())
                .bind(1, afterId == null ? "" : afterId)
                .bind(2, page)
                .map((row, context) -> account(row, 1))
                .list());
  }

  /// Reads an account from a row.
  ///
  /// @param first the number of the first of the [#COLUMNS]
  static Account account(ResultSet row, int first) throws SQLException {
    return new Account(
        row.getString(first),
        Account.Kind.valueOf(row.getString(first + 1)),
        row.getString(first + 2),
        row.getString(first + 3),
        roles(row.getString(first + 4)),
        Scopes.parse(row.getString(first + 5)),
        row.getBoolean(first + 6),
        Columns.instant(row, first + 7),
        row.getLong(first + 8),
        row.getLong(first + 9));
  }

  /// The roles as one text, with spaces between them. Throws [IllegalArgumentException] for a role
  /// that is empty or contains a space.
  static String text(SortedSet<String> roles) {
    for (String role : roles) {
      if (role.isEmpty() || role.indexOf(' ') >= 0) {
        throw new IllegalArgumentException("'" + role + "' is no name of a role");
      }
    }
    return String.join(" ", roles);
  }

  /// The roles in a text of [#text].
  static SortedSet<String> roles(String text) {
    return text.isEmpty()
        ? Collections.emptySortedSet()
        : Collections.unmodifiableSortedSet(new TreeSet<>(Arrays.asList(text.split(" ", -1))));
  }
}
