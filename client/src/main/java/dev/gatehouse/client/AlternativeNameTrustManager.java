package dev.gatehouse.client;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Accepts what another trust manager accepts, if the name of the host stands in the subject
/// alternative name extension of the server's certificate. The CN of the subject is no name of a
/// host (RFC 9525).
///
/// The JDK compares a host name with the CN, wildcards included, if the extension has no DNS name.
/// It does not hold a CN with a wildcard to the name constraints of the CAs. So a CA that may vouch
/// for `corp.example` alone could vouch for every host. The JDK compares an IP address with the
/// extension only. Thread-safe.
final class AlternativeNameTrustManager extends X509ExtendedTrustManager {

  // RFC 5280 §4.2.1.6: the tag of dNSName.
  private static final Integer DNS_NAME = 2;

  // IPv4 with four numbers, or IPv6: no DNS name has a colon.
  private static final Pattern ADDRESS = Pattern.compile("\\d+(\\.\\d+){3}|.*:.*");

  private final X509ExtendedTrustManager chains;

  /// @param chains validates chains, and compares the name of the host
  AlternativeNameTrustManager(X509ExtendedTrustManager chains) {
    this.chains = chains;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange, SSLEngine engine)
      throws CertificateException {
    requireAlternativeName(chain[0], engine.getHandshakeSession());
    check(() -> chains.checkServerTrusted(chain, keyExchange, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange, Socket socket)
      throws CertificateException {
    requireAlternativeName(
        chain[0], socket instanceof SSLSocket tls ? tls.getHandshakeSession() : null);
    check(() -> chains.checkServerTrusted(chain, keyExchange, socket));
  }

  /// Validates the chain. Compares no name: there is none.
  @Override
  public void checkServerTrusted(X509Certificate[] chain, String keyExchange)
      throws CertificateException {
    check(() -> chains.checkServerTrusted(chain, keyExchange));
  }

  // Before the JDK judges name constraints: with that, it adds the CN to the names.
  private static void requireAlternativeName(
      X509Certificate certificate, @Nullable SSLSession session) throws CertificateException {
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names != null && names.stream().anyMatch(name -> DNS_NAME.equals(name.get(0)))) {
      return;
    }
    String host = session == null ? null : session.getPeerHost();
    if (host == null || !ADDRESS.matcher(host).matches()) {
      throw new CertificateException(
          "the server's certificate has no DNS name in its subject alternative name, and a CN does"
              + " not count");
    }
  }

  private interface Check {
    void run() throws CertificateException;
  }

  // The JDK fails on some name constraints.
  private static void check(Check check) throws CertificateException {
    try {
      check.run();
    } catch (RuntimeException failed) {
      throw new CertificateException("the server's chain can't be read", failed);
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }

  /// Refuses every client.
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
