package dev.gatehouse.mtls;

import java.security.cert.X509Extension;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/// Tells the keys of one name apart (RFC 5280 §4.2.1.1, §4.2.1.2). An identifier proves nothing: it
/// says which signature is worth verifying.
final class KeyIdentifiers {

  private KeyIdentifiers() {}

  /// The identifier of the key that a certificate is for; null: it has none. Throws
  /// [IllegalArgumentException] when the extension is malformed.
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

  /// The identifier of the key that signed a certificate or a list; null: it has none. Throws
  /// [IllegalArgumentException] when the extension is malformed.
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

  // Bouncy Castle throws many kinds of them.
  private static IllegalArgumentException malformed(RuntimeException cause) {
    return new IllegalArgumentException("has a malformed key identifier", cause);
  }
}
