package dev.gatehouse.mtls;

import java.security.cert.X509Extension;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/// Reads the key identifiers of certificates and lists (RFC 5280 §4.2.1.1, §4.2.1.2). They
/// distinguish the keys of one CA name. An identifier proves nothing: it only shows which
/// signatures are worth verifying. Thread-safe; does not block.
final class KeyIdentifiers {

  private KeyIdentifiers() {}

  /// The identifier of the key in a certificate; null: the certificate has none. Throws
  /// [IllegalArgumentException] if the extension is malformed.
  static @Nullable ASN1OctetString ofSubject(X509Extension certificate) {
    byte[] value = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    try {
      return value == null
          ? null
          : ASN1OctetString.getInstance(ASN1OctetString.getInstance(value).getOctets());
    } catch (RuntimeException malformed) {
      throw malformed(malformed);
    }
  }

  /// The identifier of the key that signed a certificate or a list; null: there is none. Throws
  /// [IllegalArgumentException] if the extension is malformed.
  static @Nullable ASN1OctetString ofIssuer(X509Extension signed) {
    byte[] value = signed.getExtensionValue(Extension.authorityKeyIdentifier.getId());
    try {
      return value == null
          ? null
          : AuthorityKeyIdentifier.getInstance(ASN1OctetString.getInstance(value).getOctets())
              .getKeyIdentifierObject();
    } catch (RuntimeException malformed) {
      throw malformed(malformed);
    }
  }

  // Bouncy Castle throws many kinds of exceptions for malformed input.
  private static IllegalArgumentException malformed(RuntimeException cause) {
    return new IllegalArgumentException("has a malformed key identifier", cause);
  }
}
