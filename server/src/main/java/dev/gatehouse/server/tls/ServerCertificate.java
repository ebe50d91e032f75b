package dev.gatehouse.server.tls;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.signing.PublicKeyCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A certificate of the gate, with its chain and its private key.
///
/// @param chain the server's certificate first, then those that issued it
/// @param key the private key of the first
/// @param certificateFile the PEM file of the chain
/// @param keyFile the PEM file of the key
public record ServerCertificate(
    List<X509Certificate> chain, PrivateKey key, Path certificateFile, Path keyFile) {

  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
  private static final String ADVICE =
      "make a new key, of RSA with 2048 bits or more or on P-256, and ask for a certificate";
  // Netty reads no other private key from PEM.
  private static final Set<String> USABLE_KEYS = Set.of("EC", "RSA");
  private static final int DIGITAL_SIGNATURE = 0; // RFC 5280 §4.2.1.3
  private static final int MAX_BYTES = 1 << 20;

  /// The result of reading the two files.
  public sealed interface Reading {

    /// The certificate; throws [StartupException] with one line when it is not usable.
    default ServerCertificate orThrow() {
      return switch (this) {
        case Usable(var certificate) -> certificate;
        case Unusable(var file, var problem, var advice) ->
            throw new StartupException(file + " " + problem + ": " + advice);
      };
    }
  }

  /// The certificate can be shown.
  public record Usable(ServerCertificate certificate) implements Reading {}

  /// It cannot.
  ///
  /// @param file the file that is to blame
  /// @param problem what is wrong with it, to be read after its name
  /// @param advice what to do
  public record Unusable(Path file, String problem, String advice) implements Reading {}

  /// Reads a PEM chain and its key, and checks that they belong together and that the certificates
  /// are valid at `now`. Blocks.
  public static Reading read(Path certificateFile, Path keyFile, Instant now) {
    try {
      List<X509Certificate> chain;
      try {
        chain = Pem.certificates(content(certificateFile));
      } catch (Pem.Unreadable e) {
        return new Unusable(
            certificateFile, why(e), "give the certificate chain as PEM text, the server's first");
      }
      PrivateKey key;
      try {
        key = Pem.privateKey(content(keyFile));
      } catch (Pem.Unreadable e) {
        return unusableKey(keyFile, e);
      }
      return checked(new ServerCertificate(chain, key, certificateFile, keyFile), now);
    } catch (Missing e) {
      return unreadable(e);
    }
  }

  /// What is wrong with the file of a key by itself; empty when it holds one private key.
  public static Optional<Unusable> keyFault(Path keyFile) {
    try {
      Pem.privateKey(content(keyFile));
      return Optional.empty();
    } catch (Pem.Unreadable e) {
      return Optional.of(unusableKey(keyFile, e));
    } catch (Missing e) {
      return Optional.of(unreadable(e));
    }
  }

  private static Unusable unusableKey(Path keyFile, Pem.Unreadable e) {
    return new Unusable(keyFile, why(e), "give one private key as PEM text, no passphrase");
  }

  private static Unusable unreadable(Missing e) {
    return new Unusable(
        e.file,
        "cannot be read (" + e.getMessage() + ")",
        "check the path, and that the gate's user may read it");
  }

  private static Reading checked(ServerCertificate read, Instant now) {
    Path file = read.certificateFile;
    X509Certificate leaf = read.chain.getFirst();
    if (!USABLE_KEYS.contains(leaf.getPublicKey().getAlgorithm())) {
      return new Unusable(
          file,
          "has an " + kind(leaf.getPublicKey()) + " key, which the listener can't use",
          ADVICE);
    }
    // Only the gate's own key is checked. The clients check the keys of the CAs, on which the gate
    // does not rely.
    String fault = PublicKeyCheck.fault(leaf.getPublicKey());
    if (fault != null) {
      return new Unusable(file, "has " + fault, ADVICE);
    }
    if (!fits(leaf, read.key)) {
      return new Unusable(
          read.keyFile,
          "is not the key of the first certificate in " + file,
          "give the key that the certificate was made for, and put the server's certificate first");
    }
    for (X509Certificate certificate : read.chain) {
      if (now.isAfter(certificate.getNotAfter().toInstant())) {
        return new Unusable(
            file,
            "expired on " + certificate.getNotAfter().toInstant() + " (" + name(certificate) + ")",
            "renew it");
      }
      if (now.isBefore(certificate.getNotBefore().toInstant())) {
        return new Unusable(
            file,
            "is not good before "
                + certificate.getNotBefore().toInstant()
                + " ("
                + name(certificate)
                + ")",
            "check this machine's clock, or wait");
      }
    }
    for (int i = 1; i < read.chain.size(); i++) {
      if (!issued(read.chain.get(i), read.chain.get(i - 1))) {
        return new Unusable(
            file,
            "is no chain: certificate " + (i + 1) + " did not issue certificate " + i,
            "put the server's certificate first, then each one's issuer");
      }
    }
    if (!isForServers(leaf)) {
      return new Unusable(
          file, "is not a certificate for servers", "ask for one with the usage serverAuth");
    }
    boolean[] usage = leaf.getKeyUsage();
    if (usage != null && !usage[DIGITAL_SIGNATURE]) {
      // RFC 8446 §4.4.2.2: the server signs the handshake.
      return new Unusable(
          file,
          "has not the key usage digitalSignature",
          "ask for a certificate with that usage, or without the extension");
    }
    return new Usable(read);
  }

  private static String kind(PublicKey key) {
    return key instanceof EdECKey edwards ? edwards.getParams().getName() : key.getAlgorithm();
  }

  // RFC 5280 §4.2.1.12: without the extension, any purpose.
  private static boolean isForServers(X509Certificate leaf) {
    try {
      List<String> usages = leaf.getExtendedKeyUsage();
      return usages == null
          || usages.contains(SERVER_AUTH)
          || usages.contains(ANY_EXTENDED_KEY_USAGE);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /// Whether the key signs what the certificate verifies.
  static boolean fits(X509Certificate certificate, PrivateKey key) {
    String algorithm =
        switch (certificate.getPublicKey()) {
          case ECPublicKey _ -> "SHA256withECDSA";
          case RSAPublicKey _ -> "SHA256withRSA";
          default -> certificate.getPublicKey().getAlgorithm();
        };
    try {
      byte[] text = certificate.getEncoded();
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(key);
      signing.update(text);
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(certificate.getPublicKey());
      verifying.update(text);
      return verifying.verify(signing.sign());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  static boolean issued(X509Certificate issuer, X509Certificate certificate) {
    try {
      certificate.verify(issuer.getPublicKey());
      return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }

  private static String why(Pem.Unreadable e) {
    return String.valueOf(e.getMessage());
  }

  private static String content(Path file) throws Missing {
    try {
      if (Files.isDirectory(file)) {
        throw new Missing(file, "it is a folder");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new Missing(file, "it is longer than 1 MiB");
      }
      // PEM is ASCII; what else the file holds between its blocks is a comment.
      return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new Missing(file, StartupException.reason(e));
    }
  }

  private static final class Missing extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Path file;

    Missing(Path file, String why) {
      super(why);
      this.file = file;
    }
  }

  /// The chain in PEM.
  public String chainPem() {
    return Pem.text(chain.toArray(X509Certificate[]::new));
  }

  /// The key in PEM (PKCS #8): a secret.
  public String keyPem() {
    return Pem.text(key);
  }

  /// The subject and the file; never the key.
  @Override
  public String toString() {
    return name(chain.getFirst()) + " of " + certificateFile;
  }
}
