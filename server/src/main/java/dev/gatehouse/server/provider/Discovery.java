package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Knows an issuer by its discovery document (OpenID Connect Discovery §4).
///
/// The document is read again after an hour; when that fails the old one does for a day. After a
/// failure nobody is asked for some seconds: who waits with a provider that hangs is answered at
/// once. Thread-safe; every call may block.
final class Discovery {

  static final Duration FRESH = Duration.ofHours(1);
  static final Duration STALE = Duration.ofDays(1);
  static final Duration PAUSE = Duration.ofSeconds(2);

  private record Known(OIDCProviderMetadata metadata, long nanos) {}

  private record Failed(ProviderException why, long nanos) {}

  private final URI issuer;
  private final ForeignHttp http;
  private final com.github.benmanes.caffeine.cache.Ticker ticker;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Known known;
  private volatile @Nullable Failed failed;

  /// @param ticker measures for how long the document is good
  Discovery(URI issuer, ForeignHttp http, com.github.benmanes.caffeine.cache.Ticker ticker) {
    this.issuer = issuer;
    this.http = http;
    this.ticker = ticker;
  }

  /// What the issuer says of itself.
  OIDCProviderMetadata metadata() throws ProviderException {
    Known before = known;
    if (before != null && isWithin(before.nanos, FRESH)) {
      return before.metadata;
    }
    asking.lock();
    try {
      Known now = known;
      if (now != null && isWithin(now.nanos, FRESH)) {
        return now.metadata;
      }
      Failed last = failed;
      if (last != null && isWithin(last.nanos, PAUSE)) {
        return staleOr(last.why);
      }
      try {
        OIDCProviderMetadata metadata = read();
        known = new Known(metadata, ticker.read());
        failed = null;
        return metadata;
      } catch (ProviderException unavailable) {
        failed = new Failed(unavailable, ticker.read());
        return staleOr(unavailable);
      }
    } finally {
      asking.unlock();
    }
  }

  private OIDCProviderMetadata staleOr(ProviderException why) throws ProviderException {
    Known old = known;
    if (old != null && isWithin(old.nanos, STALE)) {
      return old.metadata;
    }
    throw why;
  }

  private boolean isWithin(long since, Duration time) {
    return ticker.read() - since < time.toNanos();
  }

  private OIDCProviderMetadata read() throws ProviderException {
    OIDCProviderMetadata metadata;
    try {
      URL url = OIDCProviderMetadata.resolveURL(new Issuer(issuer.toString()));
      metadata = OIDCProviderMetadata.parse(http.retrieveResource(url).getContent());
    } catch (IOException | GeneralException | IllegalArgumentException unreadable) {
      throw ProviderException.unavailable("the discovery document can't be had", unreadable);
    }
    // OpenID Connect Discovery §4.3: exactly the issuer that was asked for.
    if (!metadata.getIssuer().getValue().equals(issuer.toString())) {
      throw ProviderException.unavailable(
          "the discovery document is one of " + metadata.getIssuer().getValue());
    }
    check("authorization_endpoint", metadata.getAuthorizationEndpointURI());
    check("token_endpoint", metadata.getTokenEndpointURI());
    check("jwks_uri", metadata.getJWKSetURI());
    if (metadata.getUserInfoEndpointURI() != null) {
      check("userinfo_endpoint", metadata.getUserInfoEndpointURI());
    }
    return metadata;
  }

  // Plain HTTP only where the configured issuer itself is, on loopback.
  private void check(String name, @Nullable URI endpoint) throws ProviderException {
    if (endpoint == null
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawFragment() != null // RFC 6749 §3.1, §3.2
        || !("https".equals(endpoint.getScheme())
            || ("http".equals(endpoint.getScheme()) && "http".equals(issuer.getScheme())))) {
      throw ProviderException.unavailable(
          "the discovery document has no " + name + " that can be trusted");
    }
  }
}
