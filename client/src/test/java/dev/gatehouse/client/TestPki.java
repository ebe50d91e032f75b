package dev.gatehouse.client;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A CA made anew, what it certifies, and a server that asks for its clients' certificates.
final class TestPki {

  private static final AtomicLong SERIAL = new AtomicLong(1);

  /// A certificate and its key.
  record Certified(X509Certificate certificate, KeyPair keys) {
    Path certificateIn(Path folder) throws IOException {
      return Files.writeString(
          folder.resolve("certificate-" + certificate.getSerialNumber() + ".pem"),
          pem(certificate));
    }

    Path keyIn(Path folder) throws IOException {
      return Files.writeString(
          folder.resolve("key-" + certificate.getSerialNumber() + ".pem"),
          pem(new JcaPKCS8Generator(keys.getPrivate(), null).generate()));
    }
  }

  final Certified ca;

  TestPki() throws Exception {
    KeyPair keys = keys("EC", 256);
    ca = certified("CN=Test CA " + SERIAL.get(), keys, null, keys, "");
  }

  static KeyPair keys(String kind, int bits) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
    if (bits > 0) {
      generator.initialize(bits);
    }
    return generator.generateKeyPair();
  }

  /// A certificate for that DNS name.
  Certified certify(String name, KeyPair keys) throws Exception {
    return certified("CN=" + name, keys, ca.certificate, ca.keys, name);
  }

  /// A certificate whose CN alone is that name.
  Certified certifyCn(String name, KeyPair keys) throws Exception {
    return certified("CN=" + name, keys, ca.certificate, ca.keys, "");
  }

  private static Certified certified(
      String subject,
      KeyPair keys,
      @org.jspecify.annotations.Nullable X509Certificate issuer,
      KeyPair by,
      String name)
      throws Exception {
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name(
                issuer == null ? subject : issuer.getSubjectX500Principal().getName("RFC2253")),
            BigInteger.valueOf(SERIAL.getAndIncrement()),
            Date.from(now.minus(Duration.ofHours(1))),
            Date.from(now.plus(Duration.ofDays(1))),
            new X500Name(subject),
            keys.getPublic());
    if (issuer == null) {
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
    } else if (!name.isEmpty()) {
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(new GeneralName(GeneralName.dNSName, name)));
    }
    return new Certified(
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(
                    new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate()))),
        keys);
  }

  static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  /// A server with a certificate for that name, which answers with the subject of its client's
  /// certificate, or with nothing where there is none.
  ///
  /// @param protocols those of TLS that it speaks
  HttpsServer serve(String name, boolean needsCertificate, String... protocols) throws Exception {
    return serve(certify(name, keys("EC", 256)), needsCertificate, protocols);
  }

  /// The same with that certificate.
  HttpsServer serve(Certified own, boolean needsCertificate, String... protocols) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry(
        "server", own.keys.getPrivate(), new char[0], new X509Certificate[] {own.certificate});
    KeyManagerFactory identity =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    identity.init(store, new char[0]);
    KeyStore clients = KeyStore.getInstance("PKCS12");
    clients.load(null, null);
    clients.setCertificateEntry("ca", ca.certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(clients);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(
        new HttpsConfigurator(context) {
          @Override
          public void configure(HttpsParameters parameters) {
            SSLParameters tls = context.getDefaultSSLParameters();
            if (needsCertificate) {
              tls.setNeedClientAuth(true);
            } else {
              tls.setWantClientAuth(true);
            }
            if (protocols.length > 0) {
              tls.setProtocols(protocols);
            }
            parameters.setSSLParameters(tls);
          }
        });
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String subject;
            try {
              subject =
                  ((com.sun.net.httpserver.HttpsExchange) exchange)
                      .getSSLSession()
                      .getPeerPrincipal()
                      .getName();
            } catch (SSLPeerUnverifiedException none) {
              subject = "";
            }
            ScriptedGate.reply(exchange, 200, subject);
          }
        });
    server.start();
    return server;
  }
}
