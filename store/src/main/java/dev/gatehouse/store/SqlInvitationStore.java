package dev.gatehouse.store;

import dev.gatehouse.Scopes;
import dev.gatehouse.oauth.Invitation;
import dev.gatehouse.oauth.InvitationStore;
import dev.gatehouse.secret.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// The invitations, in the table `invitation`.
///
/// Throws [IllegalArgumentException] for an invitation whose id or digest is taken. Other
/// exceptions, blocking and threads: see [SqlDatabase].
public final class SqlInvitationStore implements InvitationStore {

  private static final String COLUMNS =
      "i.id, i.email, i.roles, i.scopes, i.created_at, i.expires_at, i.accepted_at, i.account";

  private static final String ADD =
      """
      INSERT INTO invitation
        (id, digest, email, roles, scopes, created_at, expires_at, accepted_at, account)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  static final String BY_DIGEST = "SELECT " + COLUMNS + " FROM invitation i WHERE i.digest = ?";

  /// The first page begins after the empty text, because every id is longer.
  static final String LIST =
      "SELECT " + COLUMNS + " FROM invitation i WHERE i.id > ? ORDER BY i.id LIMIT ?";

  private static final String WITHDRAW =
      "DELETE FROM invitation WHERE id = ? AND accepted_at IS NULL";
  private static final String SPEND =
      """
      UPDATE invitation SET accepted_at = ?, account = ?
      WHERE digest = ? AND accepted_at IS NULL AND expires_at > ?
      """;
  static final String PURGE =
      """
      DELETE FROM invitation WHERE id IN
        (SELECT id FROM invitation WHERE expires_at < ? LIMIT ?)
      """;

  private final SqliteThreads threads;

  SqlInvitationStore(SqliteThreads threads) {
    this.threads = threads;
  }

  @Override
  public void add(Invitation invitation, Digest digest) {
    threads.write(
        "add an invitation",
        change ->
            change
                .handle()
                .createUpdate(ADD)
                .bind(0, invitation.id())
                .bind(1, digest.bytes())
                .bind(2, invitation.email())
                .bind(3, SqlAccountStore.text(invitation.roles()))
                .bind(4, invitation.scopes().toString())
                .bind(5, Columns.millis(invitation.createdAt()))
                .bind(6, Columns.millis(invitation.expiresAt()))
                .bind(7, Columns.millisOrNull(invitation.acceptedAt()))
                .bind(8, invitation.account())
                .execute());
  }

  @Override
  public Optional<Invitation> byDigest(Digest digest) {
    return threads.read("find an invitation", handle -> find(handle, digest));
  }

  @Override
  public List<Invitation> list(@Nullable String afterId, int limit) {
    int page = Columns.page(limit);
    return threads.read(
        "list invitations",
        handle ->
            handle
                .createQuery(LIST)
                .bind(0, afterId == null ? "" : afterId)
                .bind(1, page)
                .map((row, context) -> invitation(row))
                .list());
  }

  @Override
  public boolean withdraw(String id) {
    return threads.write(
        "withdraw an invitation",
        change -> change.handle().createUpdate(WITHDRAW).bind(0, id).execute() == 1);
  }

  @Override
  public void purgeEndedBefore(Instant instant) {
    Purge.removeInBatches(threads, "purge invitations", PURGE, instant);
  }

  /// Returns true if the invitation with this digest exists and can be accepted at this time.
  static boolean isValid(Handle handle, Digest digest, Instant now) {
    return find(handle, digest).filter(invitation -> invitation.isValid(now)).isPresent();
  }

  /// Marks the invitation with this digest as accepted by this account. Returns false, and changes
  /// nothing, if there is no invitation that can be accepted.
  static boolean spend(Handle handle, Digest digest, Instant now, String account) {
    return handle
            .createUpdate(SPEND)
            .bind(0, Columns.millis(now))
            .bind(1, account)
            .bind(2, digest.bytes())
            .bind(3, Columns.millis(now))
            .execute()
        == 1;
  }

  private static Optional<Invitation> find(Handle handle, Digest digest) {
    return handle
        .createQuery(BY_DIGEST)
        .bind(0, digest.bytes())
        .map((row, context) -> invitation(row))
        .findOne();
  }

  private static Invitation invitation(ResultSet row) throws SQLException {
    return new Invitation(
        row.getString(1),
        row.getString(2),
        SqlAccountStore.roles(row.getString(3)),
        Scopes.parse(row.getString(4)),
        Columns.instant(row, 5),
        Columns.instant(row, 6),
        Columns.instantOrNull(row, 7),
        row.getString(8));
  }
}
