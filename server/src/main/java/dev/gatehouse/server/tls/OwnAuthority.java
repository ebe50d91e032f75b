package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.CertificateIssuer;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientCertificateStore;
import dev.gatehouse.mtls.StoredCa;
import dev.gatehouse.secret.Seal;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// The gate's own CA of client certificates. Its private key is stored sealed, and never leaves the
/// gate.
///
/// It is made when a gate with its own CA starts for the first time, and is valid for ten years.
/// When the remaining time is shorter than the longest lifetime of a certificate, a new CA issues,
/// and both are trusted. Thread-safe; every call may block.
public final class OwnAuthority implements CertificateIssuer {

  /// The time between an own list of revoked certificates and its next update.
  public static final Duration CRL_LIFETIME = Duration.ofDays(1);

  private static final Duration CA_LIFETIME = Duration.ofDays(10 * 365);
  private static final Duration MIN_REMAINING_LIFETIME = Duration.ofDays(3 * 365);

  /// The clock of another machine may be a little behind.
  private static final Duration BACKDATING = Duration.ofHours(1);

  private static final String ALGORITHM = "SHA256withECDSA";
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ClientCertificateStore store;
  private final Clock clock;
  private final List<ClientCa> cas;
  private final ClientCa current;
  private final PrivateKey key;

  private OwnAuthority(
      ClientCertificateStore store, Clock clock, List<ClientCa> cas, PrivateKey key) {
    this.store = store;
    this.clock = clock;
    this.cas = List.copyOf(cas);
    this.current = cas.getLast();
    this.key = key;
  }

  /// The CA of that store. It is read, or made if necessary. Throws [Seal.BrokenSealException] if
  /// another master key sealed it.
  ///
  /// @param realm is a part of its name
  public static OwnAuthority in(
      ClientCertificateStore store, Seal seal, String realm, Clock clock) {
    while (true) {
      List<StoredCa> stored = store.ownCas();
      List<ClientCa> cas = new ArrayList<>();
      for (StoredCa one : stored) {
        cas.add(ClientCa.of(certificate(one)));
      }
      if (!cas.isEmpty()
          && clock
              .instant()
              .plus(MIN_REMAINING_LIFETIME)
              .isBefore(cas.getLast().certificate().getNotAfter().toInstant())) {
        return new OwnAuthority(store, clock, cas, key(stored.getLast(), seal));
      }
      // Another gate may have made a CA at the same time. So the stored one is read again.
      store.addOwnCa(made(seal, realm, clock.instant()), stored.size());
    }
  }

  private static X509Certificate certificate(StoredCa stored) {
    try {
      return Pem.certificates(stored.certificate()).getFirst();
    } catch (Pem.Unreadable damaged) {
      throw new IllegalStateException("the stored CA " + stored.id() + " is damaged", damaged);
    }
  }

  private static PrivateKey key(StoredCa stored, Seal seal) {
    try {
      return Pem.privateKey(seal.open(stored.sealedKey(), place(stored.id())));
    } catch (Pem.Unreadable damaged) {
      throw new IllegalStateException(
          "the key of the stored CA " + stored.id() + " is damaged", damaged);
    }
  }

  private static String place(String id) {
    return "client_authority/" + id + "/sealed_key";
  }

  private static StoredCa made(Seal seal, String realm, Instant now) {
    KeyPair pair = SigningRequest.newKeyPair();
    // Each CA has a different name. RFC 5280 §4.2.1.1 distinguishes keys of one name; people do
    // not.
    X500Name name =
        new X500NameBuilder(BCStyle.INSTANCE)
            .addRDN(BCStyle.O, realm)
            .addRDN(BCStyle.CN, "Gatehouse client CA " + serial().toString(16).substring(0, 8))
            .build();
    try {
      JcaX509v3CertificateBuilder builder =
          builder(name, name, now, now.plus(CA_LIFETIME), pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      builder.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      builder.addExtension(
          Extension.subjectKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      X509Certificate certificate = signed(builder, pair.getPrivate());
      String id = ClientCa.of(certificate).id();
      return new StoredCa(
          id,
          Pem.text(certificate),
          seal.seal(Pem.text(pair.getPrivate()), place(id)),
          now.truncatedTo(ChronoUnit.MILLIS));
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("making the CA of client certificates", e);
    }
  }

  @Override
  public ClientCa ca() {
    return current;
  }

  /// All CAs that were made. The last one issues.
  public List<ClientCa> cas() {
    return cas;
  }

  @Override
  public X509Certificate issue(
      PublicKey forKey, String label, CertificateName identity, Instant notAfter) {
    if (identity.kind() != CertificateName.Kind.SPIFFE) {
      throw new IllegalArgumentException("this CA writes SPIFFE IDs, no " + identity.kind().id());
    }
    Instant caEnds = current.certificate().getNotAfter().toInstant();
    try {
      JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
      JcaX509v3CertificateBuilder builder =
          builder(
              issuer(),
              new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, label).build(),
              clock.instant(),
              notAfter.isBefore(caEnds) ? notAfter : caEnds,
              forKey);
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      builder.addExtension(
          Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth));
      builder.addExtension(
          Extension.subjectAlternativeName,
          false,
          new GeneralNames(
              new GeneralName(GeneralName.uniformResourceIdentifier, identity.value())));
      builder.addExtension(
          Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(forKey));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          identifiers.createAuthorityKeyIdentifier(current.certificate().getPublicKey()));
      return signed(builder, key);
    } catch (CertIOException | GeneralSecurityException e) {
      throw new IllegalStateException("issuing a client certificate", e);
    }
  }

  /// The current list of the certificates that it issued and that were ended before they expired
  /// (RFC 5280 §5).
  public X509CRL list() {
    Instant now = clock.instant();
    try {
      JcaX509v2CRLBuilder builder =
          new JcaX509v2CRLBuilder(current.certificate().getSubjectX500Principal(), Date.from(now));
      builder.setNextUpdate(Date.from(now.plus(CRL_LIFETIME)));
      // RFC 5280 §5.2.3: grows with every list.
      builder.addExtension(
          Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(now.toEpochMilli())));
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils()
              .createAuthorityKeyIdentifier(current.certificate().getPublicKey()));
      for (ClientCertificateStore.CrlEntry ended :
          store.crlEntries(current.id(), now, now.minus(CRL_LIFETIME))) {
        builder.addCRLEntry(
            new BigInteger(ended.serial(), 16),
            Date.from(ended.at()),
            ended.superseded() ? CRLReason.superseded : CRLReason.unspecified);
      }
      return new JcaX509CRLConverter()
          .getCRL(builder.build(new JcaContentSignerBuilder(ALGORITHM).build(key)));
    } catch (CertIOException | GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("signing the list of revoked client certificates", e);
    }
  }

  /// The same in PEM.
  public String listPem() {
    return Pem.text(list());
  }

  /// A CA's certificate in PEM.
  public static String pem(ClientCa ca) {
    return Pem.text(ca.certificate());
  }

  private X500Name issuer() {
    return X500Name.getInstance(current.certificate().getSubjectX500Principal().getEncoded());
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, Instant now, Instant ends, PublicKey key) {
    return new JcaX509v3CertificateBuilder(
        issuer, serial(), Date.from(now.minus(BACKDATING)), Date.from(ends), subject, key);
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey by)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder(ALGORITHM).build(by)));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  // RFC 5280 §4.1.2.2: positive, at most 20 octets. 158 random bits can't be guessed.
  private static BigInteger serial() {
    return new BigInteger(158, RANDOM).setBit(158);
  }

  /// Names the CA.
  @Override
  public String toString() {
    return "OwnAuthority[" + current + "]";
  }
}
