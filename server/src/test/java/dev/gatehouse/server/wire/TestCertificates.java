package dev.gatehouse.server.wire;

import dev.gatehouse.server.tls.TrustedCertificates;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A self-signed server certificate, made anew, and those who trust it alone.
public final class TestCertificates {

  private final X509Certificate certificate;
  private final KeyPair keys;

  /// For that DNS name, or several of them and IPv4 addresses.
  public TestCertificates(String name, String... more) {
    this(
        "CN=" + name,
        Stream.concat(Stream.of(name), Stream.of(more))
            .map(TestCertificates::generalName)
            .toArray(GeneralName[]::new));
  }

  /// For the host of that name, by its CN alone; and for IP addresses by its extension.
  public static TestCertificates namedByCn(String name, String... addresses) {
    return new TestCertificates(
        "CN=" + name,
        Stream.of(addresses).map(TestCertificates::generalName).toArray(GeneralName[]::new));
  }

  private TestCertificates(String distinguishedName, GeneralName[] names) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      keys = generator.generateKeyPair();
      X500Name subject = new X500Name(distinguishedName);
      Instant now = Instant.now();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              subject,
              BigInteger.valueOf(now.toEpochMilli()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofDays(1))),
              subject,
              keys.getPublic());
      if (names.length > 0) {
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
      }
      certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static GeneralName generalName(String name) {
    boolean address = name.matches("[0-9.]+|[0-9a-f:]*:[0-9a-f:]*");
    return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
  }

  /// The certificate in PEM.
  public Buffer certificatePem() {
    return pem(certificate);
  }

  /// Its key in PEM.
  public Buffer keyPem() {
    try {
      return pem(new JcaPKCS8Generator(keys.getPrivate(), null).generate());
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// Trusts this certificate and no other, as a setting of the gate.
  public TrustedCertificates trusted() {
    return new TrustedCertificates(certificatePem().toString());
  }

  /// Trusts this certificate and no other.
  public SSLContext trust() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setCertificateEntry("server", certificate);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// Serves with this certificate.
  public SSLContext serve() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry(
          "server", keys.getPrivate(), new char[0], new X509Certificate[] {certificate});
      var manager =
          javax.net.ssl.KeyManagerFactory.getInstance(
              javax.net.ssl.KeyManagerFactory.getDefaultAlgorithm());
      manager.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(manager.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  static Buffer pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
    return Buffer.buffer(text.toString());
  }
}
