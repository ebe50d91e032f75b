package dev.gatehouse.mtls;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.EndedRetention;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where client certificates are registered, and where the gate's own CA is kept. Thread-safe;
/// every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer.
/// What a method has acknowledged by returning survives a crash.
public interface ClientCertificateStore {

  /// A registration and the account that owns it, read together.
  record Owned(StoredClientCertificate certificate, Account owner) {}

  /// A certificate of the own CA that ended before its time.
  ///
  /// @param serial in lower-case hex
  record Ended(String serial, Instant at, boolean superseded) {}

  /// Adds the registration. The owner's account must exist. Throws [IllegalArgumentException] when
  /// the id is taken, or the CA's identity is registered and not revoked.
  ///
  /// Of a fingerprint, a feed row names it as a credential ([CertificateName#toString]) in the same
  /// transaction: the certificate may have been accepted by its other names.
  void add(StoredClientCertificate certificate);

  /// Every registration of one of these names under that CA, and its owner, whether or not it is
  /// still good, in the order of their ids; at most 100.
  List<Owned> byNames(String ca, List<CertificateName> names);

  /// Every registration of that name, under whatever CA, and its owner, whether or not it is still
  /// good, in the order of their ids.
  List<Owned> underAnyCa(CertificateName name);

  /// The registration of that id, whether or not it is still good.
  Optional<StoredClientCertificate> byId(String id);

  /// Up to `limit` registrations, of that owner or (null) of all, in the order of their ids, behind
  /// that id (from the beginning: null).
  List<StoredClientCertificate> list(@Nullable String owner, @Nullable String afterId, int limit);

  /// Revokes the registration for good, and writes a feed row that names it in the same
  /// transaction. Of a fingerprint, it revokes all registrations of that fingerprint, under
  /// whatever CA, with a row for each, and another row that names the fingerprint, as [#add] does:
  /// a certificate is revoked under all CAs. False, and nothing changed, when there is none or it
  /// was revoked before.
  boolean revoke(String id, Instant at);

  /// Adds the successor, and ends the registration at that instant or at its own end, whichever
  /// comes first; a feed row that names the old one goes into the same transaction. False, and
  /// nothing changed, when there is none, it is revoked, or it has a successor already.
  boolean renew(String id, Instant endsAt, StoredClientCertificate successor);

  /// Notes when registrations were last used. One that is gone is passed over; no time goes
  /// backwards.
  void touch(Map<String, Instant> lastUsed);

  /// What that CA of the gate's own issued and what was ended before its time: revoked, or replaced
  /// and past the overlap at `now`; without those whose own end lies before `endedBefore`. In the
  /// order of their serials.
  List<Ended> ended(String ca, Instant now, Instant endedBefore);

  /// The gate's own CAs, the newest last.
  List<StoredAuthority> authorities();

  /// Adds a CA of the gate's own, if there are as many as that; false, and nothing changed, when
  /// somebody else added one meanwhile.
  boolean addAuthority(StoredAuthority authority, int known);

  /// Forgets the registrations that ended and are not to be kept any more, but for one that is the
  /// successor of another one that is kept.
  ///
  /// A certificate of the own CA ends by its own end alone: revoked, it is needed until then. What
  /// another CA issued and is registered by its fingerprint is kept for good: the certificate may
  /// still be good for its CA, and its other names may be registered.
  void purgeEnded(EndedRetention retention);
}
