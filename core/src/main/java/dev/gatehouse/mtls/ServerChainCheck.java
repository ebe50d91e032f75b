package dev.gatehouse.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.jspecify.annotations.Nullable;

/// Judges whether the chain that a server shows leads to a trust anchor (RFC 5280 §6.1), and is
/// within the name constraints and the extended key usages of every CA above the server.
///
/// The JDK's validation does not suffice: under some combinations of name constraints it lifts
/// them. Not checked here: the name of the host, the server's key usage, and revocation.
/// Thread-safe; does not block, and takes the CPU of some signatures.
public final class ServerChainCheck {

  private static final String MALFORMED = "the chain has a certificate that is malformed";
  private static final String OTHER_PURPOSES =
      "has extended key usages, and serverAuth is not one of them";

  private ServerChainCheck() {}

  /// Why the chain proves nothing at that instant, as words for operators; null: nothing is wrong.
  ///
  /// A server's certificate that is an anchor itself is accepted without a look at what stands
  /// above it.
  ///
  /// @param shown the server's own certificate first, and other certificates in any order
  /// @param anchors the CAs, and certificates of servers, that are trusted
  /// @param strength judges each certificate of a path below the anchor
  public static @Nullable String fault(
      List<X509Certificate> shown,
      Collection<X509Certificate> anchors,
      PKIXCertPathChecker strength,
      Instant now) {
    X509Certificate server = shown.getFirst();
    try {
      String wildcard = wildcardFault(server);
      if (wildcard != null) {
        return wildcard;
      }
    } catch (RuntimeException malformed) {
      return MALFORMED;
    }
    if (anchors.contains(server)) {
      return null;
    }
    // Each anchor by itself: the constraints of one say nothing about a path from another.
    String fault = "no certificate of a trusted CA issued one of those that were shown";
    for (X509Certificate anchor : anchors) {
      if (shown.stream().anyMatch(below -> isNamedAsIssuer(anchor, below))) {
        try {
          fault = faultBelow(anchor, parameters(shown, anchor, strength, now), server);
        } catch (GeneralSecurityException | RuntimeException malformed) {
          // Bouncy Castle throws many kinds of them when it reads a malformed extension.
          fault = MALFORMED;
        }
        if (fault == null) {
          return null;
        }
      }
    }
    return fault;
  }

  private static boolean isNamedAsIssuer(X509Certificate anchor, X509Certificate below) {
    return anchor.getSubjectX500Principal().equals(below.getIssuerX500Principal());
  }

  private static @Nullable String faultBelow(
      X509Certificate anchor, PKIXBuilderParameters parameters, X509Certificate server)
      throws GeneralSecurityException {
    String ofAnchor = hasOtherPurposes(anchor) ? OTHER_PURPOSES : constraintsFault(anchor, server);
    if (ofAnchor != null) {
      return "a trusted CA " + ofAnchor;
    }
    try {
      return NameConstraintCheck.violation(path(parameters));
    } catch (CertPathBuilderException none) {
      Throwable told = none;
      while (told.getCause() != null) {
        told = told.getCause();
      }
      return "no valid path leads to a trusted CA: " + told.getMessage();
    }
  }

  private static PKIXBuilderParameters parameters(
      List<X509Certificate> shown,
      X509Certificate anchor,
      PKIXCertPathChecker strength,
      Instant now)
      throws GeneralSecurityException {
    X509CertSelector server = new X509CertSelector();
    server.setCertificate(shown.getFirst());
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(Set.of(new TrustAnchor(anchor, null)), server);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(shown)));
    parameters.setRevocationEnabled(false);
    parameters.setMaxPathLength(shown.size());
    parameters.setDate(Date.from(now));
    parameters.addCertPathChecker(new PathValidation.JudgedPurpose());
    parameters.addCertPathChecker(strength);
    parameters.addCertPathChecker(new CaChecker(shown.getFirst()));
    return parameters;
  }

  // The anchor first, the server's own certificate last.
  private static List<X509Certificate> path(PKIXBuilderParameters parameters)
      throws GeneralSecurityException {
    PKIXCertPathBuilderResult result =
        (PKIXCertPathBuilderResult)
            CertPathBuilder.getInstance("PKIX", PathValidation.PROVIDER).build(parameters);
    List<X509Certificate> path = new ArrayList<>();
    path.add(result.getTrustAnchor().getTrustedCert());
    for (Certificate certificate : result.getCertPath().getCertificates().reversed()) {
      path.add((X509Certificate) certificate);
    }
    return path;
  }

  // Judges the CAs of a path below the anchor.
  private static final class CaChecker extends PKIXCertPathChecker {

    private final X509Certificate server;

    CaChecker(X509Certificate server) {
      this.server = server;
    }

    @Override
    public void init(boolean forward) {
      // It keeps nothing.
    }

    @Override
    public boolean isForwardCheckingSupported() {
      return true;
    }

    @Override
    public @Nullable Set<String> getSupportedExtensions() {
      return null;
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolved)
        throws CertPathValidatorException {
      try {
        if (certificate instanceof X509Certificate ca && !ca.equals(server)) {
          String fault = hasOtherPurposes(ca) ? OTHER_PURPOSES : constraintsFault(ca, server);
          if (fault != null) {
            throw new CertPathValidatorException("a CA of the chain " + fault);
          }
        }
      } catch (CertificateParsingException malformed) {
        throw new CertPathValidatorException("a CA of the chain is malformed", malformed);
      }
    }
  }

  private static boolean hasOtherPurposes(X509Certificate ca) throws CertificateParsingException {
    List<String> purposes = ca.getExtendedKeyUsage();
    return purposes != null
        && !purposes.contains(KeyPurposeId.id_kp_serverAuth.getId())
        && !purposes.contains(KeyPurposeId.anyExtendedKeyUsage.getId());
  }

  private static @Nullable String constraintsFault(X509Certificate ca, X509Certificate server) {
    byte[] value = ca.getExtensionValue(Extension.nameConstraints.getId());
    if (value == null) {
      return null;
    }
    NameConstraints constraints =
        NameConstraints.getInstance(ASN1OctetString.getInstance(value).getOctets());
    GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
    String fault =
        NameConstraintCheck.fault(
            new NameConstraints(withoutLeadingDots(constraints.getPermittedSubtrees()), excluded));
    return fault == null && hasWildcardForAny(excluded, server)
        ? "excludes a name for which the server's wildcard stands"
        : fault;
  }

  // `.corp.example` permits what is below it, for the JDK and for Bouncy Castle.
  private static GeneralSubtree @Nullable [] withoutLeadingDots(
      GeneralSubtree @Nullable [] permitted) {
    if (permitted == null) {
      return null;
    }
    GeneralSubtree[] plain = permitted.clone();
    for (int i = 0; i < plain.length; i++) {
      GeneralName base = plain[i].getBase();
      String text = base.getName().toString();
      if (base.getTagNo() == GeneralName.dNSName && text.startsWith(".")) {
        plain[i] = new GeneralSubtree(new GeneralName(GeneralName.dNSName, text.substring(1)));
      }
    }
    return plain;
  }

  // RFC 5280 says nothing of wildcards: `*.corp.example` is not below an excluded
  // `id.corp.example`, and stands for it.
  private static boolean hasWildcardForAny(
      GeneralSubtree @Nullable [] excluded, X509Certificate server) {
    if (excluded == null) {
      return false;
    }
    for (String name : dnsNames(server)) {
      if (name.startsWith("*.")) {
        String domain = name.substring(1).toLowerCase(Locale.ROOT);
        for (GeneralSubtree subtree : excluded) {
          String base = subtree.getBase().getName().toString().toLowerCase(Locale.ROOT);
          if (subtree.getBase().getTagNo() == GeneralName.dNSName
              && base.endsWith(domain)
              && base.indexOf('.') == base.length() - domain.length()) {
            return true;
          }
        }
      }
    }
    return false;
  }

  // RFC 9525 §6.3: a wildcard is a whole label, and the first one. The JDK accepts others.
  private static @Nullable String wildcardFault(X509Certificate server) {
    for (String name : dnsNames(server)) {
      int last = name.lastIndexOf('*');
      if (last > 0 || (last == 0 && !name.startsWith("*."))) {
        return "the server's certificate has a wildcard that is not the whole first label";
      }
    }
    return null;
  }

  /// Whether the subject alternative name extension of a server's certificate has a DNS name or,
  /// for an address, an IP address. Read from the bytes: the JDK adds the CN to the names of a
  /// certificate object when it judges name constraints.
  ///
  /// @param address whether the host is an IP address
  public static boolean hasAlternativeName(X509Certificate server, boolean address) {
    int kind = address ? GeneralName.iPAddress : GeneralName.dNSName;
    return CertificateProfile.alternativeNames(CertificateEncoding.der(server)).stream()
        .anyMatch(name -> name.getTagNo() == kind);
  }

  private static List<String> dnsNames(X509Certificate server) {
    return CertificateProfile.alternativeNames(CertificateEncoding.der(server)).stream()
        .filter(name -> name.getTagNo() == GeneralName.dNSName)
        .map(name -> name.getName().toString())
        .toList();
  }
}
