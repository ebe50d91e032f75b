package dev.gatehouse.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.util.Set;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.util.BigIntegers;
import org.jspecify.annotations.Nullable;

/// Checks whether a public key is valid and strong enough to rely on its signatures.
///
/// The gate applies this check to every public key on which it relies: in key sets, signature keys,
/// certificates, certificate requests and CA files, and to its own keys when it reads them. Does
/// not check what the key may be used for. Thread-safe; does not block.
public final class PublicKeyCheck {

  private static final int MIN_RSA_BITS = 2048; // RFC 7518 §3.3, RFC 9325 §4.5
  private static final int MAX_RSA_BITS = 8192; // A longer key only costs time.
  private static final int MIN_EXPONENT_BITS = 17; // FIPS 186-5: odd, and greater than 2^16.
  private static final int MAX_EXPONENT_BITS = 64; // A longer exponent only costs time.

  // RFC 8410 §3.
  private static final ASN1ObjectIdentifier ED25519 = new ASN1ObjectIdentifier("1.3.101.112");

  private static final Set<ASN1ObjectIdentifier> CURVES =
      Set.of(
          SECObjectIdentifiers.secp256r1,
          SECObjectIdentifiers.secp384r1,
          SECObjectIdentifiers.secp521r1);

  private static final String UNREADABLE = "a key that cannot be read";
  private static final String OTHER_KIND = "a key of another kind than RSA, EC or Ed25519";

  private PublicKeyCheck() {}

  /// Returns what is wrong with the key, as a noun phrase for operators ("an RSA key of 1024 bits:
  /// …"); null if nothing is wrong.
  ///
  /// - RSA: the modulus has 2048 to 8192 bits in whole bytes, is odd and has no small factor. It
  ///   has neither the fingerprint of CVE-2017-15361 nor primes that are close together. The public
  ///   exponent is odd and has 17 to 64 bits. This method does not test whether the modulus is the
  ///   product of two large primes, because that test costs too much for an unknown client.
  /// - EC: the curve is P-256, P-384 or P-521, and is named (RFC 5480 §2.1.1). The point is on the
  ///   curve, and is not the point at infinity.
  /// - Ed25519: the algorithm has no parameters, the encoding of the point is canonical, and the
  ///   point is in the subgroup of prime order. So points of small order are refused.
  public static @Nullable String fault(PublicKey key) {
    byte[] encoded = key.getEncoded();
    if (encoded == null) {
      return UNREADABLE;
    }
    try {
      SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(encoded);
      ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
      if (algorithm.equals(PKCSObjectIdentifiers.rsaEncryption)
          || algorithm.equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
        return key instanceof RSAPublicKey rsa ? rsaFault(rsa) : UNREADABLE;
      }
      if (algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey)) {
        return ecFault(info);
      }
      return algorithm.equals(ED25519) ? ed25519Fault(info) : OTHER_KIND;
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return UNREADABLE;
    }
  }

  /// Returns the same for the public part of a JSON Web Key. A secret has no public part and is
  /// refused as a key of another kind.
  public static @Nullable String fault(JWK key) {
    try {
      return switch (key) {
        case RSAKey rsa -> fault(rsa.toPublicKey());
        case ECKey ec -> fault(ec.toPublicKey());
        case OctetKeyPair pair when pair.getCurve().equals(Curve.Ed25519) ->
            fault(Ed25519.publicKey(pair));
        default -> OTHER_KIND;
      };
    } catch (JOSEException | InvalidKeySpecException malformed) {
      return UNREADABLE;
    }
  }

  private static @Nullable String rsaFault(RSAPublicKey key) {
    BigInteger modulus = key.getModulus();
    int bits = modulus.bitLength();
    if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS || bits % 8 != 0) {
      return "an RSA key of "
          + bits
          + " bits: whole bytes from "
          + MIN_RSA_BITS
          + " to "
          + MAX_RSA_BITS
          + " bits are accepted";
    }
    BigInteger exponent = key.getPublicExponent();
    int exponentBits = exponent.bitLength();
    if (!exponent.testBit(0)
        || exponentBits < MIN_EXPONENT_BITS
        || exponentBits > MAX_EXPONENT_BITS) {
      return "an RSA key with an unusual public exponent: 65537 is the usual one";
    }
    if (!modulus.testBit(0) || BigIntegers.hasAnySmallFactors(modulus)) {
      return "an RSA key whose modulus has a small factor";
    }
    if (WeakRsa.hasRocaFingerprint(modulus)) {
      return "an RSA key that can be factored (CVE-2017-15361, \"ROCA\")";
    }
    return WeakRsa.hasClosePrimes(modulus)
        ? "an RSA key that can be factored (CVE-2022-26320, its primes are close together)"
        : null;
  }

  private static @Nullable String ecFault(SubjectPublicKeyInfo info) {
    if (!(info.getAlgorithm().getParameters() instanceof ASN1ObjectIdentifier curve
        && CURVES.contains(curve))) {
      return "an EC key on another curve than P-256, P-384 or P-521";
    }
    try {
      PublicKeyFactory.createKey(info); // checks the point
      return null;
    } catch (IOException | IllegalArgumentException | ArithmeticException noPoint) {
      return "an EC key whose point is not on its curve";
    }
  }

  private static @Nullable String ed25519Fault(SubjectPublicKeyInfo info) {
    if (info.getAlgorithm().getParameters() != null) { // RFC 8410 §3: absent
      return "an Ed25519 key whose algorithm has parameters";
    }
    byte[] point = info.getPublicKeyData().getOctets();
    return point.length == org.bouncycastle.math.ec.rfc8032.Ed25519.PUBLIC_KEY_SIZE
            && org.bouncycastle.math.ec.rfc8032.Ed25519.validatePublicKeyFull(point, 0)
        ? null
        : "an Ed25519 key that is not the canonical encoding of a point of prime order";
  }
}
