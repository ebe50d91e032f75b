package dev.gatehouse.mtls;

import dev.gatehouse.signing.SignatureAlgorithmCheck;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.TBSCertList;
import org.jspecify.annotations.Nullable;

/// A CA's list of the certificates that it revoked (RFC 5280 §5): a complete list of version 2, of
/// the CA's own certificates. [RevocationLists] says which CA signed it. Immutable for its users,
/// and thread-safe.
public final class RevocationList {

  private static final int MAX_BYTES = 16 * 1024 * 1024;

  // A list takes this many times its length of memory, at most, while it is read. Half of the heap
  // is left to the rest.
  private static final int HEAP_BYTES_PER_LIST_BYTE = 128;

  // RFC 5280 §5.2.3.
  private static final int MAX_CRL_NUMBER_BYTES = 20;

  // RFC 5280 §4.2.1.3: the seventh bit of the key usage.
  private static final int CRL_SIGN = 6;

  private final X509CRL list;
  private final String issuerDigest;
  private final BigInteger number;
  private final @Nullable ASN1OctetString keyIdentifier;

  // The key that signed the list, once it was found: a list may be long, and each chain asks which
  // key signed it.
  private volatile @Nullable PublicKey signer;

  private RevocationList(X509CRL list, BigInteger number, @Nullable ASN1OctetString keyIdentifier) {
    this.list = list;
    this.issuerDigest = CertificationPath.digestOf(list.getIssuerX500Principal());
    this.number = number;
    this.keyIdentifier = keyIdentifier;
  }

  /// The largest list that is read, in bytes: 16 MiB, or less where the heap is smaller than 2 GiB.
  /// A list is read before its signature is verified, and a forged one must not exhaust the heap.
  public static int maxBytes() {
    return maxBytes(Runtime.getRuntime().maxMemory());
  }

  static int maxBytes(long heap) {
    return (int) Math.min(MAX_BYTES, heap / HEAP_BYTES_PER_LIST_BYTE);
  }

  /// Reads a list in DER. Does not verify its signature. Throws [IllegalArgumentException], whose
  /// message follows a name for the list, when this gate can't use such a list.
  public static RevocationList of(byte[] der) {
    if (der.length > maxBytes()) {
      throw new IllegalArgumentException(
          "is longer than " + maxBytes() + " bytes, the most that this heap allows");
    }
    X509CRL list;
    BigInteger number;
    ASN1OctetString keyIdentifier;
    String fault;
    try {
      ASN1Primitive read = Der.read(der);
      if (read == null) {
        throw new IllegalArgumentException("not DER");
      }
      CertificateList structure = CertificateList.getInstance(read);
      // Before the JDK reads them: it would normalize what it reads of names.
      fault = tooLongName(structure);
      fault = fault == null ? wrongEntry(structure) : fault;
      if (fault != null) {
        throw new UnusableListException(fault);
      }
      list =
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
      number = number(list);
      keyIdentifier = KeyIdentifiers.ofIssuer(list);
      fault = fault(structure, list, number);
    } catch (UnusableListException unusable) {
      throw unusable;
    } catch (CRLException | CertificateException | IOException | RuntimeException malformed) {
      // Bouncy Castle throws many kinds of them when it reads what is malformed.
      throw new IllegalArgumentException("is no list of revoked certificates", malformed);
    }
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    return new RevocationList(list, number, keyIdentifier);
  }

  // -1: it has none.
  private static BigInteger number(X509CRL list) {
    byte[] number = list.getExtensionValue(Extension.cRLNumber.getId());
    return number == null
        ? BigInteger.ONE.negate()
        : ASN1Integer.getInstance(ASN1OctetString.getInstance(number).getOctets()).getValue();
  }

  private static @Nullable String fault(
      CertificateList structure, X509CRL list, BigInteger number) {
    if (list.getVersion() != 2) {
      return "is a list of version " + list.getVersion() + ", and only version 2 is read";
    }
    // RFC 5280 §5.1.1.2: the algorithm stands in two places, and only one of them is signed.
    if (!structure.getSignatureAlgorithm().equals(structure.getTBSCertList().getSignature())) {
      return "names two signature algorithms";
    }
    String weak = SignatureAlgorithmCheck.fault(list);
    if (weak != null) {
      return weak;
    }
    // RFC 5280 §5.1.2.5: every list says when the next one comes. Without it, an old list can't be
    // told from the newest.
    if (list.getNextUpdate() == null) {
      return "does not say when the next one comes";
    }
    // RFC 5280 §5.2: one that is critical and not understood makes the list unusable; lists of
    // changes and lists of other CAs' certificates say by one that they are (§5.2.4, §5.2.5).
    Set<String> critical = list.getCriticalExtensionOIDs();
    if (critical != null && !critical.isEmpty()) {
      return "has a critical extension, as lists of a part or of other CAs have: " + critical;
    }
    if (list.getExtensionValue(Extension.deltaCRLIndicator.getId()) != null
        || list.getExtensionValue(Extension.issuingDistributionPoint.getId()) != null) {
      return "is a list of a part only";
    }
    // RFC 5280 §5.2.3: always there, and never longer.
    if (number.signum() < 0) {
      return "has no number";
    }
    if (number.toByteArray().length > MAX_CRL_NUMBER_BYTES + 1) {
      return "has a number of more than " + MAX_CRL_NUMBER_BYTES + " bytes";
    }
    return null;
  }

  private static @Nullable String tooLongName(CertificateList structure) throws IOException {
    return structure.getIssuer().getEncoded().length > CertificateEncoding.MAX_NAME_BYTES
        ? "names its CA by more than " + CertificateEncoding.MAX_NAME_BYTES + " bytes"
        : null;
  }

  private static final class UnusableListException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    UnusableListException(String fault) {
      super(fault);
    }
  }

  // The JDK tells entries by issuer and number, and keeps one of each: what it shows may lack one.
  private static @Nullable String wrongEntry(CertificateList structure) {
    Enumeration<?> entries = structure.getRevokedCertificateEnumeration();
    while (entries.hasMoreElements()) {
      Extensions extensions = ((TBSCertList.CRLEntry) entries.nextElement()).getExtensions();
      if (extensions == null) {
        continue;
      }
      // RFC 5280 §5.3.3: that entry and those behind it are of another CA's certificates, whether
      // or
      // not the extension is critical.
      if (extensions.getExtension(Extension.certificateIssuer) != null) {
        return "has an entry of another issuer (certificateIssuer): indirect lists are not read";
      }
      // RFC 5280 §5.3: what is critical and not understood makes the list unusable.
      if (extensions.hasAnyCriticalExtensions()) {
        return "has an entry with a critical extension: "
            + Arrays.toString(extensions.getCriticalExtensionOIDs());
      }
    }
    return null;
  }

  X500Principal issuer() {
    return list.getIssuerX500Principal();
  }

  /// The name of its CA, as people read it.
  public String issuerName() {
    return issuer().getName();
  }

  /// Its number: that of a newer list of the same CA is higher (RFC 5280 §5.2.3).
  public BigInteger number() {
    return number;
  }

  /// The first instant at which it says nothing any more: the CA promised a newer one.
  public Instant nextUpdate() {
    return list.getNextUpdate().toInstant();
  }

  private Instant thisUpdate() {
    return list.getThisUpdate().toInstant();
  }

  /// Whether both name the same CA, and the key that signed the other list signed this one, too.
  /// False while [#isSignedBy] did not find which key signed the other list.
  public boolean hasSameSignerAs(RevocationList other) {
    PublicKey key = other.signer;
    return key != null && issuer().equals(other.issuer()) && hasSignatureOf(key);
  }

  /// Whether its CA made it before that list: by its number, then by its date.
  public boolean isOlderThan(RevocationList other) {
    int compared = number.compareTo(other.number);
    return compared < 0 || (compared == 0 && thisUpdate().isBefore(other.thisUpdate()));
  }

  /// Whether it names that CA as its issuer.
  boolean isIssuedBy(X509Certificate ca) {
    return issuer().equals(ca.getSubjectX500Principal());
  }

  /// Whether it names the CA that issued that certificate, and the same key of it as far as both
  /// say which.
  boolean namesIssuerOf(X509Certificate certificate) {
    ASN1OctetString key = KeyIdentifiers.ofIssuer(certificate);
    return issuer().equals(certificate.getIssuerX500Principal())
        && (key == null || keyIdentifier == null || key.equals(keyIdentifier));
  }

  // Whether it names the key of that CA.
  private boolean namesKeyOf(X509Certificate ca) {
    return keyIdentifier != null && keyIdentifier.equals(KeyIdentifiers.ofSubject(ca));
  }

  /// Whether it names that CA as its issuer, and that CA's key signed it.
  public boolean isSignedBy(X509Certificate ca) {
    return isIssuedBy(ca) && hasSignatureOf(ca.getPublicKey());
  }

  /// Whether one of these CAs signed it. False: it names none of them.
  ///
  /// Throws [IllegalArgumentException] when it names one of them, by its name or by its key, and
  /// was not signed by it, and when that CA may not sign lists. The message follows the name of the
  /// list's file; what to do stands behind a colon.
  public boolean isSignedByOneOf(List<ClientCa> cas, List<CrlIssuer> issuers) {
    boolean named = false;
    boolean signed = false;
    List<X509Certificate> certificates =
        Stream.concat(
                cas.stream().map(ClientCa::certificate),
                issuers.stream().map(CrlIssuer::certificate))
            .toList();
    for (X509Certificate ca : certificates) {
      if (isSignedBy(ca)) {
        if (maySign(ca)) {
          return true;
        }
        signed = true;
      }
      // By its key, too: a change of the issuer's name must not make it a list of another CA.
      named |= isIssuedBy(ca) || namesKeyOf(ca);
    }
    if (signed) {
      throw new IllegalArgumentException(
          heldInFile()
              + ", whose certificate has not the key usage cRLSign: name a certificate of that CA"
              + " that may sign lists");
    }
    if (named) {
      throw new IllegalArgumentException(
          heldInFile()
              + " that does not have the signature of that CA: get the list from the CA again");
    }
    return false;
  }

  /// What is wrong with it beside another list of the same CA that the same key signed.
  public String duplicateFault() {
    return heldInFile()
        + ", and one by the same key stands before it: name the newest list of each key, once";
  }

  /// What is wrong with it when it names none of the CAs, as [#isSignedByOneOf] words it.
  public String unknownIssuerFault() {
    return heldInFile()
        + ", which is no CA whose lists are read here: name the file of that CA's certificate in"
        + " 'crlIssuers' (or take it out of 'casWithoutCrl')";
  }

  private String heldInFile() {
    return "holds a list of revoked certificates of " + issuerName();
  }

  private boolean hasSignatureOf(PublicKey key) {
    PublicKey known = signer;
    if (known != null) {
      return known.equals(key);
    }
    try {
      list.verify(key);
      signer = key;
      return true;
    } catch (GeneralSecurityException | RuntimeException notBy) {
      return false;
    }
  }

  /// RFC 5280 §6.3.3 (f): whether that CA may sign lists at all.
  static boolean maySign(X509Certificate ca) {
    boolean[] usage = ca.getKeyUsage();
    return usage == null || usage[CRL_SIGN];
  }

  /// Why it refuses every certificate of its CA at that instant; null: it does not.
  @Nullable String notInForce(Instant now) {
    if (now.isBefore(thisUpdate())) {
      return "the list of revoked certificates of "
          + issuerName()
          + " is not in force before "
          + thisUpdate();
    }
    return now.isBefore(nextUpdate())
        ? null
        : "the list of revoked certificates of "
            + issuerName()
            + " is past its next update, "
            + nextUpdate();
  }

  /// Whether the serial number of that certificate is on it. Looks at nothing else.
  boolean lists(X509Certificate certificate) {
    return list.getRevokedCertificate(certificate.getSerialNumber()) != null;
  }

  /// Whether it names the CA of that certificate as its issuer, and the certificate is on it.
  boolean lists(CertificationPath.Entry certificate) {
    return issuerDigest.equals(certificate.issuer())
        && list.getRevokedCertificate(certificate.serial()) != null;
  }

  /// Whether both were made of the same bytes.
  @Override
  public boolean equals(@Nullable Object other) {
    try {
      return other instanceof RevocationList that
          && Arrays.equals(list.getEncoded(), that.list.getEncoded());
    } catch (CRLException impossible) {
      throw new AssertionError("what was read can be written", impossible);
    }
  }

  @Override
  public int hashCode() {
    return list.hashCode();
  }

  @Override
  public String toString() {
    return "RevocationList[" + issuerName() + ", until " + nextUpdate() + "]";
  }
}
