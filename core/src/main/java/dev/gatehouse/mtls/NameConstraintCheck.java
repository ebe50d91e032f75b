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

/// The names for which a chain's CAs may vouch: RFC 5280 §4.2.1.10 and §6.1.
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

  // The tags of [GeneralName] of which every name is excluded.
  private final Set<Integer> excludedKinds = new HashSet<>();

  private NameConstraintCheck() {}

  /// What is wrong with the constraints themselves; null: nothing.
  static @Nullable String fault(NameConstraints constraints) {
    GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
    GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
    int count =
        (permitted == null ? 0 : permitted.length) + (excluded == null ? 0 : excluded.length);
    // RFC 5280 §4.2.1.10: never an empty sequence.
    if (count == 0 || count > MAX_SUBTREES) {
      return "has " + count + " name constraints: 1 to " + MAX_SUBTREES + " are heeded";
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

  // RFC 5280 §4.2.1.10: any name that is the base with something added is within it.
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

  // RFC 5280 §4.2.1.10: the minimum is zero, and there is no maximum.
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

  // RFC 4632 §3.1: an address and a mask, whose ones come first.
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

  /// What breaks the bounds; null: nothing does.
  ///
  /// @param path the anchor first, the leaf last
  static @Nullable String violation(List<X509Certificate> path) {
    NameConstraintCheck check = new NameConstraintCheck();
    try {
      for (int i = 0; i < path.size(); i++) {
        X509Certificate certificate = path.get(i);
        boolean leaf = i == path.size() - 1;
        // RFC 5280 §6.1.3 (b), (c): not for self-issued certificates, unless it is the last.
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
        // RFC 5280 §4.2.1.10: an e-mail address in the subject is held to the bounds, too.
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
