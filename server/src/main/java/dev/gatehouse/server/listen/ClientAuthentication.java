package dev.gatehouse.server.listen;

import dev.gatehouse.mtls.ChainVerdict;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.CurrentTrust;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// That a listener asks clients for a certificate (RFC 8446 §4.3.2, RFC 5246 §7.4.4), naming the
/// CAs that count.
///
/// @param required whether a handshake without a good chain is refused; otherwise it finishes
///   whatever comes, and each request is judged by itself
public record ClientAuthentication(CurrentTrust trust, InstantSource clock, boolean required) {

  /// What the handshake asks about a chain. It has proved possession of the leaf's key by then.
  X509ExtendedTrustManager judge() {
    return new Judge(
        trust.trust().cas().stream().map(ClientCa::certificate).toArray(X509Certificate[]::new));
  }

  private final class Judge extends X509ExtendedTrustManager {

    private final X509Certificate[] named;

    Judge(X509Certificate[] named) {
      this.named = named;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      if (required
          && trust.trust().judge(List.of(chain), clock.instant())
              instanceof ChainVerdict.Bad(String cause)) {
        throw new CertificateException(cause);
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw noServer();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw noServer();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw noServer();
    }

    private static CertificateException noServer() {
      return new CertificateException("a listener trusts no servers");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return named.clone();
    }
  }
}
