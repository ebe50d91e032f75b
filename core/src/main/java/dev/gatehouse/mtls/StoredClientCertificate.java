package dev.gatehouse.mtls;

import dev.gatehouse.credential.CredentialKind;
import dev.gatehouse.credential.IssuedCredential;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// What is stored of a client certificate, or of all certificates of a name, beside the lifecycle
/// of its registration. The registration ends no later than the certificate itself. Immutable.
///
/// @param ca the id of the client CA ([ClientCa#id]): the identity counts only together with it
/// @param issued what this gate's own CA issued; null: another CA's
public record StoredClientCertificate(
    String ca, CertificateName identity, @Nullable Issued issued) {

  /// Client certificates, as the shared lifecycle knows them.
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

        // A name under a CA means one registration; a revoked one may be registered anew.
        @Override
        public @Nullable Object uniqueValue(IssuedCredential<StoredClientCertificate> credential) {
          StoredClientCertificate certificate = credential.material();
          return credential.revokedAt() == null
              ? new NameUnderCa(certificate.ca(), certificate.identity())
              : null;
        }

        // A certificate that is registered by its fingerprint is the same under every CA.
        @Override
        public @Nullable String sharedName(StoredClientCertificate certificate) {
          return certificate.isByFingerprint() ? certificate.identity().toString() : null;
        }

        // A certificate of the own CA ends by its own end alone: revoked, it is needed until then.
        // What another CA issued and is registered by its fingerprint is kept for good: the
        // certificate may still be good for its CA, and its other names may be registered.
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
  /// @param serial in lower-case hex
  /// @param notAfter the end that stands in it
  /// @param pem the certificate
  public record Issued(String serial, Instant notAfter, String pem) {

    /// Cuts the end to milliseconds, as stores keep it.
    public Issued {
      notAfter = notAfter.truncatedTo(ChronoUnit.MILLIS);
    }

    /// Names the serial only.
    @Override
    public String toString() {
      return "Issued[" + serial + "]";
    }
  }

  private boolean isByFingerprint() {
    return identity.kind() == CertificateName.Kind.FINGERPRINT;
  }
}
