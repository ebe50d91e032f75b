package dev.gatehouse.oauth;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where invitations are kept, by the digest of their token. Thread-safe; every call may block.
/// [LinkStore#addAccount] spends them.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface InvitationStore {

  /// Adds the invitation, which nobody has accepted. Throws [IllegalArgumentException] when its id
  /// or digest is taken.
  void add(Invitation invitation, Digest digest);

  /// The invitation of that digest, whether or not it is still good.
  Optional<Invitation> byDigest(Digest digest);

  /// Up to `limit` invitations, in the order of their ids, behind that id (from the beginning:
  /// null); also those that are spent or over and not purged yet.
  List<Invitation> list(@Nullable String afterId, int limit);

  /// Removes the invitation; false, and nothing changed, when there is none or it was accepted.
  boolean withdraw(String id);

  /// Removes invitations that ended before that instant, accepted or not.
  void purgeEndedBefore(Instant instant);
}
