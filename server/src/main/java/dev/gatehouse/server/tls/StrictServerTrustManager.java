package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ServerChainCheck;
import io.netty.util.NetUtil;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Accepts a server if the JDK's trust manager accepts it, and if two more conditions hold:
///
/// - The subject alternative name extension of the server's certificate has a name of the host's
///   kind: a DNS name, or an IP address. The CN of the subject is no name of a host (RFC 9525). The
///   JDK compares a host name with the CN, wildcards included, if the extension has no DNS name.
///   The names are read from the certificate's bytes: when the JDK judges name constraints, it adds
///   the CN to the names of the certificate object.
/// - [ServerChainCheck] finds no fault. The JDK does not hold a CN with a wildcard to the name
///   constraints of the CAs, and under some combinations it lifts the constraints. So a CA that may
///   vouch for `corp.example` alone could vouch for every host.
///
/// Thread-safe; does not block.
final class StrictServerTrustManager extends X509ExtendedTrustManager {

  private final X509ExtendedTrustManager jdk;
  private final Set<X509Certificate> anchors;
  private final PKIXCertPathChecker strength;

  /// @param jdk validates chains, and compares the name of the host
  /// @param anchors those of `jdk`
  /// @param strength judges each certificate of a path below the anchor
  StrictServerTrustManager(
      X509ExtendedTrustManager jdk, Set<X509Certificate> anchors, PKIXCertPathChecker strength) {
    this.jdk = jdk;
    this.anchors = anchors;
    this.strength = strength;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange, SSLEngine engine)
      throws CertificateException {
    check(chain, () -> jdk.checkServerTrusted(chain, keyExchange, engine));
    requireAlternativeName(chain[0], engine.getHandshakeSession());
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange, Socket socket)
      throws CertificateException {
    check(chain, () -> jdk.checkServerTrusted(chain, keyExchange, socket));
    requireAlternativeName(
        chain[0], socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
  }

  /// Validates the chain. Compares no name: there is none.
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange)
      throws CertificateException {
    check(chain, () -> jdk.checkServerTrusted(chain, keyExchange));
  }

  private static void requireAlternativeName(
      X509Certificate certificate, @Nullable SSLSession session) throws CertificateException {
    String host = session == null ? null : session.getPeerHost();
    boolean address =
        host != null && (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host));
    if (!ServerChainCheck.hasAlternativeName(certificate, address)) {
      throw new CertificateException(
          "the server's certificate has no "
              + (address ? "IP address" : "DNS name")
              + " in its subject alternative name, and a CN does not count");
    }
  }

  private interface Check {
    void run() throws CertificateException;
  }

  // The JDK fails on some name constraints.
  private void check(X509Certificate[] chain, Check check) throws CertificateException {
    try {
      check.run();
    } catch (RuntimeException failed) {
      throw new CertificateException("the server's chain can't be read", failed);
    }
    String fault = ServerChainCheck.fault(List.of(chain), anchors, strength, Instant.now());
    if (fault != null) {
      throw new CertificateException(fault);
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return jdk.getAcceptedIssuers();
  }

  /// Refuses every client: the gate's listeners judge clients by other rules.
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyExchange)
      throws CertificateException {
    throw new CertificateException("this judges servers only");
  }

  /// As the one without an engine.
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyExchange, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, keyExchange);
  }

  /// As the one without a socket.
  @Override
  public void checkClientTrusted(X509Certificate[] chain, String keyExchange, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, keyExchange);
  }
}
