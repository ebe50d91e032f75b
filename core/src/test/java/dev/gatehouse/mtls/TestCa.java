package dev.gatehouse.mtls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.jspecify.annotations.Nullable;

/// A CA for tests, that issues whatever it is told to, wrong things too.
public final class TestCa {

  private static final AtomicLong SERIALS = new AtomicLong(1000);

  private final KeyPair keys;
  private final X509Certificate certificate;

  private TestCa(KeyPair keys, X509Certificate certificate) {
    this.keys = keys;
    this.certificate = certificate;
  }

  public static TestCa root(Instant now) {
    return root(now, spec -> spec);
  }

  static TestCa root(Instant now, UnaryOperator<Spec> change) {
    return root(now, keys("EC", 256), change);
  }

  static TestCa root(Instant now, KeyPair keys, UnaryOperator<Spec> change) {
    Spec spec = change.apply(Spec.ca(now, "CN=Test Root"));
    return new TestCa(keys, spec.issue(keys, spec.subject, null));
  }

  /// A CA below this one.
  public TestCa below(Instant now, String name, UnaryOperator<Spec> change) {
    KeyPair below = keys("EC", 256);
    return new TestCa(
        below, change.apply(Spec.ca(now, name)).key(below).issue(keys, subject(), certificate));
  }

  /// A certificate of a client of that name.
  public X509Certificate client(Instant now, String dnsName) {
    return issue(Spec.client(now, Spec.dns(dnsName)));
  }

  /// The same, of that key.
  public X509Certificate client(Instant now, String dnsName, KeyPair key) {
    return issue(Spec.client(now, Spec.dns(dnsName)).key(key));
  }

  X509Certificate issue(Spec spec) {
    return spec.issue(keys, subject(), certificate);
  }

  public X509Certificate certificate() {
    return certificate;
  }

  public ClientCa trusted() {
    return ClientCa.of(certificate);
  }

  private String subject() {
    return certificate.getSubjectX500Principal().getName();
  }

  /// A list of what this CA revoked.
  RevocationList list(Instant thisUpdate, Duration life, X509Certificate... revoked) {
    return ListSpec.of(thisUpdate, life, revoked).list(this);
  }

  /// The same, signed with another key.
  RevocationList forgedList(Instant thisUpdate, Duration life, X509Certificate... revoked) {
    return ListSpec.of(thisUpdate, life, revoked).signedBy(keys("EC", 256)).list(this);
  }

  /// Another certificate for the name and the key of that CA, issued by this one.
  public X509Certificate crossSign(TestCa other, Instant now, UnaryOperator<Spec> change) {
    return change
        .apply(Spec.ca(now, other.subject()))
        .key(other.keys)
        .issue(keys, subject(), certificate);
  }

  /// A CA of the same name with another key.
  static TestCa namesake(TestCa ca, Instant now) {
    return root(now, spec -> spec.named(ca.subject()));
  }

  /// What a list shall be. Changes itself.
  static final class ListSpec {

    private final Instant thisUpdate;
    private final List<Extension> extensions = new ArrayList<>();
    private final ASN1EncodableVector entries = new ASN1EncodableVector();
    private @Nullable Instant nextUpdate;
    private @Nullable KeyPair signer;
    private @Nullable String issuer;
    private boolean namesKey = true;
    private boolean versioned = true;
    private String signature = "SHA256withECDSA";
    private AlgorithmIdentifier algorithm =
        new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);

    private ListSpec(Instant thisUpdate, Instant nextUpdate) {
      this.thisUpdate = thisUpdate;
      this.nextUpdate = nextUpdate;
    }

    static ListSpec of(Instant thisUpdate, Duration life, X509Certificate... revoked) {
      ListSpec spec = new ListSpec(thisUpdate, thisUpdate.plus(life)).number(10);
      for (X509Certificate one : revoked) {
        spec.entry(one);
      }
      return spec;
    }

    ListSpec number(long number) {
      return with(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(number)));
    }

    ListSpec with(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
      extensions.removeIf(extension -> extension.getExtnId().equals(id));
      extensions.add(extension(id, critical, value));
      return this;
    }

    ListSpec without(ASN1ObjectIdentifier id) {
      extensions.removeIf(extension -> extension.getExtnId().equals(id));
      return this;
    }

    /// Adds a revoked certificate with extensions of its entry.
    ListSpec entry(X509Certificate revoked, Extension... ofEntry) {
      ASN1EncodableVector entry = new ASN1EncodableVector();
      entry.add(new ASN1Integer(revoked.getSerialNumber()));
      entry.add(new Time(Date.from(thisUpdate)));
      if (ofEntry.length > 0) {
        entry.add(new Extensions(ofEntry));
      }
      entries.add(new DERSequence(entry));
      return this;
    }

    ListSpec withoutNextUpdate() {
      nextUpdate = null;
      return this;
    }

    /// Leaves the identifier of the CA's key out.
    ListSpec withoutKeyIdentifier() {
      namesKey = false;
      return this;
    }

    /// Version 1: without extensions.
    ListSpec ofVersion1() {
      versioned = false;
      return this;
    }

    ListSpec signedBy(KeyPair by) {
      signer = by;
      return this;
    }

    ListSpec signedWith(String jca, AlgorithmIdentifier id) {
      signature = jca;
      algorithm = id;
      return this;
    }

    ListSpec issuedBy(String name) {
      issuer = name;
      return this;
    }

    RevocationList list(TestCa ca) {
      return RevocationList.of(der(ca));
    }

    byte[] der(TestCa ca) {
      try {
        ASN1EncodableVector body = new ASN1EncodableVector();
        if (versioned) {
          body.add(new ASN1Integer(1));
        }
        body.add(algorithm);
        body.add(new X500Name(issuer == null ? ca.subject() : issuer));
        body.add(new Time(Date.from(thisUpdate)));
        if (nextUpdate != null) {
          body.add(new Time(Date.from(nextUpdate)));
        }
        if (entries.size() > 0) {
          body.add(new DERSequence(entries));
        }
        if (versioned) {
          ASN1EncodableVector all = new ASN1EncodableVector();
          extensions.forEach(all::add);
          if (namesKey) {
            all.add(
                extension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new AuthorityKeyIdentifier(Spec.identifier(ca.keys).getKeyIdentifier())));
          }
          if (all.size() > 0) {
            body.add(new DERTaggedObject(true, 0, new DERSequence(all)));
          }
        }
        return signed(
            new DERSequence(body), algorithm, signature, signer == null ? ca.keys : signer);
      } catch (IOException | GeneralSecurityException failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  static Extension extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
    try {
      return new Extension(id, critical, value.toASN1Primitive().getEncoded(ASN1Encoding.DER));
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  public static KeyPair keys(String algorithm, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static byte[] signed(
      ASN1Encodable body, AlgorithmIdentifier algorithm, String jca, KeyPair by)
      throws IOException, GeneralSecurityException {
    Signature signature = Signature.getInstance(jca);
    signature.initSign(by.getPrivate());
    signature.update(body.toASN1Primitive().getEncoded(ASN1Encoding.DER));
    return new DERSequence(
            new ASN1Encodable[] {body, algorithm, new DERBitString(signature.sign())})
        .getEncoded(ASN1Encoding.DER);
  }

  /// What a certificate shall be. Changes itself.
  public static final class Spec {

    private KeyPair key;
    private String subject;
    private Instant from;
    private Instant until;
    private String signature = "SHA256withECDSA";
    private AlgorithmIdentifier signatureId =
        new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
    private final List<Extension> extensions = new ArrayList<>();

    private boolean forged;

    private Spec(String subject, Instant now) {
      this.subject = subject;
      this.key = keys("EC", 256);
      this.from = now.minus(Duration.ofHours(1));
      this.until = now.plus(Duration.ofDays(30));
    }

    static Spec ca(Instant now, String name) {
      return new Spec(name, now)
          .with(Extension.basicConstraints, true, new BasicConstraints(true))
          .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    static Spec client(Instant now, GeneralName... names) {
      Spec spec =
          new Spec("CN=client", now)
              .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .with(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
      return names.length == 0
          ? spec
          : spec.with(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }

    static GeneralName dns(String name) {
      return new GeneralName(GeneralName.dNSName, name);
    }

    static GeneralName uri(String name) {
      return new GeneralName(GeneralName.uniformResourceIdentifier, name);
    }

    static GeneralName mailbox(String name) {
      return new GeneralName(GeneralName.rfc822Name, name);
    }

    Spec with(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
      return with(extension(id, critical, value));
    }

    Spec with(Extension extension) {
      extensions.removeIf(other -> other.getExtnId().equals(extension.getExtnId()));
      extensions.add(extension);
      return this;
    }

    Spec without(ASN1ObjectIdentifier id) {
      extensions.removeIf(extension -> extension.getExtnId().equals(id));
      return this;
    }

    Spec named(String name) {
      subject = name;
      return this;
    }

    Spec key(KeyPair pair) {
      key = pair;
      return this;
    }

    Spec lasting(Instant begins, Instant ends) {
      from = begins;
      until = ends;
      return this;
    }

    Spec signedWith(String jca, AlgorithmIdentifier id) {
      signature = jca;
      signatureId = id;
      return this;
    }

    /// Names the CA and its key, and is signed with another.
    Spec forged() {
      forged = true;
      return this;
    }

    private X509Certificate issue(KeyPair issuer, String issuerName, @Nullable X509Certificate by) {
      try {
        boolean self = by == null;
        KeyPair own = self ? issuer : key;
        SubjectPublicKeyInfo info = SubjectPublicKeyInfo.getInstance(own.getPublic().getEncoded());
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(SERIALS.incrementAndGet()));
        generator.setIssuer(new X500Name(issuerName));
        generator.setSubject(new X500Name(subject));
        generator.setStartDate(new Time(Date.from(from)));
        generator.setEndDate(new Time(Date.from(until)));
        generator.setSubjectPublicKeyInfo(info);
        generator.setSignature(signatureId);
        if (extensions.stream()
            .noneMatch(e -> e.getExtnId().equals(Extension.subjectKeyIdentifier))) {
          with(Extension.subjectKeyIdentifier, false, identifier(own));
        }
        if (!self) {
          with(
              Extension.authorityKeyIdentifier,
              false,
              new AuthorityKeyIdentifier(identifier(issuer).getKeyIdentifier()));
        }
        ASN1EncodableVector vector = new ASN1EncodableVector();
        extensions.forEach(vector::add);
        generator.setExtensions(Extensions.getInstance(new DERSequence(vector)));
        byte[] der =
            signed(
                generator.generateTBSCertificate(),
                signatureId,
                signature,
                forged ? keys("EC", 256) : issuer);
        return (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(der));
      } catch (IOException | GeneralSecurityException failed) {
        throw new IllegalStateException(failed);
      }
    }

    // RFC 7093 §2: a part of the SHA-256 of the key.
    private static SubjectKeyIdentifier identifier(KeyPair pair) {
      return new SubjectKeyIdentifier(
          java.util.Arrays.copyOf(
              dev.gatehouse.secret.Digest.sha256(pair.getPublic().getEncoded()).bytes(), 20));
    }
  }
}
