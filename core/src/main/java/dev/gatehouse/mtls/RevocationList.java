package dev.gatehouse.mtls;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509CRLEntry;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.Extension;
import org.jspecify.annotations.Nullable;

/// A CA's list of the certificates that it revoked (RFC 5280 §5): a whole one, of its own
/// certificates. Whose signature it bears is judged by whoever has the CA's key.
public final class RevocationList {

  /// The largest list that is read.
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  // RFC 5280 §4.2.1.3: the seventh bit of the key usage.
  private static final int CRL_SIGN = 6;

  private final X509CRL list;

  private RevocationList(X509CRL list) {
    this.list = list;
  }

  /// Reads a list in DER; throws [IllegalArgumentException], whose message follows a name for it,
  /// when it is none that this gate understands.
  public static RevocationList of(byte[] der) {
    if (der.length > MAX_BYTES) {
      throw new IllegalArgumentException("is longer than " + MAX_BYTES + " bytes");
    }
    try {
      CertificateList structure = CertificateList.getInstance(der);
      X509CRL list =
          (X509CRL)
              CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
      String fault = fault(structure, list);
      if (fault != null) {
        throw new IllegalArgumentException(fault);
      }
      return new RevocationList(list);
    } catch (CRLException | CertificateException | IllegalStateException malformed) {
      throw new IllegalArgumentException("is no list of revoked certificates", malformed);
    }
  }

  private static @Nullable String fault(CertificateList structure, X509CRL list) {
    // RFC 5280 §5.1.1.2, §5.1.2.1.
    if (list.getVersion() != 2
        || !structure.getSignatureAlgorithm().equals(structure.getTBSCertList().getSignature())) {
      return "is not of version 2, or names two signature algorithms";
    }
    String weak = CertificateProfile.weakSignature(structure.getSignatureAlgorithm());
    if (weak != null) {
      return weak;
    }
    // RFC 5280 §5.1.2.5: every list says when the next one comes. Nobody could tell an old one.
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
    byte[] number = list.getExtensionValue(Extension.cRLNumber.getId());
    // RFC 5280 §5.2.3: always there.
    if (number == null
        || ASN1Integer.getInstance(ASN1OctetString.getInstance(number).getOctets())
                .getValue()
                .signum()
            < 0) {
      return "has no number";
    }
    Set<? extends X509CRLEntry> entries = list.getRevokedCertificates();
    if (entries != null) {
      for (X509CRLEntry entry : entries) {
        Set<String> ofEntry = entry.getCriticalExtensionOIDs();
        if (ofEntry != null && !ofEntry.isEmpty()) {
          return "has an entry with a critical extension: " + ofEntry;
        }
      }
    }
    return null;
  }

  X500Principal issuer() {
    return list.getIssuerX500Principal();
  }

  /// The first instant at which it says nothing any more: the CA promised a newer one.
  public Instant nextUpdate() {
    return list.getNextUpdate().toInstant();
  }

  /// Whether that CA's key signed it. Thread-safe.
  boolean isSignedBy(X509Certificate ca) {
    if (!issuer().equals(ca.getSubjectX500Principal())) {
      return false;
    }
    try {
      list.verify(ca.getPublicKey());
      return true;
    } catch (GeneralSecurityException notBy) {
      return false;
    }
  }

  /// RFC 5280 §6.3.3 (f): whether that CA may sign lists at all.
  static boolean maySign(X509Certificate ca) {
    boolean[] usage = ca.getKeyUsage();
    return usage == null || usage[CRL_SIGN];
  }

  /// Why a certificate of this list's CA is refused at that instant; null: it is not.
  @Nullable String refusing(X509Certificate certificate, Instant now) {
    if (now.isBefore(list.getThisUpdate().toInstant())) {
      return "the list of revoked certificates of " + issuer().getName() + " is not in force yet";
    }
    if (!now.isBefore(nextUpdate())) {
      return "the list of revoked certificates of "
          + issuer().getName()
          + " is past its next update, "
          + nextUpdate();
    }
    return list.getRevokedCertificate(certificate.getSerialNumber()) == null
        ? null
        : "is on its CA's list of revoked certificates";
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
    return "RevocationList[" + issuer().getName() + ", until " + nextUpdate() + "]";
  }
}
