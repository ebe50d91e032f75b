package dev.gatehouse.oauth;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores invitations by the digest of their token. Thread-safe; every method may block.
/// [LinkStore#addAccount] marks them as used.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] if the store does not answer. A
/// change that a method acknowledged by returning survives a crash.
public interface InvitationStore {

  /// Adds an invitation that was not used. Throws [IllegalArgumentException] if its id or digest is
  /// taken.
  void add(Invitation invitation, Digest digest);

  /// Returns the invitation of that digest, whether or not it is still valid.
  Optional<Invitation> byDigest(Digest digest);

  /// Returns up to `limit` invitations in the order of their ids, after that id (null: from the
  /// first). Includes those that were used or have expired and are not deleted yet.
  List<Invitation> list(@Nullable String afterId, int limit);

  /// Deletes the invitation.
  ///
  /// @return false, and nothing changed, if there is none or it was used
  boolean withdraw(String id);

  /// Deletes invitations that expired before that instant, used or not.
  void purgeEndedBefore(Instant instant);
}
