package dev.gatehouse.signing;

import java.math.BigInteger;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/// Checks whether the signature algorithm of a certificate or a list of revoked certificates is
/// strong enough.
///
/// The gate applies this check to every such signature on which it relies. It does not rely on the
/// signature of a trust anchor. Does not verify the signature. [PublicKeyCheck] checks the key of
/// the signer. Thread-safe; does not block.
public final class SignatureAlgorithmCheck {

  // RFC 8410 §3.
  private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

  private static final Set<ASN1ObjectIdentifier> ALGORITHMS =
      Set.of(
          PKCSObjectIdentifiers.sha256WithRSAEncryption,
          PKCSObjectIdentifiers.sha384WithRSAEncryption,
          PKCSObjectIdentifiers.sha512WithRSAEncryption,
          X9ObjectIdentifiers.ecdsa_with_SHA256,
          X9ObjectIdentifiers.ecdsa_with_SHA384,
          X9ObjectIdentifiers.ecdsa_with_SHA512,
          ED25519);

  private static final Set<ASN1ObjectIdentifier> PSS_HASHES =
      Set.of(
          NISTObjectIdentifiers.id_sha256,
          NISTObjectIdentifiers.id_sha384,
          NISTObjectIdentifiers.id_sha512);

  private SignatureAlgorithmCheck() {}

  /// Returns why the algorithm is refused, in words that continue a sentence about the certificate
  /// ("is signed with …"); null if it is strong enough. Reads the outer algorithm field, with which
  /// the signature is verified; this field is not signed.
  public static @Nullable String fault(X509Certificate certificate) {
    return fault(certificate.getSigAlgOID(), certificate.getSigAlgParams());
  }

  /// Returns the same for a list of revoked certificates.
  public static @Nullable String fault(X509CRL list) {
    return fault(list.getSigAlgOID(), list.getSigAlgParams());
  }

  private static @Nullable String fault(String id, byte @Nullable [] parameters) {
    ASN1ObjectIdentifier algorithm = new ASN1ObjectIdentifier(id);
    return ALGORITHMS.contains(algorithm)
            || (algorithm.equals(PKCSObjectIdentifiers.id_RSASSA_PSS) && isStrongPss(parameters))
        ? null
        : "is signed with an algorithm that is weak or unknown ("
            + id
            + "): SHA-256 or better is needed";
  }

  // The largest key has room for this salt. The JDK fails if the salt is much longer.
  private static final BigInteger MAX_SALT_BYTES = BigInteger.valueOf(1024);

  private static boolean isStrongPss(byte @Nullable [] parameters) {
    try {
      RSASSAPSSparams pss = RSASSAPSSparams.getInstance(parameters);
      return pss != null
          && PSS_HASHES.contains(pss.getHashAlgorithm().getAlgorithm())
          // RFC 8017 §9.1.1: the hash, the salt and two octets must fit into the key.
          && pss.getSaltLength().signum() >= 0
          && pss.getSaltLength().compareTo(MAX_SALT_BYTES) <= 0
          && pss.getTrailerField().equals(BigInteger.ONE)
          // RFC 4055 §3.1 recommends the same hash for the mask.
          && pss.getMaskGenAlgorithm().getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1)
          && pss.getHashAlgorithm()
              .equals(AlgorithmIdentifier.getInstance(pss.getMaskGenAlgorithm().getParameters()));
    } catch (RuntimeException malformed) {
      return false;
    }
  }
}
