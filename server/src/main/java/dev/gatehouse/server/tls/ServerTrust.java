package dev.gatehouse.server.tls;

import dev.gatehouse.signing.PublicKeyCheck;
import dev.gatehouse.signing.SignatureAlgorithmCheck;
import io.netty.handler.ssl.util.TrustManagerFactoryWrapper;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which servers the gate trusts when it is their client: upstreams, providers and issuers.
///
/// The JDK and [dev.gatehouse.mtls.ServerChainCheck] both validate the chain (RFC 5280). The JDK
/// compares the name of the host, where the client asks for it; the name must stand in the subject
/// alternative name. [PublicKeyCheck] must find no fault in any key of the path, from the anchor to
/// the server's own, and [SignatureAlgorithmCheck] none in any signature. The anchor's own
/// signature is not checked, since nothing rests on it. Revocation is not checked.
///
/// @param certificates that alone are anchors; null: the platform's CAs are
public record ServerTrust(@Nullable TrustedCertificates certificates) implements TrustOptions {

  private static final Logger LOG = LoggerFactory.getLogger(ServerTrust.class);

  private static final int MAX_SUBJECT_CHARS = 200;

  // They are read when a server is first connected to that is verified with them.
  private static final class PlatformCas {
    static final List<X509Certificate> STRONG = strong(all());

    private static List<X509Certificate> all() {
      try {
        TrustManagerFactory factory =
            TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return Arrays.stream(factory.getTrustManagers())
            .filter(X509TrustManager.class::isInstance)
            .map(X509TrustManager.class::cast)
            .flatMap(manager -> Arrays.stream(manager.getAcceptedIssuers()))
            .toList();
      } catch (GeneralSecurityException unreadable) {
        throw new IllegalStateException("the platform's CAs can't be read", unreadable);
      }
    }
  }

  @Override
  public ServerTrust copy() {
    return this;
  }

  /// Does not depend on the argument. May block: the platform's CAs are read once. Throws
  /// [GeneralSecurityException] when there is no anchor.
  @Override
  public TrustManagerFactory getTrustManagerFactory(Vertx vertx) throws GeneralSecurityException {
    return trusting(certificates == null ? PlatformCas.STRONG : certificates.all());
  }

  @Override
  public Function<String, TrustManager[]> trustManagerMapper(Vertx vertx) throws Exception {
    return TrustOptions.wrap(getTrustManagerFactory(vertx)).trustManagerMapper(vertx);
  }

  private static TrustManagerFactory trusting(Collection<X509Certificate> anchors)
      throws GeneralSecurityException {
    PKIXBuilderParameters parameters =
        new PKIXBuilderParameters(
            anchors.stream()
                .map(anchor -> new TrustAnchor(anchor, null))
                .collect(Collectors.toSet()),
            null);
    parameters.setRevocationEnabled(false);
    parameters.addCertPathChecker(new StrengthChecker());
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(new CertPathTrustManagerParameters(parameters));
    return new TrustManagerFactoryWrapper(
        new StrictServerTrustManager(
            (X509ExtendedTrustManager) factory.getTrustManagers()[0],
            Set.copyOf(anchors),
            new StrengthChecker()));
  }

  /// The CAs in whose keys [PublicKeyCheck] finds no fault. Logs the others.
  static List<X509Certificate> strong(List<X509Certificate> cas) {
    return cas.stream()
        .filter(
            ca -> {
              String fault = PublicKeyCheck.fault(ca.getPublicKey());
              if (fault != null) {
                LOG.info("A CA of the platform is not trusted: {} has {}", subject(ca), fault);
              }
              return fault == null;
            })
        .toList();
  }

  /// Why a handshake failed, in one line for operators: the message of the last cause that concerns
  /// certificates or the handshake. Other causes may quote what the server sent.
  public static String reason(SSLException failed) {
    return String.valueOf(telling(failed).getMessage());
  }

  /// Whether a handshake failed because no trusted CA issued the server's certificate.
  public static boolean isOfUnknownCa(SSLException failed) {
    return telling(failed) instanceof CertPathBuilderException;
  }

  private static Throwable telling(SSLException failed) {
    Throwable telling = failed;
    for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
      if ((cause instanceof GeneralSecurityException || cause instanceof SSLHandshakeException)
          && cause.getMessage() != null) {
        telling = cause;
      }
    }
    return telling;
  }

  // Sees every certificate of a path but the anchor.
  private static final class StrengthChecker extends PKIXCertPathChecker {

    @Override
    public void init(boolean forward) throws CertPathValidatorException {
      if (forward) {
        throw new CertPathValidatorException("checks from the anchor to the server only");
      }
    }

    @Override
    public boolean isForwardCheckingSupported() {
      return false;
    }

    @Override
    public @Nullable Set<String> getSupportedExtensions() {
      return null;
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolvedCriticalExtensions)
        throws CertPathValidatorException {
      X509Certificate checked = (X509Certificate) certificate;
      String signature = SignatureAlgorithmCheck.fault(checked);
      if (signature != null) {
        throw new CertPathValidatorException(subject(checked) + " " + signature);
      }
      String key = PublicKeyCheck.fault(checked.getPublicKey());
      if (key != null) {
        throw new CertPathValidatorException(subject(checked) + " has " + key);
      }
    }
  }

  // The name comes from the server and is logged.
  private static String subject(X509Certificate certificate) {
    String name = certificate.getSubjectX500Principal().getName().replaceAll("\\p{C}", "?");
    return name.length() > MAX_SUBJECT_CHARS ? name.substring(0, MAX_SUBJECT_CHARS) + "…" : name;
  }
}
