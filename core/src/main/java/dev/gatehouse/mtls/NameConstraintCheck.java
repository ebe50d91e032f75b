package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;
import org.jspecify.annotations.Nullable;

/// Checks the name constraints of the CAs of a path (RFC 5280 §4.2.1.10, §6.1).
///
/// Bouncy Castle's validator does not judge the constraints of the trust anchor's own certificate,
/// and RFC 5280 §6.1.1 (d) does not demand it. A CA whose certificate has constraints is held to
/// them here: the whole chain is judged, the anchor's constraints first.
///
/// An excluded DNS name or directory name that is empty excludes every name of its kind. The
/// validator takes it for a name that nothing matches, so it is judged here.
final class NameConstraintCheck {

  private static final int MAX_SUBTREES = 128;
  private static final Pattern DIGITS_AND_DOTS = Pattern.compile("[0-9.]+");

  private final PKIXNameConstraintValidator subtrees = new PKIXNameConstraintValidator();

  // The tags of GeneralName whose names are all excluded.
  private final Set<Integer> excludedKinds = new HashSet<>();

  private NameConstraintCheck() {}

  /// Returns what is wrong with the constraints of a CA themselves, in words for operators; null if
  /// nothing is wrong. Refuses more than 128 constraints, and constraints that are malformed or of
  /// an unknown kind.
  static @Nullable String fault(NameConstraints constraints) {
    GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
    GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
    int count =
        (permitted == null ? 0 : permitted.length) + (excluded == null ? 0 : excluded.length);
    // RFC 5280 §4.2.1.10: the sequence is not empty.
    if (count == 0 || count > MAX_SUBTREES) {
      return "has " + count + " name constraints: 1 to " + MAX_SUBTREES + " are supported";
    }
    return areKnown(permitted, false) && areKnown(excluded, true)
        ? null
        : "has a name constraint that is malformed or of an unknown kind";
  }

  private static boolean areKnown(GeneralSubtree @Nullable [] subtrees, boolean excluded) {
    if (subtrees != null) {
      for (GeneralSubtree subtree : subtrees) {
        if (!isKnown(subtree) && !(excluded && isOfAllNames(subtree))) {
          return false;
        }
      }
    }
    return true;
  }

  // RFC 5280 §4.2.1.10: a DNS name is within the constraint if it is the base with labels added on
  // the left. So every name is within an empty base.
  private static boolean isOfAllNames(GeneralSubtree subtree) {
    GeneralName base = subtree.getBase();
    return hasNoBounds(subtree)
        && switch (base.getTagNo()) {
          case GeneralName.dNSName -> ExtensionSyntax.text(base).isEmpty();
          case GeneralName.directoryName -> isEmpty(base);
          default -> false;
        };
  }

  private static boolean isEmpty(GeneralName directoryName) {
    return X500Name.getInstance(directoryName.getName()).getRDNs().length == 0;
  }

  // RFC 5280 §4.2.1.10: the minimum must be zero, and the maximum must be absent.
  private static boolean hasNoBounds(GeneralSubtree subtree) {
    return subtree.getMinimum().signum() == 0 && subtree.getMaximum() == null;
  }

  private static boolean isKnown(GeneralSubtree subtree) {
    if (!hasNoBounds(subtree)) {
      return false;
    }
    GeneralName base = subtree.getBase();
    return switch (base.getTagNo()) {
      case GeneralName.dNSName -> ExtensionSyntax.isDnsName(ExtensionSyntax.text(base));
      case GeneralName.rfc822Name -> {
        String text = ExtensionSyntax.text(base);
        yield ExtensionSyntax.isMailbox(text) || isHostOrDomain(text);
      }
      case GeneralName.uniformResourceIdentifier -> isHostOrDomain(ExtensionSyntax.text(base));
      case GeneralName.iPAddress ->
          isRange(ASN1OctetString.getInstance(base.getName()).getOctets());
      case GeneralName.directoryName -> !isEmpty(base);
      case GeneralName.otherName -> true;
      default -> false;
    };
  }

  private static boolean isHostOrDomain(String text) {
    return ExtensionSyntax.isDnsName(text.startsWith(".") ? text.substring(1) : text)
        && !DIGITS_AND_DOTS.matcher(text).matches();
  }

  // RFC 4632 §3.1: an address and a mask. In the mask, all ones come before all zeros.
  private static boolean isRange(byte[] range) {
    if (range.length != 8 && range.length != 32) {
      return false;
    }
    boolean ended = false;
    for (int bit = 0; bit < range.length * 4; bit++) {
      boolean one = (range[range.length / 2 + bit / 8] >> (7 - bit % 8) & 1) == 1;
      if (one && ended) {
        return false;
      }
      ended |= !one;
    }
    return true;
  }

  /// Returns the violation of a constraint, in words for operators; null if there is none.
  ///
  /// @param path the client CA first, the client's certificate last
  static @Nullable String violation(List<X509Certificate> path) {
    NameConstraintCheck check = new NameConstraintCheck();
    try {
      for (int i = 0; i < path.size(); i++) {
        X509Certificate certificate = path.get(i);
        boolean leaf = i == path.size() - 1;
        // RFC 5280 §6.1.3 (b) and (c): skipped for a self-issued certificate that is not the last
        // one.
        boolean selfIssued =
            certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
        if (i > 0 && (leaf || !selfIssued)) {
          check.check(certificate);
        }
        if (!leaf) {
          check.add(certificate);
        }
      }
      return null;
    } catch (NameConstraintValidatorException broken) {
      return "a name constraint is broken";
    } catch (RuntimeException notUnderstood) {
      return "a name constraint can't be judged";
    }
  }

  // RFC 5280 §6.1.4 (g).
  private void add(X509Certificate issuer) {
    byte[] value = issuer.getExtensionValue(Extension.nameConstraints.getId());
    if (value == null) {
      return;
    }
    NameConstraints constraints =
        NameConstraints.getInstance(ASN1OctetString.getInstance(value).getOctets());
    if (constraints.getPermittedSubtrees() != null) {
      subtrees.intersectPermittedSubtree(constraints.getPermittedSubtrees());
    }
    if (constraints.getExcludedSubtrees() != null) {
      for (GeneralSubtree excluded : constraints.getExcludedSubtrees()) {
        if (isOfAllNames(excluded)) {
          excludedKinds.add(excluded.getBase().getTagNo());
        } else {
          subtrees.addExcludedSubtree(excluded);
        }
      }
    }
  }

  private void check(X509Certificate certificate) throws NameConstraintValidatorException {
    X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    if (subject.getRDNs().length > 0) {
      check(new GeneralName(subject));
    }
    for (RDN rdn : subject.getRDNs()) {
      for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
        // RFC 5280 §4.2.1.10: the constraints also apply to an e-mail address in the subject.
        if (attribute.getType().equals(PKCSObjectIdentifiers.pkcs_9_at_emailAddress)
            && attribute.getValue() instanceof ASN1String address) {
          check(new GeneralName(GeneralName.rfc822Name, new DERIA5String(address.getString())));
        }
      }
    }
    byte[] value = certificate.getExtensionValue(Extension.subjectAlternativeName.getId());
    if (value != null) {
      for (GeneralName name :
          org.bouncycastle.asn1.x509.GeneralNames.getInstance(
                  ASN1OctetString.getInstance(value).getOctets())
              .getNames()) {
        check(name);
      }
    }
  }

  private void check(GeneralName name) throws NameConstraintValidatorException {
    if (excludedKinds.contains(name.getTagNo())) {
      throw new NameConstraintValidatorException("every name of that kind is excluded");
    }
    subtrees.checkPermitted(name);
    subtrees.checkExcluded(name);
  }
}
