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

  /// What it is needed for.
  public enum Need {
    /// People sign in. Only an OpenID provider will do.
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

  /// Asks that issuer, whose documents must name it exactly so.
  public Discovery(URI issuer, Need need, OutboundHttp http, Ticker ticker) {
    this.issuer = issuer;
    this.need = need;
    this.http = http;
    this.ticker = ticker;
  }

  /// The issuer's name.
  public String issuer() {
    return issuer.toString();
  }

  /// The metadata, with everything that it is needed for. Throws [IOException] that says what is
  /// wrong with the answer, or that there is none.
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

  // One asks. The others wait for that only if nothing is known.
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

  /// Asks anew next time: what was read led nowhere.
  void forget() {
    Known read = known;
    if (read != null) {
      known = new Known(read.metadata, read.ofOpenIdProvider, ticker.read() - MAX_AGE.toNanos());
    }
  }

  // Who signs people in is an OpenID provider. Whose access tokens count need not be one: then it
  // has no such document, and describes itself by RFC 8414. Any other failure says nothing of that.
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

  // OpenID Connect Discovery 1.0 §4: behind the issuer's path.
  private URL openIdDocument() throws IOException {
    return resolved(path() + "/.well-known/openid-configuration");
  }

  // RFC 8414 §3.1: before the issuer's path.
  private URL oauthDocument() throws IOException {
    return resolved("/.well-known/oauth-authorization-server" + path());
  }

  // Both take a slash at the end away.
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
    // OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3: identical, or not used.
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
        // Without it, a person whose ID token has no address would have none.
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

  // Plain HTTP only where the configured issuer itself is, on loopback.
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
