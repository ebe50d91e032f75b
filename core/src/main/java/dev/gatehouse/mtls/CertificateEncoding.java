package dev.gatehouse.mtls;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/// Converts certificates from and to DER. Thread-safe; does not block.
final class CertificateEncoding {

  /// How many certificates a client may send: its own and those above it.
  static final int MAX_CHAIN_LENGTH = 10;

  private CertificateEncoding() {}

  /// Returns the DER of a certificate. Throws [IllegalArgumentException] if it cannot be encoded.
  static byte[] der(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException malformed) {
      throw new IllegalArgumentException("is malformed", malformed);
    }
  }

  /// The longest name of a subject or an issuer that is read, in bytes of its DER. The JDK
  /// normalizes names when it compares them, and the time for that grows with the square of their
  /// length.
  static final int MAX_NAME_BYTES = 1024;

  /// Parses bytes that are exactly one certificate in DER. Does not check it further. Throws
  /// [IllegalArgumentException], whose message continues a sentence about the certificate, if the
  /// bytes are something else, or if the certificate or a name in it is too long.
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
