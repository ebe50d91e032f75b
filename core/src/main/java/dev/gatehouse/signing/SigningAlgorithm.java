package dev.gatehouse.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSProvider;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.util.Optional;

/// The algorithms with which the gate signs.
///
/// Each key names its algorithm. The signed data cannot choose another one (RFC 8725 §3.1).
/// Thread-safe; does not block.
public enum SigningAlgorithm {
  /// ECDSA on P-256 (RFC 7518 §3.4).
  ES256("ES256"),
  /// Ed25519 (RFC 8037 §3.1).
  EDDSA("EdDSA"),
  /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
  RS256("RS256"),
  /// HMAC with SHA-256 (RFC 7518 §3.2).
  HS256("HS256");

  private static final int RSA_BITS = 3072;
  private static final int SECRET_BITS = 256; // RFC 7518 §3.2: as long as the hash at least

  private final String jwsName;

  SigningAlgorithm(String jwsName) {
    this.jwsName = jwsName;
  }

  /// Loads the provider that signs. This takes a while and may block. Without this call, the first
  /// signature waits for it.
  public static void loadProvider() {
    SignatureProvider.load();
  }

  /// The `alg` value of its signatures and keys (RFC 7515 §4.1.1).
  public JWSAlgorithm jws() {
    return JWSAlgorithm.parse(jwsName);
  }

  /// Returns the algorithm of this key. Empty if the key names none of these algorithms, is for
  /// another use, has another type or curve, or is a secret with fewer than 256 bits. Does not
  /// check the strength of a public key: [PublicKeyCheck] does that.
  public static Optional<SigningAlgorithm> of(JWK key) {
    // RFC 7517 §4.2 and §4.3: a key may name its use and its operations. It is then for nothing
    // else.
    boolean signs = key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
    boolean operates =
        key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY);
    for (SigningAlgorithm algorithm : values()) {
      if (signs && operates && algorithm.jws().equals(key.getAlgorithm()) && algorithm.fits(key)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  private boolean fits(JWK key) {
    return switch (this) {
      case ES256 -> key instanceof ECKey ec && ec.getCurve().equals(Curve.P_256);
      case EDDSA -> key instanceof OctetKeyPair pair && pair.getCurve().equals(Curve.Ed25519);
      case RS256 -> key instanceof RSAKey;
      case HS256 -> key instanceof OctetSequenceKey secret && secret.size() >= SECRET_BITS;
    };
  }

  /// Generates a key with this id, including its private part.
  JWK generate(String keyId) {
    try {
      return switch (this) {
        case ES256 ->
            new ECKeyGenerator(Curve.P_256)
                .keyID(keyId)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(jws())
                .generate();
        case EDDSA -> Ed25519.generate(keyId, jws());
        case RS256 ->
            new RSAKeyGenerator(RSA_BITS)
                .keyID(keyId)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(jws())
                .generate();
        case HS256 ->
            new OctetSequenceKeyGenerator(SECRET_BITS)
                .keyID(keyId)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(jws())
                .generate();
      };
    } catch (JOSEException failed) {
      throw new IllegalStateException("this Java platform can't make a key for " + jwsName, failed);
    }
  }

  /// Returns the signature over these bytes. Throws [IllegalStateException] if the key cannot sign.
  ///
  /// @param key a key for this algorithm (see [#of]) with its private part
  public Base64URL sign(JWK key, byte[] input) {
    try {
      return switch (this) {
        case ES256 -> signed(new ECDSASigner(key.toECKey()), input);
        case RS256 -> signed(new RSASSASigner(key.toRSAKey()), input);
        case HS256 -> signed(new MACSigner(key.toOctetSequenceKey()), input);
        case EDDSA -> Base64URL.encode(Ed25519.sign(key.toOctetKeyPair(), input));
      };
    } catch (JOSEException failed) {
      throw new IllegalStateException("nothing could be signed with " + key.getKeyID(), failed);
    }
  }

  /// Returns true if the signature over these bytes was made with this key. Returns false if the
  /// signature or the key is malformed.
  ///
  /// @param key a key for this algorithm (see [#of])
  public boolean verifies(JWK key, byte[] input, Base64URL signature) {
    try {
      return switch (this) {
        case ES256 -> verified(new ECDSAVerifier(key.toECKey()), input, signature);
        case RS256 -> verified(new RSASSAVerifier(key.toRSAKey()), input, signature);
        case HS256 -> verified(new MACVerifier(key.toOctetSequenceKey()), input, signature);
        case EDDSA -> Ed25519.verifies(key.toOctetKeyPair(), input, signature.decode());
      };
    } catch (JOSEException unreadable) {
      return false;
    }
  }

  private Base64URL signed(JWSSigner signer, byte[] input) throws JOSEException {
    provide(signer);
    return signer.sign(new JWSHeader(jws()), input);
  }

  private boolean verified(JWSVerifier verifier, byte[] input, Base64URL signature)
      throws JOSEException {
    provide(verifier);
    return verifier.verify(new JWSHeader(jws()), input, signature);
  }

  // The platform's HMAC is fast enough.
  private void provide(JWSProvider jws) {
    if (this != HS256) {
      jws.getJCAContext().setProvider(SignatureProvider.CHOSEN);
    }
  }
}
