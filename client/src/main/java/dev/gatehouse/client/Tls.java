package dev.gatehouse.client;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Sets up TLS: the trusted CAs, and the client certificate.
final class Tls {

  private static final char[] NO_PASSWORD = {};

  private Tls() {}

  /// A context for that.
  ///
  /// @param trusted the CAs that are trusted, and no others; null for those of the JDK
  /// @param chain the client's certificate first; null for none
  static SSLContext context(
      @Nullable List<X509Certificate> trusted,
      @Nullable List<X509Certificate> chain,
      @Nullable PrivateKey key)
      throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(
          chain == null || key == null ? null : presenting(chain, key), trusting(trusted), null);
      return context;
    } catch (GeneralSecurityException failed) {
      throw new IOException("The certificates can't be used", failed);
    }
  }

  /// TLS 1.2 and 1.3, and the name in the gate's certificate is compared: said here, a system
  /// property of the JDK that turns it off has no effect.
  static SSLParameters parameters() {
    SSLParameters parameters = new SSLParameters();
    parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
    parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 9110 §4.3.4
    return parameters;
  }

  private static TrustManager[] trusting(@Nullable List<X509Certificate> trusted)
      throws GeneralSecurityException, IOException {
    KeyStore store = null;
    if (trusted != null) {
      store = empty();
      for (int i = 0; i < trusted.size(); i++) {
        store.setCertificateEntry("ca-" + i, trusted.get(i));
      }
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(store); // null: the CAs of the JDK
    return new TrustManager[] {
      new AlternativeNameTrustManager((X509ExtendedTrustManager) managers.getTrustManagers()[0])
    };
  }

  private static KeyManager[] presenting(List<X509Certificate> chain, PrivateKey key)
      throws GeneralSecurityException, IOException {
    if (!belong(chain.getFirst().getPublicKey(), key)) {
      throw new IOException("The key is not the one of the certificate that stands first");
    }
    KeyStore store = empty();
    store.setKeyEntry("client", key, NO_PASSWORD, chain.toArray(new X509Certificate[0]));
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, NO_PASSWORD);
    return managers.getKeyManagers();
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  // A signature made with one key must verify with the other.
  private static boolean belong(PublicKey certified, PrivateKey key)
      throws GeneralSecurityException {
    String algorithm =
        switch (certified.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          case "EdDSA", "Ed25519" -> "Ed25519";
          default ->
              throw new GeneralSecurityException(
                  "A client certificate has an EC, Ed25519 or RSA key, not "
                      + certified.getAlgorithm());
        };
    byte[] sample = new byte[32];
    new SecureRandom().nextBytes(sample);
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(sample);
      return signature.verify(signed);
    } catch (java.security.InvalidKeyException | java.security.SignatureException otherKind) {
      return false;
    }
  }
}
