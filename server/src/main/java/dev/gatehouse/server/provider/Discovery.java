package dev.gatehouse.server.provider;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.FailureText;
import dev.gatehouse.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the endpoints and the key set of an issuer in its discovery document.
///
/// The document is fetched when it is first needed, and again after an hour. It counts only if it
/// names the issuer and everything that the gate needs, and for sign-in also everything that the
/// previous document named ([IssuerMetadata#lackingOf]). The last good document is used until
/// another good one is fetched, whatever the issuer answers meanwhile. While there is a good
/// document, only the caller that fetches the next one waits. Thread-safe; may block.
public final class Discovery {

  /// What the gate needs the document for.
  public enum Need {
    /// Sign-in. The issuer must be an OpenID provider.
    SIGN_IN,
    /// The issuer's keys, for its access tokens.
    KEYS,
    /// The endpoint at which the issuer is asked about access tokens.
    INTROSPECTION
  }

  private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);

  static final Duration MAX_AGE = Duration.ofHours(1);
  static final Duration RETRY_INTERVAL = Duration.ofSeconds(5);

  private static final int NOT_FOUND = 404;

  private final URI issuer;
  private final Need need;
  private final OutboundHttp http;
  private final Ticker ticker;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Known known;
  private @Nullable Failed failed; // under the lock

  /// @param ofOpenIdProvider whether it is the document of OpenID Connect
  private record Known(IssuerMetadata metadata, boolean ofOpenIdProvider, long at) {}

  private record Failed(IOException why, long at) {}

  /// Reads the documents of that issuer. They must name it exactly so.
  public Discovery(URI issuer, Need need, OutboundHttp http, Ticker ticker) {
    this.issuer = issuer;
    this.need = need;
    this.http = http;
    this.ticker = ticker;
  }

  /// The identifier of the issuer.
  public String issuer() {
    return issuer.toString();
  }

  /// The metadata with everything that the gate needs. Throws [IOException], with a message that
  /// says what is wrong, if there is no good document. May block.
  IssuerMetadata metadata() throws IOException {
    Known read = known;
    if (read != null && isWithin(MAX_AGE, read.at)) {
      return read.metadata;
    }
    if (!mayAsk(read != null)) {
      if (read != null) {
        return read.metadata;
      }
      throw new IOException(issuer + " is slow to say where its endpoints are");
    }
    try {
      return asked();
    } finally {
      asking.unlock();
    }
  }

  // One caller fetches the document. The others wait for it only if there is none yet.
  private boolean mayAsk(boolean isKnown) throws IOException {
    if (isKnown) {
      return asking.tryLock();
    }
    try {
      return asking.tryLock(OutboundHttp.EXCHANGE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(issuer + " was not waited for", interrupted);
    }
  }

  private IssuerMetadata asked() throws IOException {
    Known read = known;
    if (read != null && isWithin(MAX_AGE, read.at)) {
      return read.metadata; // somebody else asked meanwhile
    }
    Failed before = failed;
    IOException why;
    if (before != null && isWithin(RETRY_INTERVAL, before.at)) {
      why = before.why;
    } else {
      try {
        Known now = retrieved(read);
        known = now;
        failed = null;
        return now.metadata;
      } catch (IOException failure) {
        if (read != null && before == null) {
          LOG.warn("The document of before is used: {}", FailureText.of(failure));
        }
        failed = new Failed(failure, ticker.read());
        why = failure;
      }
    }
    if (read != null) {
      return read.metadata;
    }
    throw new IOException(FailureText.of(why), why);
  }

  private boolean isWithin(Duration duration, long since) {
    return ticker.read() - since < duration.toNanos();
  }

  /// Fetches the document again at the next call, because its endpoints did not work.
  void forget() {
    Known read = known;
    if (read != null) {
      known = new Known(read.metadata, read.ofOpenIdProvider, ticker.read() - MAX_AGE.toNanos());
    }
  }

  // A provider for sign-in is an OpenID provider. An issuer of access tokens may have a document of
  // RFC 8414 only. Then the document of OpenID Connect is not found (404). Other failures do not
  // mean that.
  private Known retrieved(@Nullable Known before) throws IOException {
    try {
      return new Known(read(openIdDocument(), before), true, ticker.read());
    } catch (OutboundHttp.StatusException failure) {
      if (failure.status() != NOT_FOUND
          || need == Need.SIGN_IN
          || (before != null && before.ofOpenIdProvider)) {
        throw failure;
      }
      return new Known(read(oauthDocument(), before), false, ticker.read());
    }
  }

  // OpenID Connect Discovery 1.0 §4: the well-known part follows the path of the issuer.
  private URL openIdDocument() throws IOException {
    return resolved(path() + "/.well-known/openid-configuration");
  }

  // RFC 8414 §3.1: the well-known part is before the path of the issuer.
  private URL oauthDocument() throws IOException {
    return resolved("/.well-known/oauth-authorization-server" + path());
  }

  // Both specifications remove a slash at the end.
  private String path() {
    String path = issuer.getRawPath();
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  private URL resolved(String path) throws IOException {
    return URI.create(issuer.getScheme() + "://" + issuer.getRawAuthority() + path).toURL();
  }

  private IssuerMetadata read(URL url, @Nullable Known before) throws IOException {
    Map<String, @Nullable Object> members =
        Json.object(http.retrieveResource(url).getContent())
            .orElseThrow(
                () ->
                    new IOException(
                        url
                            + " answered no JSON object, or one that repeats a member or is not"
                            + " well-formed"));
    IssuerMetadata metadata = IssuerMetadata.of(members);
    // OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3: the issuer must be identical.
    if (!issuer().equals(metadata.issuer())) {
      throw new IOException(
          issuer
              + " has no good discovery document: it names another issuer, "
              + metadata.issuer());
    }
    switch (need) {
      case SIGN_IN -> {
        check("authorization_endpoint", metadata.authorizationEndpoint());
        check("token_endpoint", metadata.tokenEndpoint());
        // Without the userinfo endpoint, a person whose ID token has no e-mail address would have
        // none.
        if (members.get("userinfo_endpoint") != null) {
          check("userinfo_endpoint", metadata.userInfoEndpoint());
        }
        check("jwks_uri", metadata.keys());
        String lacking = before == null ? null : metadata.lackingOf(before.metadata);
        if (lacking != null) {
          throw new IOException(
              issuer + " has a worse discovery document than before: it has no good " + lacking);
        }
      }
      case KEYS -> check("jwks_uri", metadata.keys());
      case INTROSPECTION -> check("introspection_endpoint", metadata.introspectionEndpoint());
    }
    return metadata;
  }

  // Plain HTTP is allowed only if the configured issuer is plain HTTP on loopback.
  private void check(String name, @Nullable URI endpoint) throws IOException {
    if (endpoint == null
        || endpoint.getHost() == null
        || endpoint.getRawUserInfo() != null
        || endpoint.getRawFragment() != null // RFC 6749 §3.1, §3.2
        || !("https".equalsIgnoreCase(endpoint.getScheme())
            || ("http".equalsIgnoreCase(endpoint.getScheme())
                && "http".equals(issuer.getScheme())))) {
      throw new IOException(
          issuer + " has no good discovery document: it has no " + name + " that can be trusted");
    }
  }

  @Override
  public String toString() {
    return "Discovery[" + issuer + "]";
  }
}
