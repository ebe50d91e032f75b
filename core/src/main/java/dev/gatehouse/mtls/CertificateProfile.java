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

/// What a certificate must be by itself, wherever in a chain it stands: RFC 5280 §4, read strictly.
///
/// What is not understood is refused. Where another reading would be possible, the narrower one
/// holds: nothing depends on it that a CA of today does not do.
final class CertificateProfile {

  /// The place of a certificate in a chain.
  enum Role {
    /// The client's own.
    LEAF,
    /// One that issued another, and was issued by yet another.
    INTERMEDIATE,
    /// A client CA that was configured.
    ANCHOR
  }

  /// The largest certificate that is looked at.
  static final int MAX_BYTES = 16 * 1024;

  private static final int MAX_NAMES = 64;
  private static final int MAX_SERIAL_BYTES = 20;

  // What this class, [NameConstraintCheck] and [PathValidation] understand. RFC 5280 §4.2: a
  // critical
  // extension that is not understood makes the certificate unusable.
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

  /// What is wrong with the certificate in that role, as operators are told; null: nothing.
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
      // RFC 5280 §4.1.1.2: the algorithm stands in two places, and only one of them is signed.
      if (!structure.getSignatureAlgorithm().equals(body.getSignature())) {
        return "names two signature algorithms";
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
      // Bouncy Castle throws many kinds of them when it reads what is malformed.
      return "is malformed";
    }
  }

  private static @Nullable String keyFault(X509Certificate certificate) {
    String fault = PublicKeyCheck.fault(certificate.getPublicKey());
    return fault == null ? null : "has " + fault;
  }

  private @Nullable String serialAndNameFault() {
    // RFC 5280 §4.1.2.2: positive, and at most 20 octets.
    BigInteger serial = body.getSerialNumber().getPositiveValue();
    if (body.getSerialNumber().getValue().signum() <= 0
        || serial.toByteArray().length > MAX_SERIAL_BYTES) {
      return "has a serial number that is none";
    }
    // RFC 5280 §4.1.2.4 and §4.1.2.6: only a leaf may do without a name.
    if (body.getIssuer().getRDNs().length == 0) {
      return "names no issuer";
    }
    if (role != Role.LEAF && body.getSubject().getRDNs().length == 0) {
      return "is a CA's, and names no subject";
    }
    // RFC 5280 §4.1.2.8: CAs of today write none.
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
      // RFC 5280 §4.2.1.10, §4.2.1.11, §4.2.1.14.
      boolean mustBeCritical =
          id.equals(Extension.nameConstraints)
              || id.equals(Extension.policyConstraints)
              || id.equals(Extension.inhibitAnyPolicy)
              || (id.equals(Extension.basicConstraints) && role != Role.LEAF);
      if (mustBeCritical && !extension.isCritical()) {
        return "has constraints that are not critical (" + id + ")";
      }
      // Whole, in DER, and no more than that.
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
      // RFC 5280 §4.2.1.9, §4.2.1.3: what may issue certificates is no client.
      if ((basic != null && basic.isCA()) || signsCertificates) {
        return "is a CA's, and shown as a client's";
      }
      if (usage != null && !usage.hasUsages(KeyUsage.digitalSignature)) {
        return "has not the key usage digitalSignature";
      }
      // RFC 5280 §4.2.1.12 lets an application demand that its purpose is named: "any" is not it.
      if (extended == null || !extended.hasKeyPurposeId(purpose)) {
        return "has not the extended key usage " + name(purpose);
      }
      return extended.hasKeyPurposeId(KeyPurposeId.anyExtendedKeyUsage)
          ? "is good for any purpose"
          : null;
    }
    if (basic == null || !basic.isCA()) {
      return "is no CA's";
    }
    if (usage != null && !signsCertificates) {
      return "has not the key usage keyCertSign";
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

  // RFC 5280 §4.2.1.1, §4.2.1.2: by these a key is told from another of the same name.
  private @Nullable String keyIdentifierFault() {
    SubjectKeyIdentifier own = SubjectKeyIdentifier.fromExtensions(extensions);
    if (own == null && role != Role.LEAF) {
      return "is a CA's, and has no subject key identifier";
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
      // RFC 5280 §4.2.1.10: in a CA's certificate only.
      String wrong =
          role == Role.LEAF
              ? "is no CA's, and has name constraints"
              : NameConstraintCheck.fault(
                  NameConstraints.getInstance(constraints.getParsedValue()));
      if (wrong != null) {
        return wrong;
      }
    }
    Extension alternative = extensions.getExtension(Extension.subjectAlternativeName);
    boolean nameless = body.getSubject().getRDNs().length == 0;
    if (alternative == null) {
      return nameless ? "names nobody" : null;
    }
    // RFC 5280 §4.2.1.6: critical where it is the only name; elsewhere it should not be.
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

  /// The names of the subject alternative name extension; none when there is no such extension.
  static List<GeneralName> alternativeNames(byte[] der) {
    Extensions extensions = Certificate.getInstance(der).getTBSCertificate().getExtensions();
    ASN1Encodable names =
        extensions == null
            ? null
            : extensions.getExtensionParsedValue(Extension.subjectAlternativeName);
    return names == null ? List.of() : List.of(GeneralNames.getInstance(names).getNames());
  }
}
