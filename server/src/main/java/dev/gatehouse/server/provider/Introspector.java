package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.TokenIntrospectionRequest;
import com.nimbusds.oauth2.sdk.TokenIntrospectionResponse;
import com.nimbusds.oauth2.sdk.TokenIntrospectionSuccessResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.token.TypelessAccessToken;
import dev.gatehouse.FailureText;
import dev.gatehouse.oauth.IssuerUnavailableException;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.throttle.Turns;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks an issuer about an access token (RFC 7662). At most [#MAX_WAITING] callers wait at once.
/// Thread-safe; every call blocks.
public final class Introspector implements TrustedIssuer.Introspection {

  private static final Logger LOG = LoggerFactory.getLogger(Introspector.class);

  // How many callers may wait for one issuer. Further callers are refused at once.
  static final int MAX_WAITING = 256;

  private final Discovery discovery;
  private final @Nullable URI fixed;
  private final ClientAuthentication client;
  private final OutboundHttp http;
  private final Turns turns = new Turns(OutboundHttp.MAX_CONCURRENT_EXCHANGES, MAX_WAITING);

  /// The gate as a client of the issuer. It has no text form.
  ///
  /// @param inBody whether the secret is sent in the body in place of a header field (RFC 6749
  ///   §2.3.1)
  public record Credentials(String clientId, String clientSecret, boolean inBody) {

    @Override
    public String toString() {
      return "Credentials[" + clientId + "]";
    }
  }

  /// Asks as a client of the issuer.
  ///
  /// @param fixed the introspection endpoint; null: the discovery document names it
  public Introspector(
      Discovery discovery, @Nullable URI fixed, Credentials credentials, OutboundHttp http) {
    this.discovery = discovery;
    this.fixed = fixed;
    ClientID id = new ClientID(credentials.clientId);
    Secret secret = new Secret(credentials.clientSecret);
    this.client =
        credentials.inBody ? new ClientSecretPost(id, secret) : new ClientSecretBasic(id, secret);
    this.http = http;
  }

  @Override
  public Optional<Map<String, @Nullable Object>> of(String token, InetAddress from) {
    try (var _ = turns.take(from, OutboundHttp.EXCHANGE_TIMEOUT).orElseThrow(this::busy)) {
      // RFC 7662 §2.1: the request is a POST, so the token is in no URL.
      HTTPRequest request =
          new TokenIntrospectionRequest(endpoint(), client, new TypelessAccessToken(token))
              .toHTTPRequest();
      HTTPResponse answer = request.send(http);
      TokenIntrospectionResponse response = TokenIntrospectionResponse.parse(answer);
      if (!(response instanceof TokenIntrospectionSuccessResponse told)) {
        // RFC 7662 §2.3: the issuer does not know the gate. That says nothing about the token.
        throw unavailable(
            "refuses to say anything of tokens ("
                + response.toErrorResponse().getErrorObject().getHTTPStatusCode()
                + "): check clientId and clientSecretFile",
            null);
      }
      // The answer is read strictly: the SDK would take the last of two members with one name.
      Map<String, @Nullable Object> members =
          CodeExchange.object(answer)
              .orElseThrow(() -> new ParseException("no strict JSON object"));
      return told.isActive() ? Optional.of(members) : Optional.empty();
    } catch (IOException failed) {
      throw unavailable("is not reached: " + FailureText.of(failed), failed);
    } catch (ParseException | IllegalArgumentException unreadable) {
      // The message of the exception may quote the answer.
      throw unavailable("answers about tokens with something else", null);
    }
  }

  private IssuerUnavailableException busy() {
    return new IssuerUnavailableException(
        "too many callers wait for what " + discovery.issuer() + " says of their tokens", null);
  }

  private URI endpoint() throws IOException {
    URI endpoint = fixed == null ? discovery.metadata().introspectionEndpoint() : fixed;
    if (endpoint == null) {
      throw new IOException("its discovery document names no introspection endpoint");
    }
    return endpoint;
  }

  private IssuerUnavailableException unavailable(String why, @Nullable Throwable cause) {
    LOG.warn("{} {}", discovery.issuer(), why);
    return new IssuerUnavailableException(discovery.issuer() + " " + why, cause);
  }

  @Override
  public String toString() {
    return "Introspector[" + discovery.issuer() + "]";
  }
}
