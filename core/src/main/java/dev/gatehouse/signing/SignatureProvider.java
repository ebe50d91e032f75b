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

/// Chooses the JCA provider that signs and verifies.
///
/// This is the Amazon Corretto Crypto Provider if it is on the class path and passes a self-test on
/// this machine, because it is several times faster. Otherwise it is the Java platform's provider.
/// The provider is not installed in the JVM, so the rest of the program does not use it.
/// Thread-safe. The first use loads a native library and may block.
public final class SignatureProvider {

  private static final Logger LOG = LoggerFactory.getLogger(SignatureProvider.class);

  private static final String NAME =
      "com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider";

  /// The chosen provider; null: the Java platform's.
  static final @Nullable Provider CHOSEN = choose();

  private SignatureProvider() {}

  /// Chooses the provider now, unless it was chosen before.
  static void load() {
    // The static initializer of this class chooses it.
  }

  /// Returns a new signature object for this JCA algorithm, from the chosen provider, or from the
  /// Java platform if the chosen provider does not have the algorithm. Throws
  /// [GeneralSecurityException] if neither has it. The object is for one thread.
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
      // The library is for another platform, or the temporary folder does not allow to load it.
      LOG.info(
          "Signatures are the Java platform's: the native ones don't work here ({})",
          unfit.toString());
      return null;
    }
  }

  // The first use loads the library. If that fails, the provider has none of these algorithms.
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
