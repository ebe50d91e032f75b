package dev.gatehouse.store;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The table of what one kind of credential adds to the table `credential`. Its `id` is the
/// credential's, and its name is the `kind` there.
///
/// In its expressions and conditions, the row is `k`, that of the lifecycle `c`, and that of the
/// owner `a`.
///
/// @param columns beside the `id`
/// @param end when a credential ended or will end, in milliseconds, as
///   [dev.gatehouse.credential.CredentialKind#end] says; NULL: never
/// @param sharedName the column of [dev.gatehouse.credential.CredentialKind#sharedName]; null: the
///   kind has none
/// @param onRevocation a statement that takes the id of a credential that is being revoked; null:
///   none is needed
record CredentialTable(
    String name,
    List<String> columns,
    String end,
    @Nullable String sharedName,
    @Nullable String onRevocation) {

  /// When a credential ends by its revocation or its expiry, whichever comes first.
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

  /// The number of the first column that [#select] reads of this table.
  static final int FIRST_COLUMN = LIFECYCLE.size() + 1;

  /// A table of a kind whose credentials end by their revocation or their expiry.
  static CredentialTable of(String name, String... columns) {
    return new CredentialTable(name, List.of(columns), END, null, null);
  }

  /// Reads credentials with their owners: the columns of the lifecycle, those of this table, and
  /// those of [SqlAccountStore#account].
  ///
  /// @param condition what follows, from `WHERE` on
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

  /// A page of those of one owner: takes the owner, the id behind which it begins, and its length.
  String listOfOwner() {
    return select(
        "WHERE c.owner = ? AND c.kind = '" + name + "' AND c.id > ? ORDER BY c.id LIMIT ?");
  }

  /// Reads of the rows of this kind alone.
  private String from(String lifecycle) {
    return " FROM " + name + " k JOIN credential " + lifecycle + " ON " + lifecycle + ".id = k.id";
  }

  /// The number of the first column of the owner that [#select] reads.
  int firstOwnerColumn() {
    return FIRST_COLUMN + columns.size();
  }

  String insertLifecycle() {
    return "INSERT INTO credential ("
        + String.join(", ", LIFECYCLE)
        + ", kind) VALUES ("
        + "?, ".repeat(LIFECYCLE.size())
        + "'"
        + name
        + "')";
  }

  String insert() {
    return "INSERT INTO "
        + name
        + " (id, "
        + String.join(", ", columns)
        + ") VALUES ("
        + String.join(", ", Collections.nCopies(columns.size() + 1, "?"))
        + ")";
  }

  /// Takes the time and the id.
  String revoke() {
    return "UPDATE credential SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
        + ofThisKind();
  }

  /// The ids of those of a shared name that are not revoked: takes the name.
  String ofSharedName() {
    return "SELECT k.id" + from("c") + " WHERE k." + sharedName + " = ? AND c.revoked_at IS NULL";
  }

  /// Takes the successor, its end twice, and the id.
  String succeed() {
    return """
        UPDATE credential
        SET successor = ?, expires_at = CASE WHEN expires_at < ? THEN expires_at ELSE ? END
        WHERE id = ? AND revoked_at IS NULL AND successor IS NULL"""
        + ofThisKind();
  }

  /// Takes the time, the id, and the time again.
  String touch() {
    return """
        UPDATE credential SET last_used_at = ?
        WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)"""
        + ofThisKind();
  }

  /// Ids and ends: takes the id behind which to look, and how many rows to look at.
  String ends() {
    return "SELECT k.id, " + end + from("c") + " WHERE k.id > ? ORDER BY k.id LIMIT ?";
  }

  /// Ids, and whether each ended before a time: takes the time, the id behind which to look, and
  /// how many rows to look at.
  String findEnded() {
    return "SELECT k.id, " + isOver() + from("c") + " WHERE k.id > ? ORDER BY k.id LIMIT ?";
  }

  /// Removes one that ended before a time, unless another one names it as its successor: takes the
  /// time and the id.
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
