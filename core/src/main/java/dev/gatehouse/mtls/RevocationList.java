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

/// A CA's list of revoked certificates, a CRL (RFC 5280 §5).
///
/// Only complete CRLs of version 2 are read, which list certificates of the CA that signed them.
/// Delta CRLs, indirect CRLs and CRLs of a part are refused. [#of] does not verify the signature;
/// [#isSignedByOneOf] does. Effectively immutable and thread-safe. Does not block.
public final class RevocationList {

  private static final int MAX_BYTES = 16 * 1024 * 1024;

  // While a list is read, it takes at most half of this many bytes of memory for each of its bytes.
  // The other half of the heap is left to the rest of the program.
  private static final int HEAP_BYTES_PER_LIST_BYTE = 128;

  // RFC 5280 §5.2.3: at most 20 octets.
  private static final int MAX_CRL_NUMBER_BYTES = 20;

  // RFC 5280 §4.2.1.3: the index of the cRLSign bit in the key usage.
  private static final int CRL_SIGN = 6;

  private final X509CRL list;
  private final String issuerDigest;
  private final BigInteger number;
  private final @Nullable ASN1OctetString keyIdentifier;

  // The key that signed the list, after it was found. Each validation of a chain needs it, and
  // verifying a long list takes time.
  private volatile @Nullable PublicKey signer;

  private RevocationList(X509CRL list, BigInteger number, @Nullable ASN1OctetString keyIdentifier) {
    this.list = list;
    this.issuerDigest = CertificationPath.digestOf(list.getIssuerX500Principal());
    this.number = number;
    this.keyIdentifier = keyIdentifier;
  }

  /// The length of the largest list that is read, in bytes: 16 MiB, or less if the heap is smaller
  /// than 2 GiB. A list is parsed before its signature is verified, and a forged list must not
  /// exhaust the heap.
  public static int maxBytes() {
    return maxBytes(Runtime.getRuntime().maxMemory());
  }

  static int maxBytes(long heap) {
    return (int) Math.min(MAX_BYTES, heap / HEAP_BYTES_PER_LIST_BYTE);
  }

  /// Parses a list in DER, and checks that it is a kind of list that the gate supports. Does not
  /// verify its signature, and does not check whether it is in force. Throws
  /// [IllegalArgumentException], whose message continues a sentence about the list, if the list is
  /// malformed or not supported.
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
      // Checked before the JDK parses the list, because the JDK normalizes the names.
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
      // Bouncy Castle throws many kinds of exceptions for malformed input.
      throw new IllegalArgumentException("is not a list of revoked certificates", malformed);
    }
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    return new RevocationList(list, number, keyIdentifier);
  }

  // The CRL number; -1 if there is none.
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
    // RFC 5280 §5.1.1.2: the two algorithm fields must be equal. Only one of them is signed.
    if (!structure.getSignatureAlgorithm().equals(structure.getTBSCertList().getSignature())) {
      return "has two different signature algorithms";
    }
    String weak = SignatureAlgorithmCheck.fault(list);
    if (weak != null) {
      return weak;
    }
    // RFC 5280 §5.1.2.5: each list states its next update. Without it, an old list cannot be
    // distinguished from the newest one.
    if (list.getNextUpdate() == null) {
      return "does not state its next update";
    }
    // RFC 5280 §5.2: a list with an unknown critical extension must not be used. Delta CRLs
    // (§5.2.4) and indirect CRLs (§5.2.5) have a critical extension.
    Set<String> critical = list.getCriticalExtensionOIDs();
    if (critical != null && !critical.isEmpty()) {
      return "has a critical extension, as partial and indirect lists have: " + critical;
    }
    if (list.getExtensionValue(Extension.deltaCRLIndicator.getId()) != null
        || list.getExtensionValue(Extension.issuingDistributionPoint.getId()) != null) {
      return "is a partial list";
    }
    // RFC 5280 §5.2.3: each list has a number of at most 20 octets.
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
        ? "has an issuer name of more than " + CertificateEncoding.MAX_NAME_BYTES + " bytes"
        : null;
  }

  private static final class UnusableListException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    UnusableListException(String fault) {
      super(fault);
    }
  }

  // Checked in the bytes: the JDK keeps one entry for each issuer and serial number, and drops
  // others.
  private static @Nullable String wrongEntry(CertificateList structure) {
    Enumeration<?> entries = structure.getRevokedCertificateEnumeration();
    while (entries.hasMoreElements()) {
      Extensions extensions = ((TBSCertList.CRLEntry) entries.nextElement()).getExtensions();
      if (extensions == null) {
        continue;
      }
      // RFC 5280 §5.3.3: that entry and those behind it are of another CA's certificates, whether
      // or not the extension is critical.
      if (extensions.getExtension(Extension.certificateIssuer) != null) {
        return "has an entry of another issuer (certificateIssuer): indirect lists are not read";
      }
      // RFC 5280 §5.3: a list with an unknown critical entry extension must not be used.
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

  /// The name of the CA that issued the list, as a text for people (RFC 2253).
  public String issuerName() {
    return issuer().getName();
  }

  /// The CRL number. A newer list of the same CA has a higher number (RFC 5280 §5.2.3).
  public BigInteger number() {
    return number;
  }

  /// The next update: the first instant at which the list is not in force any more.
  public Instant nextUpdate() {
    return list.getNextUpdate().toInstant();
  }

  private Instant thisUpdate() {
    return list.getThisUpdate().toInstant();
  }

  /// Returns true if both lists name the same CA and were signed by the same key. Returns false if
  /// [#isSignedBy] has not yet found the key of the other list.
  public boolean hasSameSignerAs(RevocationList other) {
    PublicKey key = other.signer;
    return key != null && issuer().equals(other.issuer()) && hasSignatureOf(key);
  }

  /// Returns true if this list is older than the other: it has a lower number, or the same number
  /// and an earlier date.
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

  // Returns true if the list names the key of this CA by its key identifier.
  private boolean namesKeyOf(X509Certificate ca) {
    return keyIdentifier != null && keyIdentifier.equals(KeyIdentifiers.ofSubject(ca));
  }

  /// Returns true if the list names this CA as its issuer and the key of this CA signed it.
  /// Verifies the signature at the first call.
  public boolean isSignedBy(X509Certificate ca) {
    return isIssuedBy(ca) && hasSignatureOf(ca.getPublicKey());
  }

  /// Returns true if one of these CAs signed the list and may sign lists. Returns false if the list
  /// names none of these CAs.
  ///
  /// Throws [IllegalArgumentException] if the list names one of the CAs, by its name or its key
  /// identifier, but that CA did not sign it or may not sign lists. The message continues a
  /// sentence about the list's file, and says after a colon what to do.
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
      // The key identifier is compared too: a changed issuer name must not make this a list of
      // another CA.
      named |= isIssuedBy(ca) || namesKeyOf(ca);
    }
    if (signed) {
      throw new IllegalArgumentException(
          heldInFile()
              + ", whose certificate does not have the key usage cRLSign: name a certificate of that CA"
              + " that may sign lists");
    }
    if (named) {
      throw new IllegalArgumentException(
          heldInFile()
              + " that does not have the signature of that CA: get the list from the CA again");
    }
    return false;
  }

  /// The message for a list whose CA and key have another list in the configuration.
  public String duplicateFault() {
    return heldInFile()
        + ", and one by the same key stands before it: name the newest list of each key, once";
  }

  /// The message for a list that names none of the CAs. It has the form of those of
  /// [#isSignedByOneOf].
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

  /// Returns true if this CA may sign lists: its certificate has no key usage, or the key usage
  /// cRLSign (RFC 5280 §6.3.3 (f)).
  static boolean maySign(X509Certificate ca) {
    boolean[] usage = ca.getKeyUsage();
    return usage == null || usage[CRL_SIGN];
  }

  /// Returns why the list is not in force at this instant, in words for operators; null if it is in
  /// force. Every certificate of the CA is refused while its list is not in force.
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

  /// Returns true if the list contains the serial number of this certificate. Does not compare the
  /// issuer.
  boolean lists(X509Certificate certificate) {
    return list.getRevokedCertificate(certificate.getSerialNumber()) != null;
  }

  /// Returns true if the list names the CA of this certificate as its issuer and contains the
  /// certificate's serial number.
  boolean lists(CertificationPath.Entry certificate) {
    return issuerDigest.equals(certificate.issuer())
        && list.getRevokedCertificate(certificate.serial()) != null;
  }

  /// Returns true if both lists have the same bytes.
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
