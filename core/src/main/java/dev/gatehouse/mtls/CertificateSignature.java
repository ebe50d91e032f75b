package dev.gatehouse.mtls;

import com.nimbusds.jose.jwk.Curve;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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

/// Handles the encoding of the signature in a certificate, on which the fingerprint depends.
///
/// The signature does not cover itself. Without the issuer's key, a client can encode it in another
/// way that still verifies. The certificate then has another fingerprint. So the gate accepts one
/// encoding only. An ECDSA signature has two valid values, so the certificate has the fingerprints
/// of both. Does not verify the signature. Thread-safe; does not block.
final class CertificateSignature {

  // Of every curve on which an issuer's key may be.
  private static final List<BigInteger> ORDERS =
      Stream.of(Curve.P_256, Curve.P_384, Curve.P_521)
          .map(curve -> curve.toECParameterSpec().getOrder())
          .toList();

  private CertificateSignature() {}

  /// Returns what is wrong with the encoding of the signature, in words for operators; null if
  /// nothing is wrong. Throws [IOException] or a [RuntimeException] if the signature is malformed.
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

  /// Returns the fingerprints of the certificate: first its own, then those with the other
  /// signatures that can be made from its signature without the issuer's key. RSA and Ed25519 have
  /// one fingerprint only. With ECDSA, (r, s) and (r, n - s) are both valid, where n is the order
  /// of the curve. The curve is not taken from the issuer's key, because an attacker may make
  /// another issuer for the other signature, with a key on another curve.
  ///
  /// @param certificate a certificate for which [#fault] returned null
  static List<CertificateName> fingerprints(X509Certificate certificate) {
    byte[] der = CertificateEncoding.der(certificate);
    List<CertificateName> fingerprints = new ArrayList<>();
    fingerprints.add(CertificateName.fingerprint(der));
    Certificate structure = Certificate.getInstance(der);
    if (isEcdsa(structure)) {
      ASN1Sequence signature = ASN1Sequence.getInstance(structure.getSignature().getOctets());
      BigInteger s = integer(signature, 1);
      for (BigInteger order : ORDERS) {
        if (s.compareTo(order) < 0) {
          byte[] mirrored = with(structure, integer(signature, 0), order.subtract(s));
          fingerprints.add(CertificateName.fingerprint(mirrored));
        }
      }
    }
    return fingerprints;
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

  // RFC 5758 §3.2.
  private static boolean isEcdsa(Certificate certificate) {
    ASN1ObjectIdentifier algorithm = certificate.getSignatureAlgorithm().getAlgorithm();
    return algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA256)
        || algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA384)
        || algorithm.equals(X9ObjectIdentifiers.ecdsa_with_SHA512);
  }
}
