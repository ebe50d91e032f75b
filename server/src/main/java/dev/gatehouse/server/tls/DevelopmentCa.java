package dev.gatehouse.server.tls;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.folder.AtomicFile;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The CA of a data folder, for development. Its name constraints are critical and permit only
/// localhost (RFC 5280 §4.2.1.10). OpenSSL and browsers apply them. Java's validator ignores the
/// constraints of a trust anchor.
///
/// `ca.crt` and `ca.key` are valid for two years, `server.crt` and `server.key` for ninety days.
/// Each pair is made again when it is missing, damaged, or has less than thirty days left.
public final class DevelopmentCa {

  private static final Duration CA_LIFETIME = Duration.ofDays(2 * 365);
  private static final Duration SERVER_LIFETIME = Duration.ofDays(90);
  private static final Duration RENEW_BEFORE = Duration.ofDays(30);

  /// A client's clock may be a little behind.
  private static final Duration BACKDATING = Duration.ofHours(1);

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path folder;
  private final InstantSource clock;
  private final X509Certificate certificate;
  private final PrivateKey key;

  private DevelopmentCa(
      Path folder, InstantSource clock, X509Certificate certificate, PrivateKey key) {
    this.folder = folder;
    this.clock = clock;
    this.certificate = certificate;
    this.key = key;
  }

  /// The CA of this folder. It is loaded, or made if necessary.
  ///
  /// Throws [StartupException] if its files can't be written, or if other users can read its key.
  public static DevelopmentCa in(Path folder, InstantSource clock) {
    return loaded(folder, clock).orElseGet(() -> made(folder, clock));
  }

  /// The certificate that clients have to trust: `curl --cacert`.
  public Path certificateFile() {
    return folder.resolve("ca.crt");
  }

  /// The CA's own certificate.
  public X509Certificate certificate() {
    return certificate;
  }

  /// The certificate for `localhost`, `127.0.0.1` and `::1`, loaded or issued.
  ///
  /// Throws [StartupException] when its files cannot be written.
  public ServerCertificate server() {
    Path certificateFile = folder.resolve("server.crt");
    Path keyFile = folder.resolve("server.key");
    if (ServerCertificate.read(certificateFile, keyFile, clock.instant())
            instanceof ServerCertificate.Usable(var kept)
        && isFresh(kept.chain().getFirst(), clock.instant())
        && ServerCertificate.issued(certificate, kept.chain().getFirst())) {
      return kept;
    }
    KeyPair pair = newKeyPair();
    X509Certificate issued = issue(pair);
    // The key is written first. After a crash between the two, key and certificate do not match,
    // and both are made again.
    AtomicFile.writePrivate(keyFile, Pem.text(pair.getPrivate()));
    AtomicFile.writePublic(certificateFile, Pem.text(issued));
    return new ServerCertificate(List.of(issued), pair.getPrivate(), certificateFile, keyFile);
  }

  private static Optional<DevelopmentCa> loaded(Path folder, InstantSource clock) {
    Optional<String> keyText = AtomicFile.readPrivate(folder.resolve("ca.key"));
    try {
      if (keyText.isEmpty() || !Files.exists(folder.resolve("ca.crt"))) {
        return Optional.empty();
      }
      X509Certificate certificate =
          Pem.certificates(Files.readString(folder.resolve("ca.crt"))).getFirst();
      PrivateKey key = Pem.privateKey(keyText.get());
      boolean usable =
          certificate.getBasicConstraints() >= 0
              && isFresh(certificate, clock.instant())
              && ServerCertificate.fits(certificate, key);
      return usable
          ? Optional.of(new DevelopmentCa(folder, clock, certificate, key))
          : Optional.empty();
    } catch (Pem.Unreadable e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new StartupException(
          "cannot read " + folder.resolve("ca.crt") + ": " + StartupException.reason(e), e);
    }
  }

  private static DevelopmentCa made(Path folder, InstantSource clock) {
    KeyPair pair = newKeyPair();
    // Each CA has a different name, so that a client that trusts an older one reports an unknown
    // issuer, and not a wrong signature.
    X500Name name =
        new X500Name("CN=Gatehouse development CA " + serial().toString(16).substring(0, 8));
    Instant now = clock.instant();
    X509Certificate certificate;
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder = builder(name, name, now, now.plus(CA_LIFETIME), pair);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.nameConstraints,
          true,
          new NameConstraints(
              new GeneralSubtree[] {
                new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost")),
                new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "127.0.0.1/32")),
                new GeneralSubtree(new GeneralName(GeneralName.iPAddress, "::1/128"))
              },
              null));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(pair.getPublic()));
      certificate = signed(builder, pair.getPrivate());
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("making the development CA", e);
    }
    AtomicFile.writePrivate(folder.resolve("ca.key"), Pem.text(pair.getPrivate()));
    AtomicFile.writePublic(folder.resolve("ca.crt"), Pem.text(certificate));
    return new DevelopmentCa(folder, clock, certificate, pair.getPrivate());
  }

  private X509Certificate issue(KeyPair pair) {
    Instant now = clock.instant();
    Instant caEnds = certificate.getNotAfter().toInstant();
    // The lifetime begins at the back-dated start, so it is exactly ninety days.
    Instant ends = now.minus(BACKDATING).plus(SERVER_LIFETIME);
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          builder(
              X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()),
              new X500Name("CN=localhost"),
              now,
              ends.isBefore(caEnds) ? ends : caEnds,
              pair);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.iPAddress, "::1")
              }));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          identifiers.createSubjectKeyIdentifier(pair.getPublic()));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(certificate.getPublicKey()));
      return signed(builder, key);
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("issuing the development certificate", e);
    }
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, Instant now, Instant ends, KeyPair pair) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial(),
        Date.from(now.minus(BACKDATING)),
        Date.from(ends),
        subject,
        pair.getPublic());
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static boolean isFresh(X509Certificate certificate, Instant now) {
    return !now.isBefore(certificate.getNotBefore().toInstant())
        && now.plus(RENEW_BEFORE).isBefore(certificate.getNotAfter().toInstant());
  }

  private static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK makes P-256 keys", e);
    }
  }

  // RFC 5280 §4.1.2.2: positive, at most 20 octets; its top bits set, so that it has a fixed
  // length.
  private static BigInteger serial() {
    return new BigInteger(126, RANDOM).setBit(126);
  }

  @Override
  public String toString() {
    return "DevelopmentCa[" + certificateFile() + "]";
  }
}
