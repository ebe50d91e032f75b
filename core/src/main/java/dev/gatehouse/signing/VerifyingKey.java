package dev.gatehouse.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.Base64URL;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A public key of another party, with the algorithms that it may be used for.
///
/// A key that names its algorithm is used for that algorithm only. A key that names none is used
/// for the algorithms of its type (RFC 8725 §3.1). Secrets are refused, because a party that can
/// verify with a secret can also sign with it. Immutable and thread-safe; does not block.
public final class VerifyingKey {

  private static final Set<String> RSA_ALGORITHMS =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
  private static final Set<String> ED25519_ALGORITHMS =
      Set.of("EdDSA", "Ed25519"); // RFC 8037; RFC 9864 §2.2
  private static final Map<Curve, String> CURVE_ALGORITHMS = // RFC 7518 §3.4
      Map.of(Curve.P_256, "ES256", Curve.P_384, "ES384", Curve.P_521, "ES512");

  // The algorithms that the self-test of the chosen provider covers. The platform verifies the
  // others.
  private static final Set<String> PROVIDER_ALGORITHMS = Set.of("ES256", "RS256");

  private final JWK key;
  private final Set<String> algorithms;

  private VerifyingKey(JWK key, Set<String> algorithms) {
    this.key = key;
    this.algorithms = algorithms;
  }

  /// Returns a key that can verify. Empty if the key is for another use, has an unknown type or
  /// algorithm, or is refused by [PublicKeyCheck]. The check may take a millisecond, so callers
  /// should keep the result.
  public static Optional<VerifyingKey> of(JWK key) {
    // RFC 7517 §4.2 and §4.3: a key may name its use and its operations. It is then for nothing
    // else.
    boolean signs = key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
    boolean operates =
        key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY);
    if (!signs || !operates) {
      return Optional.empty();
    }
    Set<String> fit = fitFor(key);
    if (key.getAlgorithm() != null) {
      String named = key.getAlgorithm().getName();
      fit = fit.contains(named) ? Set.of(named) : Set.of();
    }
    return fit.isEmpty() || PublicKeyCheck.fault(key) != null
        ? Optional.empty()
        : Optional.of(new VerifyingKey(key, fit));
  }

  private static Set<String> fitFor(JWK key) {
    return switch (key) {
      case RSAKey rsa -> RSA_ALGORITHMS;
      case ECKey ec -> {
        String algorithm = CURVE_ALGORITHMS.get(ec.getCurve());
        yield algorithm == null ? Set.of() : Set.of(algorithm);
      }
      case OctetKeyPair pair ->
          pair.getCurve().equals(Curve.Ed25519) ? ED25519_ALGORITHMS : Set.of();
      default -> Set.of();
    };
  }

  /// The key id (RFC 7517 §4.5); null: the key has none.
  public @Nullable String keyId() {
    return key.getKeyID();
  }

  /// The key as a JSON Web Key.
  public JWK jwk() {
    return key;
  }

  /// Returns true if the key may be used for this algorithm.
  ///
  /// @param algorithm an `alg` value (RFC 7515 §4.1.1)
  public boolean isFor(String algorithm) {
    return algorithms.contains(algorithm);
  }

  /// Returns true if the signature over these bytes was made with this key and this algorithm.
  /// Returns false if the key may not be used for the algorithm, or if the signature is malformed.
  public boolean verifies(String algorithm, byte[] input, Base64URL signature) {
    if (!isFor(algorithm)) {
      return false;
    }
    try {
      return switch (key) {
        case RSAKey rsa -> {
          RSASSAVerifier verifier = new RSASSAVerifier(rsa);
          if (PROVIDER_ALGORITHMS.contains(algorithm)) {
            verifier.getJCAContext().setProvider(SignatureProvider.CHOSEN);
          }
          yield verifier.verify(header(algorithm), input, signature);
        }
        case ECKey ec -> {
          ECDSAVerifier verifier = new ECDSAVerifier(ec);
          if (PROVIDER_ALGORITHMS.contains(algorithm)) {
            verifier.getJCAContext().setProvider(SignatureProvider.CHOSEN);
          }
          yield verifier.verify(header(algorithm), input, signature);
        }
        case OctetKeyPair pair -> Ed25519.verifies(pair, input, signature.decode());
        default -> false;
      };
    } catch (JOSEException unreadable) {
      return false;
    }
  }

  private static JWSHeader header(String algorithm) {
    return new JWSHeader(JWSAlgorithm.parse(algorithm));
  }

  @Override
  public String toString() {
    return "VerifyingKey[" + key.getKeyID() + " for " + algorithms + "]";
  }
}
