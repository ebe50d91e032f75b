package dev.gatehouse.store;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of one kind of credential, and the SQL for it.
///
/// The table `credential` holds the lifecycle of all kinds. The table of a kind holds what the kind
/// adds. Both rows have the same `id`, and the name of the kind's table is the `kind` in
/// `credential`. In conditions and expressions, `k` is the row of the kind, `c` that of the
/// lifecycle, and `a` that of the owner.
///
/// @param name the name of the table
/// @param columns the columns other than `id`
/// @param end an SQL expression for the instant at which a credential ends or has ended, in
///   milliseconds, as in [dev.gatehouse.credential.CredentialKind#end]; NULL: never
/// @param sharedName the column of [dev.gatehouse.credential.CredentialKind#sharedName]; null: the
///   kind has none
/// @param onRevocation a statement that runs when a credential is revoked, and takes its id; null:
///   there is none
record CredentialTable(
    String name,
    List<String> columns,
    String end,
    @Nullable String sharedName,
    @Nullable String onRevocation) {

  /// The SQL expression for the end of a credential: its revocation or its expiry, whichever is
  /// first.
  static final String END =
      """
      (CASE WHEN c.revoked_at IS NULL THEN c.expires_at
        WHEN c.expires_at IS NULL OR c.revoked_at < c.expires_at THEN c.revoked_at
        ELSE c.expires_at END)
      """;

  private static final List<String> LIFECYCLE =
      List.of(
          "id",
          "owner",
          "name",
          "scopes",
          "expires_at",
          "networks",
          "requests_per_minute",
          "created_at",
          "last_used_at",
          "revoked_at",
          "successor",
          "origin");

  /// The number of the first column of the kind's table in the result of [#select].
  static final int FIRST_COLUMN = LIFECYCLE.size() + 1;

  /// A table of a kind whose credentials end when they are revoked or expire.
  static CredentialTable of(String name, String... columns) {
    return new CredentialTable(name, List.of(columns), END, null, null);
  }

  /// A query for credentials with their owners. The result has the columns of the lifecycle, then
  /// those of this table, then those that [SqlAccountStore#account] reads.
  ///
  /// @param condition the rest of the query, beginning with `WHERE`
  String select(String condition) {
    return "SELECT "
        + prefixed("c.", LIFECYCLE)
        + ", "
        + prefixed("k.", columns)
        + ", "
        + SqlAccountStore.COLUMNS
        + from("c")
        + " JOIN account a ON a.id = c.owner "
        + condition;
  }

  /// A query for a page of the credentials of one owner. Parameters: the owner, the id after which
  /// the page begins, the number of rows.
  String listOfOwner() {
    return select(
        "WHERE c.owner = ? AND c.kind = '" + name + "' AND c.id > ? ORDER BY c.id LIMIT ?");
  }

  // Joins the two tables of this kind.
  private String from(String lifecycle) {
    return " FROM " + name + " k JOIN credential " + lifecycle + " ON " + lifecycle + ".id = k.id";
  }

  /// The number of the first column of the owner in the result of [#select].
  int firstOwnerColumn() {
    return FIRST_COLUMN + columns.size();
  }

  /// A statement that inserts the row of the lifecycle. Parameters: its columns in their order.
  String insertLifecycle() {
    return "INSERT INTO credential ("
        + String.join(", ", LIFECYCLE)
        + ", kind) VALUES ("
        + "?, ".repeat(LIFECYCLE.size())
        + "'"
        + name
        + "')";
  }

  /// A statement that inserts the row of the kind. Parameters: the id, then the columns in their
  /// order.
  String insert() {
    return "INSERT INTO "
        + name
        + " (id, "
        + String.join(", ", columns)
        + ") VALUES ("
        + String.join(", ", Collections.nCopies(columns.size() + 1, "?"))
        + ")";
  }

  /// A statement that revokes a credential, unless it is revoked. Parameters: the time, the id.
  String revoke() {
    return "UPDATE credential SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
        + ofThisKind();
  }

  /// A query for the ids of the credentials with a shared name that are not revoked. Parameter: the
  /// name.
  String ofSharedName() {
    return "SELECT k.id" + from("c") + " WHERE k." + sharedName + " = ? AND c.revoked_at IS NULL";
  }

  /// A statement that sets the successor and the end of a credential, unless it is revoked or has a
  /// successor. An earlier end stays. Parameters: the successor, the end twice, the id.
  String succeed() {
    return """
        UPDATE credential
        SET successor = ?, expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
        WHERE id = ? AND revoked_at IS NULL AND successor IS NULL"""
        + ofThisKind();
  }

  /// A statement that sets the time of the last use, unless a later one is stored. Parameters: the
  /// time, the id, the time.
  String touch() {
    return """
        UPDATE credential SET last_used_at = ?
        WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)"""
        + ofThisKind();
  }

  /// A query for ids and ends. Parameters: the id after which it begins, the number of rows.
  String ends() {
    return "SELECT k.id, " + end + from("c") + " WHERE k.id > ? ORDER BY k.id LIMIT ?";
  }

  /// A query for ids, and whether each credential ended before a time. Parameters: the time, the id
  /// after which it begins, the number of rows.
  String findEnded() {
    return "SELECT k.id, " + isOver() + from("c") + " WHERE k.id > ? ORDER BY k.id LIMIT ?";
  }

  /// A statement that removes a credential which ended before a time, unless another credential
  /// names it as its successor. Parameters: the time, the id.
  String removeEnded() {
    return "DELETE FROM credential WHERE EXISTS (SELECT 1"
        + from("c")
        + " WHERE k.id = credential.id AND "
        + isOver()
        + ") AND id = ? AND NOT EXISTS"
        + " (SELECT 1 FROM credential p WHERE p.successor = credential.id)";
  }

  private String isOver() {
    return "(" + end + " IS NOT NULL AND " + end + " < ?)";
  }

  private String ofThisKind() {
    return " AND kind = '" + name + "'";
  }

  private static String prefixed(String prefix, List<String> columns) {
    return columns.stream().map(column -> prefix + column).collect(Collectors.joining(", "));
  }
}
