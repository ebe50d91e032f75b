package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.RSAKeyGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObject;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class ServerCertificateTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  @TempDir Path temp;
  private Path certificateFile;
  private Path keyFile;

  @BeforeEach
  void files() {
    certificateFile = temp.resolve("server.crt");
    keyFile = temp.resolve("server.key");
  }

  @Test
  void aRenewedCertificateIsSeenOnceAndHalfOfOneNever() throws Exception {
    KeyPair old = ec();
    KeyPair renewed = ec();
    write(Pem.text(certificate(old, old, "CN=a", "CN=a")), Pem.text(old.getPrivate()));
    WatchedCertificate watched = new WatchedCertificate(read().orThrow());
    List<ServerCertificate> used = new ArrayList<>();
    watched.look(NOW, used::add);

    Files.writeString(certificateFile, Pem.text(certificate(renewed, renewed, "CN=b", "CN=b")));
    Files.setLastModifiedTime(certificateFile, FileTime.from(NOW.plusSeconds(1)));
    watched.look(NOW, used::add);
    assertThat(used).isEmpty();

    Files.writeString(keyFile, Pem.text(renewed.getPrivate()));
    Files.setLastModifiedTime(keyFile, FileTime.from(NOW.plusSeconds(2)));
    watched.look(NOW, used::add);
    watched.look(NOW, used::add);
    assertThat(used).singleElement().isEqualTo(watched.current());
    assertThat(watched.current().key()).isEqualTo(renewed.getPrivate());
  }

  @Test
  void aRenewalThatCantBeUsedIsLoggedOnceWithItsFile() throws Exception {
    KeyPair old = ec();
    KeyPair renewed = keys("Ed25519", -1);
    write(Pem.text(certificate(old, old, "CN=a", "CN=a")), Pem.text(old.getPrivate()));
    WatchedCertificate watched = new WatchedCertificate(read().orThrow());
    Logger logger = (Logger) LoggerFactory.getLogger(WatchedCertificate.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    try {
      write(
          Pem.text(certificate(renewed, renewed, "CN=b", "CN=b")), Pem.text(renewed.getPrivate()));
      Files.setLastModifiedTime(certificateFile, FileTime.from(NOW.plusSeconds(1)));
      watched.look(NOW, _ -> {});
      watched.look(NOW, _ -> {});

      Files.delete(keyFile);
      watched.look(NOW, _ -> {});
      watched.look(NOW, _ -> {});

      KeyPair next = ec();
      write(Pem.text(certificate(next, next, "CN=c", "CN=c")), Pem.text(next.getPrivate()));
      Files.setLastModifiedTime(certificateFile, FileTime.from(NOW.plusSeconds(2)));
      watched.look(
          NOW,
          _ -> {
            throw new IllegalStateException("no context");
          });
      assertThat(watched.current().key()).isEqualTo(old.getPrivate());
      watched.look(NOW, _ -> {});
      assertThat(watched.current().key()).isEqualTo(next.getPrivate());
    } finally {
      logger.detachAppender(log);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .satisfiesExactly(
            first -> assertThat(first).startsWith(certificateFile + " has an Ed25519 key"),
            second -> assertThat(second).contains(keyFile + ": it does not exist"),
            third -> assertThat(third).startsWith(certificateFile + " can't be used"),
            last -> assertThat(last).isEqualTo(watched.current() + " is used from now on"));
  }

  @Test
  void byteOrderMarkBeforeEachPartIsPassedOver() throws Exception {
    KeyPair pair = ec();
    KeyPair other = ec();
    String mark = "\ufeff";
    X509Certificate own = certificate(pair, pair, "CN=a", "CN=a");
    X509Certificate next = certificate(other, other, "CN=b", "CN=b");
    write(mark + Pem.text(own), mark + Pem.text(pair.getPrivate()));
    assertThat(read().orThrow().key()).isEqualTo(pair.getPrivate());
    assertThat(Pem.certificates(mark + Pem.text(own) + mark + Pem.text(next)))
        .containsExactly(own, next);
  }

  @Test
  void everyUsualFormOfKeyIsRead() throws Exception {
    for (KeyPair pair : List.of(ec(), rsa(2048))) {
      X509Certificate certificate = certificate(pair, pair, "CN=a", "CN=a");
      write(Pem.text(certificate), Pem.text(pair.getPrivate()));
      assertThat(read()).isInstanceOf(ServerCertificate.Usable.class);
      // The older forms, "EC PRIVATE KEY" and "RSA PRIVATE KEY", as openssl writes them.
      write("A comment\n" + Pem.text(certificate), traditional(pair.getPrivate()));
      assertThat(read()).isInstanceOf(ServerCertificate.Usable.class);
    }
  }

  @Test
  void aChainIsReadInItsOrder() throws Exception {
    KeyPair ca = ec();
    KeyPair pair = ec();
    X509Certificate root = certificate(ca, ca, "CN=ca", "CN=ca");
    X509Certificate leaf = certificate(ca, pair, "CN=ca", "CN=leaf");
    write(Pem.text(leaf, root), Pem.text(pair.getPrivate()));
    assertThat(read().orThrow().chain()).containsExactly(leaf, root);

    write(Pem.text(root, leaf), Pem.text(pair.getPrivate()));
    assertThat(unusable().file()).isEqualTo(keyFile);
    assertThat(unusable().advice()).contains("the server's certificate first");

    KeyPair stranger = ec();
    X509Certificate unrelated = certificate(stranger, stranger, "CN=x", "CN=x");
    write(Pem.text(leaf, unrelated), Pem.text(pair.getPrivate()));
    assertThat(unusable().problem()).contains("certificate 2 did not issue certificate 1");
  }

  @Test
  void aKeyOfAnotherCertificateIsRefused() throws Exception {
    KeyPair pair = ec();
    for (KeyPair other : List.of(ec(), rsa(2048))) {
      write(Pem.text(certificate(pair, pair, "CN=a", "CN=a")), Pem.text(other.getPrivate()));
      assertThat(unusable())
          .extracting(ServerCertificate.Unusable::file, ServerCertificate.Unusable::problem)
          .containsExactly(
              keyFile, "is not the key of the first certificate in " + certificateFile);
    }
  }

  @Test
  void keyOnACurveThatIsNotTakenIsNamedAsThat() throws Exception {
    KeyPairGenerator pairs =
        KeyPairGenerator.getInstance(
            "EC", new org.bouncycastle.jce.provider.BouncyCastleProvider());
    pairs.initialize(new java.security.spec.ECGenParameterSpec("secp256k1"));
    KeyPair pair = pairs.generateKeyPair();
    KeyPair issuer = ec();
    write(Pem.text(certificate(issuer, pair, "CN=ca", "CN=a")), Pem.text(pair.getPrivate()));
    assertThat(unusable())
        .extracting(ServerCertificate.Unusable::file, ServerCertificate.Unusable::problem)
        .containsExactly(
            certificateFile, "has an EC key on another curve than P-256, P-384 or P-521");
  }

  @Test
  void datesAreKept() throws Exception {
    KeyPair pair = ec();
    write(Pem.text(certificate(pair, pair, "CN=a", "CN=a")), Pem.text(pair.getPrivate()));
    assertThat(problemAt(NOW.plus(Duration.ofDays(31)))).startsWith("expired on 2026-12-24T12");
    assertThat(problemAt(NOW.minus(Duration.ofDays(2)))).startsWith("is not good before");
    assertThat(read().orThrow().chain().getFirst().getNotAfter())
        .isEqualTo(Date.from(NOW.plus(Duration.ofDays(30))));
  }

  @Test
  void aCertificateForClientsIsRefused() throws Exception {
    KeyPair pair = ec();
    X509Certificate client = certificate(pair, pair, "CN=a", "CN=a", KeyPurposeId.id_kp_clientAuth);
    write(Pem.text(client), Pem.text(pair.getPrivate()));
    assertThat(unusable().problem()).isEqualTo("is not a certificate for servers");
  }

  @Test
  void aShortRsaKeyIsRefused() throws Exception {
    KeyPair pair = rsa(1024);
    write(Pem.text(certificate(pair, pair, "CN=a", "CN=a")), Pem.text(pair.getPrivate()));
    assertThat(unusable().problem()).startsWith("has an RSA key of 1024 bits");
  }

  @Test
  void refusesOwnKeyWithASmallExponentAlsoOfACaOfOthers() throws Exception {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
    pairs.initialize(new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F0));
    KeyPair pair = pairs.generateKeyPair();
    write(Pem.text(certificate(pair, pair, "CN=a", "CN=a")), Pem.text(pair.getPrivate()));

    assertThat(unusable().problem()).startsWith("has an RSA key with an unusual public exponent");
    assertThatThrownBy(() -> TrustedCertificates.read(certificateFile))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CN=a has an RSA key with an unusual public exponent");
  }

  @Test
  void filesThatAreNotWhatTheyShouldBeAreNamedAndNotQuoted() throws Exception {
    KeyPair pair = ec();
    String certificate = Pem.text(certificate(pair, pair, "CN=a", "CN=a"));
    String key = Pem.text(pair.getPrivate());

    assertThat(unusable().problem()).isEqualTo("cannot be read (it does not exist)");
    write("", key);
    assertThat(unusable().problem()).startsWith("holds no certificate");
    write(key, certificate);
    assertThat(unusable().problem()).startsWith("holds no certificate");
    write(certificate, certificate);
    assertThat(unusable().problem()).startsWith("holds no private key");
    write(certificate, key + key);
    assertThat(unusable().problem()).isEqualTo("holds more than one private key");
    write(certificate, key.replaceFirst("\nM", "\n?"));
    assertThat(unusable().problem()).doesNotContain("?");
    write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", key);
    assertThat(unusable().problem()).isEqualTo("is damaged: it is no PEM text");
    write(certificate, "x".repeat((1 << 20) + 1));
    assertThat(unusable().problem()).contains("longer than 1 MiB");
    Files.delete(keyFile);
    Files.createDirectory(keyFile);
    assertThat(unusable().problem()).contains("it is a folder");
    assertThatThrownBy(() -> read().orThrow())
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith(keyFile + " cannot be read (it is a folder): check the path");
  }

  @Test
  void theTextFormHoldsNoKey() throws Exception {
    KeyPair pair = ec();
    write(Pem.text(certificate(pair, pair, "CN=a", "CN=a")), Pem.text(pair.getPrivate()));
    assertThat(read().toString()).contains("CN=a").doesNotContainIgnoringCase("private");
  }

  private ServerCertificate.Reading read() {
    return ServerCertificate.read(certificateFile, keyFile, NOW);
  }

  private ServerCertificate.Unusable unusable() {
    return (ServerCertificate.Unusable) read();
  }

  private String problemAt(Instant now) {
    return ((ServerCertificate.Unusable) ServerCertificate.read(certificateFile, keyFile, now))
        .problem();
  }

  private void write(String certificate, String key) throws IOException {
    Files.writeString(certificateFile, certificate);
    Files.writeString(keyFile, key);
  }

  private static String traditional(PrivateKey key) throws IOException {
    java.io.StringWriter text = new java.io.StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      if (key instanceof ECPrivateKey ec) {
        // The curve stands inside (RFC 5915 §3), as in the files that openssl writes.
        byte[] encoded =
            new org.bouncycastle.asn1.sec.ECPrivateKey(
                    256, ec.getS(), SECObjectIdentifiers.secp256r1)
                .getEncoded();
        writer.writeObject(new PemObject("EC PRIVATE KEY", encoded));
      } else {
        writer.writeObject(PrivateKeyInfo.getInstance(key.getEncoded()));
      }
    }
    return text.toString();
  }

  private static KeyPair ec() throws Exception {
    return keys("EC", 256);
  }

  private static KeyPair rsa(int bits) throws Exception {
    return keys("RSA", bits);
  }

  private static KeyPair keys(String algorithm, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair();
  }

  private static X509Certificate certificate(
      KeyPair issuer, KeyPair subject, String issuerName, String name, KeyPurposeId... usages)
      throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(issuerName),
            BigInteger.ONE,
            Date.from(NOW.minus(Duration.ofDays(1))),
            Date.from(NOW.plus(Duration.ofDays(30))),
            new X500Name(name),
            subject.getPublic());
    if (usages.length > 0) {
      builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(usages));
    }
    String algorithm =
        switch (issuer.getPrivate().getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> "Ed25519";
        };
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder(algorithm).build(issuer.getPrivate())));
  }
}
