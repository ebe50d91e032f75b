package dev.gatehouse.server.wire;

import dev.gatehouse.server.tls.TrustedCertificates;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/// The certificates that a server for `localhost` shows: its own one (CN=Leaf) and the one of the
/// CA that issued it (CN=Between). A CA with a strong key vouches for both.
public final class ServerChain {

  /// What is weak in the chain.
  public enum Flaw {
    NONE(""),
    LEAF_SIGNED_WITH_SHA1("CN=Leaf is signed with an algorithm that is weak"),
    LEAF_WITH_RSA_1024("CN=Leaf has an RSA key of 1024 bits"),
    INTERMEDIATE_SIGNED_WITH_SHA1("CN=Between is signed with an algorithm that is weak"),
    INTERMEDIATE_WITH_RSA_1024("CN=Between has an RSA key of 1024 bits");

    private final String said;

    Flaw(String said) {
      this.said = said;
    }

    /// What a client says of the chain; empty where it trusts the chain.
    public String said() {
      return said;
    }
  }

  private record Holder(X500Name name, KeyPair keys) {}

  private static final AtomicLong SERIAL = new AtomicLong();
  private static final Holder ROOT = new Holder(new X500Name("CN=Root"), rsa(2048));
  private static final KeyPair STRONG = rsa(2048);

  // An anchor's own signature proves nothing, so a weak one does no harm.
  private static final X509Certificate ROOT_CERTIFICATE =
      issued(ROOT, ROOT, "SHA1withRSA", new BasicConstraints(true));

  private final List<X509Certificate> shown;
  private final KeyPair keys;

  private ServerChain(List<X509Certificate> shown, KeyPair keys) {
    this.shown = shown;
    this.keys = keys;
  }

  /// A chain below a CA that may vouch for `localhost` alone, whose server has that CN and another
  /// kind of name.
  public static ServerChain namedByCnBelowNameConstraints() {
    Holder corp = new Holder(new X500Name("CN=Corp CA"), STRONG);
    Holder leaf = new Holder(new X500Name("CN=localhost"), STRONG);
    GeneralSubtree[] own = {new GeneralSubtree(new GeneralName(GeneralName.dNSName, "localhost"))};
    return new ServerChain(
        List.of(
            issued(
                corp,
                leaf,
                "SHA256withRSA",
                new BasicConstraints(false),
                null,
                new GeneralName(GeneralName.rfc822Name, "a@corp.example")),
            issued(
                ROOT,
                corp,
                "SHA256withRSA",
                new BasicConstraints(true),
                new NameConstraints(own, null),
                null)),
        leaf.keys);
  }

  /// A chain for `localhost` below a CA that may vouch for `corp.example` alone. A lower CA
  /// excludes what is permitted, with which the JDK forgets the constraints.
  public static ServerChain outsideNameConstraints() {
    Holder corp = new Holder(new X500Name("CN=Corp"), STRONG);
    Holder below = new Holder(new X500Name("CN=Below CA"), STRONG);
    Holder leaf = new Holder(new X500Name("CN=Leaf"), STRONG);
    GeneralSubtree[] own = {
      new GeneralSubtree(new GeneralName(GeneralName.dNSName, "corp.example"))
    };
    return new ServerChain(
        List.of(
            issued(below, leaf, "SHA256withRSA", new BasicConstraints(false), null),
            issued(
                corp,
                below,
                "SHA256withRSA",
                new BasicConstraints(true),
                new NameConstraints(null, own)),
            issued(
                ROOT,
                corp,
                "SHA256withRSA",
                new BasicConstraints(true),
                new NameConstraints(own, null))),
        leaf.keys);
  }

  /// A chain with that flaw and no other one.
  public ServerChain(Flaw flaw) {
    Holder between =
        new Holder(
            new X500Name("CN=Between"),
            flaw == Flaw.INTERMEDIATE_WITH_RSA_1024 ? rsa(1024) : STRONG);
    Holder leaf =
        new Holder(new X500Name("CN=Leaf"), flaw == Flaw.LEAF_WITH_RSA_1024 ? rsa(1024) : STRONG);
    keys = leaf.keys;
    shown =
        List.of(
            issued(
                between,
                leaf,
                flaw == Flaw.LEAF_SIGNED_WITH_SHA1 ? "SHA1withRSA" : "SHA256withRSA",
                new BasicConstraints(false)),
            issued(
                ROOT,
                between,
                flaw == Flaw.INTERMEDIATE_SIGNED_WITH_SHA1 ? "SHA1withRSA" : "SHA256withRSA",
                new BasicConstraints(true)));
  }

  /// Trusts the CA that vouches for every chain.
  public static TrustedCertificates root() {
    return new TrustedCertificates(TestCertificates.pem(ROOT_CERTIFICATE).toString());
  }

  /// What the server shows: its own certificate first.
  public List<X509Certificate> shown() {
    return shown;
  }

  /// Serves with this chain.
  public SSLContext serve() {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      store.setKeyEntry(
          "server", keys.getPrivate(), new char[0], shown.toArray(X509Certificate[]::new));
      KeyManagerFactory manager =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      manager.init(store, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(manager.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException | IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static X509Certificate issued(
      Holder issuer, Holder subject, String signature, BasicConstraints constraints) {
    return issued(issuer, subject, signature, constraints, null);
  }

  private static X509Certificate issued(
      Holder issuer,
      Holder subject,
      String signature,
      BasicConstraints constraints,
      @Nullable NameConstraints names) {
    return issued(
        issuer,
        subject,
        signature,
        constraints,
        names,
        new GeneralName(GeneralName.dNSName, "localhost"));
  }

  private static X509Certificate issued(
      Holder issuer,
      Holder subject,
      String signature,
      BasicConstraints constraints,
      @Nullable NameConstraints names,
      @Nullable GeneralName name) {
    Instant now = Instant.now();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer.name,
              BigInteger.valueOf(SERIAL.incrementAndGet()),
              Date.from(now.minus(Duration.ofHours(1))),
              Date.from(now.plus(Duration.ofDays(1))),
              subject.name,
              subject.keys.getPublic());
      builder.addExtension(Extension.basicConstraints, true, constraints);
      if (names != null) {
        builder.addExtension(Extension.nameConstraints, true, names);
      }
      if (!constraints.isCA()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(Objects.requireNonNull(name)));
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder(signature).build(issuer.keys.getPrivate())));
    } catch (GeneralSecurityException | OperatorCreationException | CertIOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
