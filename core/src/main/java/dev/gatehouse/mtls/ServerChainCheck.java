package dev.gatehouse.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
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
import java.util.stream.Collectors;
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
    if (anchors.contains(server)) {
      return null;
    }
    List<X509Certificate> path;
    try {
      path = path(parameters(shown, anchors, strength, now));
    } catch (GeneralSecurityException none) {
      return "no valid path leads to a trusted CA: " + none.getMessage();
    } catch (RuntimeException malformed) {
      // Bouncy Castle throws many kinds of them when it reads a malformed extension.
      return "the chain has a certificate that is malformed";
    }
    try {
      for (X509Certificate ca : path.subList(0, path.size() - 1)) {
        String fault = caFault(ca, server);
        if (fault != null) {
          return "a CA of the chain " + fault;
        }
      }
    } catch (CertificateParsingException | RuntimeException malformed) {
      return "the chain has a certificate that is malformed";
    }
    return NameConstraintCheck.violation(path);
  }

  private static PKIXBuilderParameters parameters(
      List<X509Certificate> shown,
      Collection<X509Certificate> anchors,
      PKIXCertPathChecker strength,
      Instant now)
      throws GeneralSecurityException {
    X509CertSelector server = new X509CertSelector();
    server.setCertificate(shown.getFirst());
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(
            anchors.stream()
                .map(anchor -> new TrustAnchor(anchor, null))
                .collect(Collectors.toSet()),
            server);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(shown)));
    parameters.setRevocationEnabled(false);
    parameters.setMaxPathLength(shown.size());
    parameters.setDate(Date.from(now));
    parameters.addCertPathChecker(new PathValidation.JudgedPurpose());
    parameters.addCertPathChecker(strength);
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

  private static @Nullable String caFault(X509Certificate ca, X509Certificate server)
      throws CertificateParsingException {
    List<String> purposes = ca.getExtendedKeyUsage();
    if (purposes != null
        && !purposes.contains(KeyPurposeId.id_kp_serverAuth.getId())
        && !purposes.contains(KeyPurposeId.anyExtendedKeyUsage.getId())) {
      return "has extended key usages, and serverAuth is not one of them";
    }
    byte[] value = ca.getExtensionValue(Extension.nameConstraints.getId());
    if (value == null) {
      return null;
    }
    NameConstraints constraints =
        NameConstraints.getInstance(ASN1OctetString.getInstance(value).getOctets());
    String fault = NameConstraintCheck.fault(constraints);
    return fault == null && hasWildcardForAnExcludedName(constraints, server)
        ? "excludes a name for which the server's wildcard stands"
        : fault;
  }

  // RFC 5280 says nothing of wildcards: `*.corp.example` is not below an excluded
  // `id.corp.example`, and stands for it.
  private static boolean hasWildcardForAnExcludedName(
      NameConstraints constraints, X509Certificate server) throws CertificateParsingException {
    GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
    Collection<List<?>> names = server.getSubjectAlternativeNames();
    if (excluded == null || names == null) {
      return false;
    }
    for (List<?> name : names) {
      if (name.get(1) instanceof String text && text.startsWith("*.")) {
        String domain = text.substring(1).toLowerCase(Locale.ROOT);
        for (GeneralSubtree subtree : excluded) {
          if (subtree.getBase().getTagNo() == GeneralName.dNSName
              && subtree.getBase().getName().toString().toLowerCase(Locale.ROOT).endsWith(domain)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
