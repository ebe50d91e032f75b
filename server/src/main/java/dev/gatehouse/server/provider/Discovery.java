package dev.gatehouse.server.provider;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.oauth2.sdk.GeneralException;
import com.nimbusds.oauth2.sdk.as.AuthorizationServerMetadata;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import dev.gatehouse.FailureText;
import dev.gatehouse.json.Json;
import java.io.IOException;
import java.net.URL;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What an issuer says of itself: where its endpoints and keys are.
///
/// Asked for when it is first needed, and again after an hour; what was read is kept while the
/// issuer does not answer. Thread-safe; may block.
public final class Discovery {

  private static final Duration KEPT = Duration.ofHours(1);
  private static final Duration RETRIED = Duration.ofSeconds(5);

  private final String issuer;
  private final ForeignHttp http;
  private final Ticker ticker;
  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable Known known;
  private @Nullable Failed failed; // under the lock

  private record Known(AuthorizationServerMetadata metadata, long at) {}

  private record Failed(IOException why, long at) {}

  /// Asks that issuer, whose documents must name it exactly so.
  public Discovery(String issuer, ForeignHttp http, Ticker ticker) {
    this.issuer = issuer;
    this.http = http;
    this.ticker = ticker;
  }

  /// The issuer's name.
  public String issuer() {
    return issuer;
  }

  /// The metadata: an [OIDCProviderMetadata] when the issuer is an OpenID provider. Throws
  /// [IOException] that says what is wrong with the answer, or that there is none.
  public AuthorizationServerMetadata metadata() throws IOException {
    Known read = known;
    if (read != null && isWithin(KEPT, read.at)) {
      return read.metadata;
    }
    try {
      if (!asking.tryLock(ForeignHttp.EXCHANGE.toNanos(), TimeUnit.NANOSECONDS)) {
        throw new IOException(issuer + " is slow to say where its endpoints are");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException(issuer + " was not waited for", interrupted);
    }
    try {
      return asked();
    } finally {
      asking.unlock();
    }
  }

  private AuthorizationServerMetadata asked() throws IOException {
    Known read = known;
    if (read != null && isWithin(KEPT, read.at)) {
      return read.metadata; // somebody else asked meanwhile
    }
    Failed before = failed;
    IOException why;
    if (before != null && isWithin(RETRIED, before.at)) {
      why = before.why;
    } else {
      try {
        AuthorizationServerMetadata metadata = retrieved();
        known = new Known(metadata, ticker.read());
        failed = null;
        return metadata;
      } catch (IOException failure) {
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
      known = new Known(read.metadata, ticker.read() - KEPT.toNanos());
    }
  }

  // OpenID Connect Discovery 1.0 §4; and RFC 8414 §3 for who is no OpenID provider.
  private AuthorizationServerMetadata retrieved() throws IOException {
    Issuer name = new Issuer(issuer);
    IOException first;
    try {
      return checked(OIDCProviderMetadata.parse(read(OIDCProviderMetadata.resolveURL(name))));
    } catch (GeneralException | IllegalArgumentException noDocument) {
      first =
          new IOException(
              issuer + " has no good discovery document: " + FailureText.of(noDocument));
    } catch (IOException failure) {
      first = failure;
    }
    try {
      return checked(
          AuthorizationServerMetadata.parse(read(AuthorizationServerMetadata.resolveURL(name))));
    } catch (GeneralException | IllegalArgumentException | IOException neither) {
      first.addSuppressed(neither);
      throw first;
    }
  }

  // The parser of the SDK takes the last of two members of one name.
  private String read(URL url) throws IOException {
    String document = http.retrieveResource(url).getContent();
    if (Json.object(document).isEmpty()) {
      throw new IOException(
          url + " answered no JSON object, or one that repeats a member or is not well-formed");
    }
    return document;
  }

  // OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3: identical, or not used.
  private AuthorizationServerMetadata checked(AuthorizationServerMetadata metadata)
      throws IOException {
    if (!issuer.equals(metadata.getIssuer().getValue())) {
      throw new IOException(
          issuer
              + " has no good discovery document: it names another issuer, "
              + metadata.getIssuer());
    }
    return metadata;
  }
}
