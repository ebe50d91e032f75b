package dev.gatehouse.mtls;

import dev.gatehouse.signing.PublicKeyCheck;
import dev.gatehouse.signing.SignatureAlgorithmCheck;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.TBSCertificate;
import org.jspecify.annotations.Nullable;

/// Checks a single certificate against the profile of RFC 5280 §4.
///
/// Checks the encoding, the key, the signature algorithm, the names, the extensions and the usages.
/// Does not verify the signature, does not look at the time, and does not look at other
/// certificates: [PathSearch] and [ClientTrust] do that. Refuses what it does not understand. Where
/// RFC 5280 leaves a choice, it takes the stricter one, as current CAs comply with it. Thread-safe;
/// does not block.
final class CertificateProfile {

  /// The position of a certificate in a chain.
  enum Role {
    /// The certificate of the client (an end entity certificate).
    LEAF,
    /// A CA certificate between the client CA and the client's certificate.
    INTERMEDIATE,
    /// The certificate of a configured client CA (a trust anchor).
    ANCHOR
  }

  /// The length of the largest certificate that is read, in bytes of its DER.
  static final int MAX_BYTES = 16 * 1024;

  private static final int MAX_NAMES = 64;
  private static final int MAX_SERIAL_BYTES = 20;

  // The extensions that this class, NameConstraintCheck and PathValidation process. RFC 5280 §4.2:
  // a certificate with another critical extension must be refused.
  private static final Set<ASN1ObjectIdentifier> MAY_BE_CRITICAL =
      Set.of(
          Extension.basicConstraints,
          Extension.keyUsage,
          Extension.extendedKeyUsage,
          Extension.subjectAlternativeName,
          Extension.nameConstraints,
          Extension.certificatePolicies,
          Extension.policyMappings,
          Extension.policyConstraints,
          Extension.inhibitAnyPolicy);

  private final Role role;
  private final KeyPurposeId purpose;
  private final TBSCertificate body;
  private final Extensions extensions;

  private CertificateProfile(
      Role role, KeyPurposeId purpose, TBSCertificate body, Extensions extensions) {
    this.role = role;
    this.purpose = purpose;
    this.body = body;
    this.extensions = extensions;
  }

  /// Returns the first violation of the profile, in words for operators that continue a sentence
  /// about the certificate; null if there is none.
  ///
  /// @param der the certificate in DER
  /// @param purpose the extended key usage that the certificate must allow
  static @Nullable String fault(
      X509Certificate certificate, byte[] der, Role role, KeyPurposeId purpose) {
    if (der.length > MAX_BYTES) {
      return "is longer than " + MAX_BYTES + " bytes";
    }
    try {
      ASN1Primitive read = Der.read(der);
      if (read == null) {
        return "is not encoded in DER";
      }
      Certificate structure = Certificate.getInstance(read);
      TBSCertificate body = structure.getTBSCertificate();
      if (structure.getVersionNumber() != 3 || body.getExtensions() == null) {
        return "is not of version 3";
      }
      // RFC 5280 §4.1.1.2: the two algorithm fields must be equal. Only one of them is signed.
      if (!structure.getSignatureAlgorithm().equals(body.getSignature())) {
        return "has two different signature algorithms";
      }
      CertificateProfile profile =
          new CertificateProfile(role, purpose, body, body.getExtensions());
      // Each check relies on those before it.
      String fault = SignatureAlgorithmCheck.fault(certificate);
      fault = fault == null ? CertificateSignature.fault(structure) : fault;
      fault = fault == null ? keyFault(certificate) : fault;
      fault = fault == null ? profile.serialAndNameFault() : fault;
      fault = fault == null ? profile.extensionFault() : fault;
      fault = fault == null ? profile.usageFault() : fault;
      fault = fault == null ? profile.keyIdentifierFault() : fault;
      return fault == null ? profile.alternativeNameFault() : fault;
    } catch (IOException | RuntimeException malformed) {
      // Bouncy Castle throws many kinds of exceptions for malformed input.
      return "is malformed";
    }
  }

  private static @Nullable String keyFault(X509Certificate certificate) {
    String fault = PublicKeyCheck.fault(certificate.getPublicKey());
    return fault == null ? null : "has " + fault;
  }

  private @Nullable String serialAndNameFault() {
    // RFC 5280 §4.1.2.2: the serial number is positive and has at most 20 octets.
    BigInteger serial = body.getSerialNumber().getPositiveValue();
    if (body.getSerialNumber().getValue().signum() <= 0
        || serial.toByteArray().length > MAX_SERIAL_BYTES) {
      return "has an invalid serial number";
    }
    // RFC 5280 §4.1.2.4 and §4.1.2.6: the issuer has a name, and so has the subject of a CA.
    if (body.getIssuer().getRDNs().length == 0) {
      return "names no issuer";
    }
    if (role != Role.LEAF && body.getSubject().getRDNs().length == 0) {
      return "is a CA certificate without a subject";
    }
    // RFC 5280 §4.1.2.8: CAs must not write unique identifiers.
    return body.getIssuerUniqueId() != null || body.getSubjectUniqueId() != null
        ? "has a unique identifier"
        : null;
  }

  private @Nullable String extensionFault() throws IOException {
    for (ASN1ObjectIdentifier id : extensions.getExtensionOIDs()) {
      Extension extension = extensions.getExtension(id);
      if (extension.isCritical() && !MAY_BE_CRITICAL.contains(id)) {
        return "has a critical extension that this gate does not understand, or that must not be"
            + " critical ("
            + id
            + ")";
      }
      // RFC 5280 §4.2.1.9, §4.2.1.10, §4.2.1.11 and §4.2.1.14: these extensions must be critical.
      boolean mustBeCritical =
          id.equals(Extension.nameConstraints)
              || id.equals(Extension.policyConstraints)
              || id.equals(Extension.inhibitAnyPolicy)
              || (id.equals(Extension.basicConstraints) && role != Role.LEAF);
      if (mustBeCritical && !extension.isCritical()) {
        return "has constraints that are not critical (" + id + ")";
      }
      // The value is exactly one ASN.1 value.
      byte[] value = extension.getExtnValue().getOctets();
      if (ASN1Primitive.fromByteArray(value) == null) {
        return "has an extension that is empty (" + id + ")";
      }
      if (extension.isCritical() && Der.read(value) == null) {
        return "has a critical extension that is not encoded in DER (" + id + ")";
      }
    }
    Extension access = extensions.getExtension(Extension.authorityInfoAccess);
    return access == null ? null : ExtensionSyntax.accessFault(access);
  }

  private @Nullable String usageFault() {
    BasicConstraints basic = BasicConstraints.fromExtensions(extensions);
    KeyUsage usage = KeyUsage.fromExtensions(extensions);
    ExtendedKeyUsage extended = ExtendedKeyUsage.fromExtensions(extensions);
    boolean signsCertificates = usage != null && usage.hasUsages(KeyUsage.keyCertSign);
    if (role == Role.LEAF) {
      // RFC 5280 §4.2.1.9 and §4.2.1.3: a certificate that may issue certificates is a CA's.
      if ((basic != null && basic.isCA()) || signsCertificates) {
        return "is a CA certificate, and was sent as a client certificate";
      }
      if (usage != null && !usage.hasUsages(KeyUsage.digitalSignature)) {
        return "does not have the key usage digitalSignature";
      }
      // RFC 5280 §4.2.1.12: an application may require its own purpose. anyExtendedKeyUsage is not
      // enough.
      if (extended == null || !extended.hasKeyPurposeId(purpose)) {
        return "does not have the extended key usage " + name(purpose);
      }
      return extended.hasKeyPurposeId(KeyPurposeId.anyExtendedKeyUsage)
          ? "allows anyExtendedKeyUsage"
          : null;
    }
    if (basic == null || !basic.isCA()) {
      return "is not a CA certificate";
    }
    if (usage != null && !signsCertificates) {
      return "does not have the key usage keyCertSign";
    }
    return extended != null
            && !extended.hasKeyPurposeId(purpose)
            && !extended.hasKeyPurposeId(KeyPurposeId.anyExtendedKeyUsage)
        ? "has extended key usages, and " + name(purpose) + " is not one of them"
        : null;
  }

  private static String name(KeyPurposeId purpose) {
    return purpose.equals(KeyPurposeId.id_kp_clientAuth) ? "clientAuth" : purpose.getId();
  }

  // RFC 5280 §4.2.1.1 and §4.2.1.2: key identifiers distinguish keys of the same name.
  private @Nullable String keyIdentifierFault() {
    SubjectKeyIdentifier own = SubjectKeyIdentifier.fromExtensions(extensions);
    if (own == null && role != Role.LEAF) {
      return "is a CA certificate without a subject key identifier";
    }
    AuthorityKeyIdentifier authority = AuthorityKeyIdentifier.fromExtensions(extensions);
    boolean selfIssued = body.getIssuer().equals(body.getSubject());
    if (authority == null) {
      return role == Role.ANCHOR && selfIssued ? null : "has no authority key identifier";
    }
    byte[] issuers = authority.getKeyIdentifierOctets();
    if (issuers == null) {
      return "has an authority key identifier without a key identifier";
    }
    if (role == Role.ANCHOR && selfIssued) {
      if (authority.getAuthorityCertIssuer() != null
          || authority.getAuthorityCertSerialNumber() != null) {
        return "is a root, and its authority key identifier names a certificate";
      }
      if (own == null || !Arrays.equals(issuers, own.getKeyIdentifier())) {
        return "is a root, and its two key identifiers differ";
      }
    }
    return null;
  }

  private @Nullable String alternativeNameFault() {
    Extension constraints = extensions.getExtension(Extension.nameConstraints);
    if (constraints != null) {
      // RFC 5280 §4.2.1.10: only the certificate of a CA has name constraints.
      String wrong =
          role == Role.LEAF
              ? "is not a CA certificate, and has name constraints"
              : NameConstraintCheck.fault(
                  NameConstraints.getInstance(constraints.getParsedValue()));
      if (wrong != null) {
        return wrong;
      }
    }
    Extension alternative = extensions.getExtension(Extension.subjectAlternativeName);
    boolean nameless = body.getSubject().getRDNs().length == 0;
    if (alternative == null) {
      return nameless ? "has neither a subject nor a subject alternative name" : null;
    }
    // RFC 5280 §4.2.1.6: the extension is critical if the subject is empty. Otherwise it should not
    // be critical.
    if (alternative.isCritical() != nameless) {
      return "has a subject alternative name that is critical beside a subject, or the only name"
          + " and not critical";
    }
    GeneralName[] names = GeneralNames.getInstance(alternative.getParsedValue()).getNames();
    if (names.length == 0 || names.length > MAX_NAMES) {
      return "has " + names.length + " subject alternative names: 1 to " + MAX_NAMES + " are read";
    }
    for (GeneralName name : names) {
      String wrong = ExtensionSyntax.nameFault(name);
      if (wrong != null) {
        return wrong;
      }
    }
    return null;
  }

  /// Returns the names in the subject alternative name extension; empty if there is no such
  /// extension. Throws a [RuntimeException] if the certificate is malformed.
  static List<GeneralName> alternativeNames(byte[] der) {
    Extensions extensions = Certificate.getInstance(der).getTBSCertificate().getExtensions();
    ASN1Encodable names =
        extensions == null
            ? null
            : extensions.getExtensionParsedValue(Extension.subjectAlternativeName);
    return names == null ? List.of() : List.of(GeneralNames.getInstance(names).getNames());
  }
}
