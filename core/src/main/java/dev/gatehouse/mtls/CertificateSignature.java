package dev.gatehouse.mtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/// The signature of a certificate, as it is written in the certificate.
///
/// The signature does not cover itself. Without the issuer's key, a client can encode it in another
/// way that still verifies. The certificate then has another fingerprint. So the gate accepts one
/// encoding only. An ECDSA signature has two valid values: the certificate has the fingerprints of
/// both. Thread-safe; does not block.
final class CertificateSignature {

  private CertificateSignature() {}

  /// What is wrong with the way in which it is written, as operators are told; null: nothing.
  static @Nullable String fault(Certificate certificate) throws IOException {
    ASN1BitString signature = certificate.getSignature();
    if (signature.getPadBits() != 0) {
      return "has a signature that is not made of whole bytes";
    }
    if (!isEcdsa(certificate)) {
      return null;
    }
    byte[] value = signature.getOctets();
    boolean whole =
        Der.read(value) instanceof ASN1Sequence read
            && read.size() == 2
            && integer(read, 0).signum() > 0
            && integer(read, 1).signum() > 0;
    return whole ? null : "has a signature that is not encoded in DER";
  }

  /// The fingerprints of the certificate: its own first, then those that it has with another
  /// signature that can be made from its own without the issuer's key. With ECDSA, (r, s) and (r, n
  /// - s) are both good, where n is the order of the curve. RSA and Ed25519 have one.
  ///
  /// @param certificate without a [#fault]
  /// @param issuer the key that verified it
  static List<CertificateName> fingerprints(X509Certificate certificate, PublicKey issuer) {
    byte[] der = PresentedChain.der(certificate);
    CertificateName own = CertificateName.fingerprint(der);
    Certificate structure = Certificate.getInstance(der);
    if (!isEcdsa(structure) || !(issuer instanceof ECPublicKey key)) {
      return List.of(own);
    }
    ASN1Sequence signature = ASN1Sequence.getInstance(structure.getSignature().getOctets());
    BigInteger mirrored = key.getParams().getOrder().subtract(integer(signature, 1));
    return List.of(
        own, CertificateName.fingerprint(with(structure, integer(signature, 0), mirrored)));
  }

  private static byte[] with(Certificate structure, BigInteger r, BigInteger s) {
    try {
      byte[] value = sequence(new ASN1Integer(r), new ASN1Integer(s));
      return sequence(
          structure.getTBSCertificate(),
          structure.getSignatureAlgorithm(),
          new DERBitString(value));
    } catch (IOException impossible) {
      throw new IllegalStateException("written to memory", impossible);
    }
  }

  private static byte[] sequence(ASN1Encodable... parts) throws IOException {
    return new DERSequence(parts).getEncoded(ASN1Encoding.DER);
  }

  private static BigInteger integer(ASN1Sequence of, int at) {
    return ASN1Integer.getInstance(of.getObjectAt(at)).getValue();
  }

  // RFC 5758 §3.2
  private static boolean isEcdsa(Certificate certificate) {
    ASN1ObjectIdentifier algorithm = certificate.getSignatureAlgorithm().getAlgorithm();
    return algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)
        || algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA384)
        || algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA512);
  }
}
