package dev.gatehouse.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.jspecify.annotations.Nullable;

/// Validates a certification path with Bouncy Castle (RFC 5280 §6.1). Thread-safe; does not block.
///
/// The JDK's validator is not used. It treats the CN of a certificate without a DNS name as a DNS
/// name, and applies name constraints to it. RFC 5280 §4.2.1.10 does not require that.
final class PathValidation {

  // The provider is not registered in the JVM.
  static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

  private PathValidation() {}

  /// Returns why a path is not valid at this instant, in words for operators; null if it is valid.
  /// Does not check lists of revoked certificates or the constraints of the first certificate.
  ///
  /// @param path the client CA first, the client's certificate last
  static @Nullable String fault(List<X509Certificate> path, Instant now) {
    try {
      PKIXParameters parameters =
          new PKIXParameters(Set.of(new TrustAnchor(path.getFirst(), null)));
      // RevocationLists checks that. The validator would require a list of every CA.
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      parameters.addCertPathChecker(new JudgedPurpose());
      CertPathValidator.getInstance("PKIX", PROVIDER)
          .validate(
              CertificateFactory.getInstance("X.509")
                  .generateCertPath(path.subList(1, path.size()).reversed()),
              parameters);
      return null;
    } catch (GeneralSecurityException refused) {
      return "its chain is not valid: " + refused.getMessage();
    } catch (RuntimeException malformed) {
      // Bouncy Castle throws many kinds of exceptions for a malformed extension.
      return "its chain has a certificate that is malformed";
    }
  }

  // The validator knows no extended key usage of a CA, and so refuses one that is critical. RFC
  // 5280 §4.2.1.12 allows it. CertificateProfile judges the purpose of each certificate of a path.
  static final class JudgedPurpose extends PKIXCertPathChecker {

    @Override
    public void init(boolean forward) {
      // There is no state to reset.
    }

    @Override
    public boolean isForwardCheckingSupported() {
      return true;
    }

    @Override
    public Set<String> getSupportedExtensions() {
      return Set.of(Extension.extendedKeyUsage.getId());
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolved) {
      unresolved.remove(Extension.extendedKeyUsage.getId());
    }
  }
}
