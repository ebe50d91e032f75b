package dev.gatehouse.server.listen;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.JdkSSLEngineOptions;
import io.vertx.core.net.OpenSSLEngineOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.SSLEngineOptions;
import io.vertx.core.net.TrustOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The options by which Vert.x speaks HTTP and TLS on a listener.
final class ServerOptions {

  // Forward secrecy and authenticated encryption only (RFC 9325 §4.2, RFC 9113 §9.2.2).
  private static final List<String> CIPHER_SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private static final int CONNECTION_WINDOW_BYTES = 1 << 20;

  private ServerOptions() {}

  /// The options of one server.
  ///
  /// @param tls null: plain HTTP
  static HttpServerOptions of(ListenLimits limits, @Nullable TlsSettings tls) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setMaxInitialLineLength(limits.maxInitialLineBytes())
            .setMaxHeaderSize(limits.maxHeaderBytes())
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(false)
            .setCompressionSupported(false)
            .setDecompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setTcpNoDelay(true)
            .setHttp2RstFloodMaxRstFramePerWindow(limits.maxResets())
            .setInitialSettings(
                new Http2Settings()
                    .setMaxConcurrentStreams(limits.maxConcurrentStreams())
                    .setMaxHeaderListSize(limits.maxHeaderBytes())
                    .setInitialWindowSize(ListenLimits.STREAM_WINDOW_BYTES))
            .setHttp2ConnectionWindowSize(CONNECTION_WINDOW_BYTES);
    if (tls != null) {
      CIPHER_SUITES.forEach(options::addEnabledCipherSuite);
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1, HttpVersion.HTTP_1_0))
          .setSslEngineOptions(engine(tls.clients() != null))
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"))
          .setSslHandshakeTimeout(limits.headerTimeout().toMillis())
          .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
          .setKeyCertOptions(
              new PemKeyCertOptions().addCertValue(tls.certificate()).addKeyValue(tls.key()));
      ClientAuthentication clients = tls.clients();
      if (clients != null) {
        options
            .setClientAuth(clients.required() ? ClientAuth.REQUIRED : ClientAuth.REQUEST)
            .setTrustOptions(TrustOptions.wrap(clients.judge()));
        // The JDK's handshake, and a chain that is judged in it, take several signatures: no event
        // loop waits for them.
        options.getSslEngineOptions().setUseWorkerThread(true);
      }
    }
    return options;
  }

  // BoringSSL ends the handshake of a client that shows a certificate with an Ed25519 key, with a
  // key on P-521 (TLS 1.3), or with a key usage that lacks digitalSignature, and takes signatures
  // with SHA-1 (RFC 9155). It can't be told otherwise. With the JDK's TLS the handshake finishes,
  // and the route judges the certificate.
  private static SSLEngineOptions engine(boolean asksForCertificates) {
    boolean boringSsl =
        OpenSSLEngineOptions.isAvailable() && OpenSSLEngineOptions.isAlpnAvailable();
    return boringSsl && !asksForCertificates
        ? new OpenSSLEngineOptions()
        : new JdkSSLEngineOptions();
  }
}
