package dev.gatehouse.mtls;

import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.IssuedCredential;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The part of a stored registration that is not its lifecycle: a client certificate, or all
/// certificates with a name. The registration ends no later than the certificate. Immutable.
///
/// @param ca the id of the client CA ([ClientCa#id]), without which the identity has no meaning
/// @param identity the registered name or fingerprint
/// @param issued the certificate, if the gate's own CA issued it; null: another CA issued it
public record StoredClientCertificate(
    String ca, CertificateName identity, @Nullable Issued issued) {

  /// The kind of credential, for the shared lifecycle. Ids begin with `c_`.
  public static final CredentialKind<StoredClientCertificate> KIND =
      new CredentialKind<>() {
        @Override
        public String idPrefix() {
          return "c_";
        }

        @Override
        public String noun() {
          return "certificate";
        }

        // A name has one registration under a CA. After a revocation, it may be registered again.
        @Override
        public @Nullable Object uniqueValue(IssuedCredential<StoredClientCertificate> credential) {
          StoredClientCertificate certificate = credential.material();
          return credential.revokedAt() == null
              ? new NameUnderCa(certificate.ca(), certificate.identity())
              : null;
        }

        // A fingerprint means the same certificate under every CA.
        @Override
        public @Nullable String sharedName(StoredClientCertificate certificate) {
          return certificate.isByFingerprint() ? certificate.identity().toString() : null;
        }

        // A revoked certificate of the own CA is kept until the certificate expires, because the CA
        // must list it. A registration by fingerprint of another CA's certificate is kept for ever:
        // that CA may still accept the certificate, and its other names may be registered.
        @Override
        public @Nullable Instant end(IssuedCredential<StoredClientCertificate> credential) {
          Issued issued = credential.material().issued();
          if (issued != null) {
            return issued.notAfter();
          }
          return credential.material().isByFingerprint()
              ? null
              : CredentialKind.super.end(credential);
        }
      };

  private record NameUnderCa(String ca, CertificateName identity) {}

  /// A certificate of the gate's own CA.
  ///
  /// @param serial the serial number in lower-case hex
  /// @param notAfter the end of the certificate, in milliseconds
  /// @param pem the certificate in PEM
  public record Issued(String serial, Instant notAfter, String pem) {

    /// Truncates the end to milliseconds, the unit of the stores.
    public Issued {
      notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
    }

    /// Names only the serial number.
    @Override
    public String toString() {
      return "Issued[" + serial + "]";
    }
  }

  private boolean isByFingerprint() {
    return identity.kind() == CertificateName.Kind.FINGERPRINT;
  }
}
