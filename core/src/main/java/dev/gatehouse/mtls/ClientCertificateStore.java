package dev.gatehouse.mtls;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.List;

/// The port to the store of registered client certificates and of the gate's own CAs.
/// Implementations are thread-safe; each method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public interface ClientCertificateStore extends CredentialStore<StoredClientCertificate> {

  /// A certificate that the gate's own CA must list as revoked.
  ///
  /// @param serial the serial number in lower-case hex
  /// @param at when the certificate was revoked, or when the overlap after its replacement ended
  /// @param superseded true: it was replaced, and not revoked
  record CrlEntry(String serial, Instant at, boolean superseded) {}

  /// Returns the registrations of these names under this CA, with their owners, in the order of
  /// their ids; at most 100. Includes registrations that are revoked or have expired.
  List<OwnedCredential<StoredClientCertificate>> byNames(String ca, List<CertificateName> names);

  /// Returns the registrations of this name under all CAs, with their owners, in the order of their
  /// ids. Includes registrations that are revoked or have expired.
  List<OwnedCredential<StoredClientCertificate>> underAnyCa(CertificateName name);

  /// Returns the certificates that this own CA must list as revoked, in the order of their serial
  /// numbers: those that were revoked, and those that were replaced and whose overlap is over at
  /// `now`. Leaves out certificates that expired before `expiredBefore`.
  List<CrlEntry> crlEntries(String ca, Instant now, Instant expiredBefore);

  /// Returns the gate's own CAs, the newest last.
  List<StoredCa> ownCas();

  /// Adds an own CA, if the store holds `known` CAs. Returns false, and changes nothing, if it
  /// holds another number, because another node has added one.
  boolean addOwnCa(StoredCa ca, int known);
}
