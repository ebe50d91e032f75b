package dev.gatehouse.signing;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whose code signs and verifies: Amazon's Corretto Crypto Provider where it is on the class path
/// and works on this machine, which is several times faster, and else the Java platform's.
///
/// It is not installed for the rest of the program.
public final class SignatureProvider {

  private static final Logger LOG = LoggerFactory.getLogger(SignatureProvider.class);

  private static final String NAME =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  /// Null: the Java platform's.
  static final @Nullable Provider CHOSEN = choose();

  private SignatureProvider() {}

  /// Chooses, unless that is done.
  static void load() {
    // The class does it when it is first used.
  }

  /// That algorithm's signatures; the Java platform's, where the chosen code has none.
  public static Signature signature(String algorithm) throws GeneralSecurityException {
    try {
      return signature(algorithm, CHOSEN);
    } catch (NoSuchAlgorithmException unknownThere) {
      return signature(algorithm, null);
    }
  }

  private static Signature signature(String algorithm, @Nullable Provider provider)
      throws GeneralSecurityException {
    return provider == null
        ? Signature.getInstance(algorithm)
        : Signature.getInstance(algorithm, provider);
  }

  private static @Nullable Provider choose() {
    try {
      Provider found =
          ServiceLoader.load(Provider.class, SignatureProvider.class.getClassLoader()).stream()
              .filter(provider -> provider.type().getName().equals(NAME))
              .map(ServiceLoader.Provider::get)
              .findFirst()
              .orElse(null);
      if (found != null) {
        selfTest(found);
      }
      return found;
    } catch (GeneralSecurityException
        | RuntimeException
        | ServiceConfigurationError
        | LinkageError unfit) {
      // For another platform, or a temporary folder from which no library may be loaded.
      LOG.info(
          "Signatures are the Java platform's: the native ones don't work here ({})",
          unfit.toString());
      return null;
    }
  }

  // Its library is loaded when it is first used; where that fails, it has none of these.
  private static void selfTest(Provider provider) throws GeneralSecurityException {
    KeyPairGenerator p256 = KeyPairGenerator.getInstance("EC");
    p256.initialize(new ECGenParameterSpec("secp256r1"));
    selfTest(provider, "SHA256withECDSA", p256);
    selfTest(provider, "Ed25519", KeyPairGenerator.getInstance("Ed25519"));
    Signature.getInstance("SHA256withRSA", provider);
  }

  private static void selfTest(Provider provider, String algorithm, KeyPairGenerator keys)
      throws GeneralSecurityException {
    KeyPair pair = keys.generateKeyPair();
    Signature signing = signature(algorithm, provider);
    signing.initSign(pair.getPrivate());
    Signature verifying = signature(algorithm, null);
    verifying.initVerify(pair.getPublic());
    if (!verifying.verify(signing.sign())) {
      throw new GeneralSecurityException("a signature that the Java platform does not verify");
    }
  }
}
