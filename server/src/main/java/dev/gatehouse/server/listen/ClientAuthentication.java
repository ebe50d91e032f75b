package dev.gatehouse.server.listen;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.mtls.ChainVerdict;
import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.CurrentClientTrust;
import dev.gatehouse.secret.Digest;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The request of a listener for client certificates (RFC 8446 §4.3.2, RFC 5246 §7.4.4), with the
/// names of the CAs that are accepted. Thread-safe.
public final class ClientAuthentication {

  // A little more than the connections that a busy gate has open.
  private static final int MAX_JUDGED = 10_000;

  private final CurrentClientTrust trust;
  private final InstantSource clock;
  private final boolean required;

  // The chains that were accepted, by their digest. So resumed sessions and requests on open
  // connections need no signature check as long as the trust does not change.
  private final Cache<Digest, Judged> good = Caffeine.newBuilder().maximumSize(MAX_JUDGED).build();

  private record Judged(long generation, Instant endsAt) {}

  /// @param required whether no client is served whose chain is not good now; otherwise a handshake
  ///   finishes with any chain, and each request is judged by itself
  public ClientAuthentication(CurrentClientTrust trust, InstantSource clock, boolean required) {
    this.trust = trust;
    this.clock = clock;
    this.required = required;
  }

  /// Whether no client is served whose chain is not good now.
  boolean required() {
    return required;
  }

  /// Whether that chain was accepted, the trust has not changed since, and nothing in the chain has
  /// expired since. Verifies no signature.
  boolean knowsAsGood(PeerCertificates shown) {
    Digest digest = shown.digest();
    Judged judged = digest == null ? null : good.getIfPresent(digest);
    return judged != null
        && judged.generation == trust.generation()
        && clock.instant().isBefore(judged.endsAt);
  }

  /// Why that chain is not good now; null: it is. Takes the CPU of some signatures, unless it
  /// [#knowsAsGood] the chain.
  @Nullable String fault(PeerCertificates shown) {
    if (knowsAsGood(shown)) {
      return null;
    }
    // Before the trust itself: if the trust changes now, what is noted does not count.
    long generation = trust.generation();
    Digest digest = shown.digest();
    if (digest == null) {
      return "there is no certificate that can be encoded";
    }
    return switch (trust.current().validate(shown.chain(), clock.instant())) {
      case ChainVerdict.Invalid(String cause) -> cause;
      case ChainVerdict.Valid verdict -> {
        good.put(digest, new Judged(generation, verdict.endsAt()));
        yield null;
      }
    };
  }

  /// What the handshake asks about a chain. It has proved possession of the leaf's key by then.
  X509ExtendedTrustManager judge() {
    return new Judge(
        trust.current().cas().stream().map(ClientCa::certificate).toArray(X509Certificate[]::new));
  }

  private final class Judge extends X509ExtendedTrustManager {

    private final X509Certificate[] named;

    Judge(X509Certificate[] named) {
      this.named = named;
    }

    private void check(X509Certificate[] chain) throws CertificateException {
      String fault = required ? fault(PeerCertificates.of(List.of(chain))) : null;
      if (fault != null) {
        throw new CertificateException(fault);
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
