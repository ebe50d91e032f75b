package dev.gatehouse.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Stores the issued credentials of one kind: the port of the lifecycle. A method's package extends
/// it with the look-ups that its credentials need.
///
/// Thread-safe; every method may block. Each method throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer. A change that a method
/// acknowledged by returning survives a crash, except in memory. Times are stored in milliseconds.
/// A store never finds or changes a credential of another kind.
///
/// @param <M> the material: see [CredentialKind]
public interface CredentialStore<M> {

  /// Adds the credential. If it has a [CredentialKind#sharedName], writes a feed row that names
  /// this as a credential in the same transaction, since the thing may have been accepted under
  /// another name.
  ///
  /// @throws IllegalArgumentException if its owner has no account, its id is taken, or another
  ///   credential has its [CredentialKind#uniqueValue]; nothing changed
  void add(IssuedCredential<M> credential);

  /// Returns the credential of that id and its owner, whether or not it is still valid.
  Optional<OwnedCredential<M>> byId(String id);

  /// Returns up to `limit` credentials, valid or not, in the order of their ids, after that id
  /// (null: from the first). Throws [IllegalArgumentException] if the limit is below 1.
  ///
  /// @param owner the id of an account; null: credentials of all accounts
  List<IssuedCredential<M>> list(@Nullable String owner, @Nullable String afterId, int limit);

  /// Revokes the credential for good, and with it every other one with the same
  /// [CredentialKind#sharedName] that is not revoked. Writes a feed row for each, and another one
  /// for the shared name, in the same transaction.
  ///
  /// @return false, and nothing changed, if there is no such credential or it was already revoked
  boolean revoke(String id, Instant at);

  /// Adds the successor, and ends the old credential at that instant or at its own end, whichever
  /// is first. Writes a feed row that names the old one in the same transaction. No row names the
  /// successor, because its material is new. Throws [IllegalArgumentException], and nothing
  /// changed, for a successor that [#add] would refuse.
  ///
  /// @return false, and nothing changed, if there is no such credential, it is revoked, or it
  ///   already has a successor
  boolean rotate(String id, Instant endsAt, IssuedCredential<M> successor);

  /// Records when credentials were last used. Ignores credentials that no longer exist, and times
  /// before the recorded one.
  ///
  /// @param lastUsed the times by the ids of credentials
  void touch(Map<String, Instant> lastUsed);

  /// Deletes the credentials whose [CredentialKind#end] is so long ago that they need not be kept.
  /// Keeps the successor of a credential that it keeps.
  void purgeEnded(EndedRetention retention);
}
