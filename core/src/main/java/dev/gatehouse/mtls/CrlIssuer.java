package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// A CA that is no client CA, and whose lists of revoked certificates count: a CA below a client
/// CA, whose certificate clients show. Its certificate verifies the signatures of its lists (RFC
/// 5280 §6.3.3 (g)), and no chain may end there.
///
/// @param certificate its certificate, which fulfils what the gate demands of an intermediate one
public record CrlIssuer(X509Certificate certificate) {

  /// Throws [IllegalArgumentException], whose message follows a name for the certificate, when no
  /// client's chain may lead through that CA, or when it may not sign lists.
  public CrlIssuer {
    certificate = CertificateEncoding.parse(CertificateEncoding.der(certificate));
    String fault =
        CertificateProfile.fault(
            certificate,
            CertificateEncoding.der(certificate),
            CertificateProfile.Role.INTERMEDIATE,
            KeyPurposeId.id_kp_clientAuth);
    if (fault == null && !RevocationList.maySign(certificate)) {
      fault = "has not the key usage cRLSign";
    }
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
  }

  /// Its subject, as people read it.
  public String name() {
    return certificate.getSubjectX500Principal().getName();
  }
}
