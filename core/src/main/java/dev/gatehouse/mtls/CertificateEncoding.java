package dev.gatehouse.mtls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/// The bytes of certificates, and what the JDK reads in them.
final class CertificateEncoding {

  /// How many certificates a client may show, its own and those above it.
  static final int MAX_CHAIN_LENGTH = 10;

  private CertificateEncoding() {}

  /// The DER of a certificate; throws [IllegalArgumentException] when it has none.
  static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException malformed) {
      throw new IllegalArgumentException("is malformed", malformed);
    }
  }

  /// The longest name of a subject or an issuer that is read, in bytes of its DER. To compare two
  /// names, the JDK normalizes them, which takes time that grows with the square of their length.
  static final int MAX_NAME_BYTES = 1024;

  /// The certificate of that DER, and of nothing more; throws [IllegalArgumentException].
  static X509Certificate parse(byte[] der) {
    if (der.length > CertificateProfile.MAX_BYTES) {
      throw new IllegalArgumentException(
          "is longer than " + CertificateProfile.MAX_BYTES + " bytes");
    }
    try {
      ByteArrayInputStream bytes = new ByteArrayInputStream(der);
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
      if (bytes.available() > 0 || der.length == 0 || der[0] != 0x30) {
        throw new IllegalArgumentException("is malformed");
      }
      if (certificate.getSubjectX500Principal().getEncoded().length > MAX_NAME_BYTES
          || certificate.getIssuerX500Principal().getEncoded().length > MAX_NAME_BYTES) {
        throw new IllegalArgumentException("has a name of more than " + MAX_NAME_BYTES + " bytes");
      }
      return certificate;
    } catch (CertificateException malformed) {
      throw new IllegalArgumentException("is malformed", malformed);
    }
  }
}
