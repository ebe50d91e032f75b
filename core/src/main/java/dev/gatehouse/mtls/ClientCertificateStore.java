package dev.gatehouse.mtls;

import dev.gatehouse.credential.CredentialStore;
import dev.gatehouse.credential.OwnedCredential;
import java.time.Instant;
import java.util.List;

/// Where client certificates are registered, how they are found by their names, and where the
/// gate's own CA is kept.
public interface ClientCertificateStore extends CredentialStore<StoredClientCertificate> {

  /// A certificate of the own CA that ended before its time.
  ///
  /// @param serial in lower-case hex
  record CrlEntry(String serial, Instant at, boolean superseded) {}

  /// Every registration of one of these names under that CA, and its owner, whether or not it is
  /// still good, in the order of their ids; at most 100.
  List<OwnedCredential<StoredClientCertificate>> byNames(String ca, List<CertificateName> names);

  /// Every registration of that name, under whatever CA, and its owner, whether or not it is still
  /// good, in the order of their ids.
  List<OwnedCredential<StoredClientCertificate>> underAnyCa(CertificateName name);

  /// What that CA of the gate's own issued and what was ended before its time: revoked, or replaced
  /// and past the overlap at `now`; without those whose own end lies before `expiredBefore`. In the
  /// order of their serials.
  List<CrlEntry> crlEntries(String ca, Instant now, Instant expiredBefore);

  /// The gate's own CAs, the newest last.
  List<StoredCa> ownCas();

  /// Adds a CA of the gate's own, if there are as many as that; false, and nothing changed, when
  /// somebody else added one meanwhile.
  boolean addOwnCa(StoredCa ca, int known);
}
