package dev.gatehouse.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the issued credentials of one kind are kept: the port of the lifecycle. A method's package
/// extends it by the look-ups that its credentials need.
///
/// Thread-safe; every call may block. Each method throws [dev.gatehouse.StoreUnavailableException]
/// when the store does not answer. What a method has acknowledged by returning survives a crash,
/// except in memory. Times are kept to the millisecond. A store never finds or changes a credential
/// of another kind.
///
/// @param <M> see [CredentialKind]
public interface CredentialStore<M> {

  /// Adds the credential. Throws [IllegalArgumentException], and nothing changed, when its owner
  /// has no account, its id is taken, or another one has its [CredentialKind#uniqueValue]. A feed
  /// row names its [CredentialKind#sharedName], if it has one, as a credential in the same
  /// transaction: the thing may have been accepted by another name.
  void add(IssuedCredential<M> credential);

  /// The credential of that id and its owner, whether or not it is still good.
  Optional<OwnedCredential<M>> byId(String id);

  /// Up to `limit` credentials, good or not, of that owner (an account's id) or (null) of all, in
  /// the order of their ids, behind that id (null: from the beginning). Throws
  /// [IllegalArgumentException] when the limit is below 1.
  List<IssuedCredential<M>> list(@Nullable String owner, @Nullable String afterId, int limit);

  /// Revokes the credential for good, and with it every other one of its
  /// [CredentialKind#sharedName] that is not revoked. A feed row for each, and another one for the
  /// shared name, go into the same transaction.
  ///
  /// @return false, and nothing changed: there is no such credential, or it was revoked before
  boolean revoke(String id, Instant at);

  /// Adds the successor, and ends the credential at that instant or at its own end, whichever comes
  /// first. A feed row that names the old one goes into the same transaction. No row names the
  /// successor, because its material is new. Throws [IllegalArgumentException], and nothing
  /// changed, for a successor that [#add] would refuse.
  ///
  /// @return false, and nothing changed: there is no such credential, it is revoked, or it has a
  ///   successor already
  boolean rotate(String id, Instant endsAt, IssuedCredential<M> successor);

  /// Notes when credentials were last used. One that is gone is passed over; no time goes
  /// backwards.
  ///
  /// @param lastUsed by their ids
  void touch(Map<String, Instant> lastUsed);

  /// Forgets the credentials whose [CredentialKind#end] is over for so long that they are not to be
  /// kept, except one that is the successor of another one that is kept.
  void purgeEnded(EndedRetention retention);
}
