package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x509.KeyPurposeId;

/// A CA whose lists of revoked certificates are accepted, but which is not a client CA: a CA below
/// a client CA. Its certificate verifies the signatures of its lists (RFC 5280 §6.3.3 (g)). It is
/// not a trust anchor for chains. Immutable.
///
/// @param certificate the certificate of the CA, which satisfies the profile of an intermediate CA
public record CrlIssuer(X509Certificate certificate) {

  /// Checks the certificate, but not its time or its signature. Throws [IllegalArgumentException],
  /// whose message continues a sentence about the certificate, if it violates [CertificateProfile],
  /// or if its key usage does not include cRLSign.
  public CrlIssuer {
    certificate = CertificateEncoding.parse(CertificateEncoding.der(certificate));
    String fault =
        CertificateProfile.fault(
            certificate,
            CertificateEncoding.der(certificate),
            CertificateProfile.Role.INTERMEDIATE,
            KeyPurposeId.id_kp_clientAuth);
    if (fault == null && !RevocationList.maySign(certificate)) {
      fault = "does not have the key usage cRLSign";
    }
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
  }

  /// The subject of the CA, as a text for people (RFC 2253).
  public String name() {
    return certificate.getSubjectX500Principal().getName();
  }
}
