package dev.gatehouse.server.provider;

import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import dev.gatehouse.json.Json;
import dev.gatehouse.oauth.ProviderToken;
import dev.gatehouse.oauth.VerifiedIdentity;
import java.net.URI;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Signs people in with GitHub or GitHub Enterprise: OAuth 2.0 without an ID token.
///
/// GitHub's API says to whom an access token belongs. A token counts only if GitHub itself sent it
/// over TLS in exchange for a code. A token that a person sends is never accepted. Thread-safe;
/// requests block.
public final class GitHubProvider implements Provider {

  private static final Logger LOG = LoggerFactory.getLogger(GitHubProvider.class);

  // A user name may be given to another person later. The number is not.
  private static final String SUBJECT = "id";

  private static final String ORGANISATIONS = "read:org";
  private static final int PAGE = 100;
  private static final int MAX_PAGES = 5;
  private static final int MAX_LABEL = 100;

  private final Client client;
  private final URI api;
  private final CodeExchange exchange;
  private final CodeExchange calls;
  private final Clock clock;

  /// GitHub's API.
  ///
  /// @param address where it begins, without a slash at the end
  /// @param http for the API alone: it is another host than the one where people sign in
  public record Api(URI address, OutboundHttp http) {}

  /// @param http for the host where people sign in
  public GitHubProvider(Client client, Api api, OutboundHttp http, Clock clock) {
    this.client = client;
    this.api = api.address;
    this.exchange = new CodeExchange(client, http, clock);
    this.calls = new CodeExchange(client, api.http, clock);
    this.clock = clock;
  }

  /// The scopes that a sign-in needs.
  ///
  /// @param organisations whether the allow list names organisations
  public static List<String> scopes(boolean organisations) {
    return organisations ? List.of("user:email", ORGANISATIONS) : List.of("user:email");
  }

  @Override
  public String name() {
    return client.name();
  }

  @Override
  public String label() {
    return client.label();
  }

  @Override
  public String issuer() {
    return client.issuer().toString();
  }

  // GitHub has no max_age.
  @Override
  public URI authorization(AttemptSecrets secrets, URI redirect, @Nullable Duration maxAge) {
    AuthorizationRequest.Builder request =
        new AuthorizationRequest.Builder(ResponseType.CODE, client.clientId());
    client.parameters().forEach(request::customParameter);
    return request
        .endpointURI(at("/login/oauth/authorize"))
        .redirectionURI(redirect)
        .scope(client.scope())
        .state(new State(secrets.state()))
        .codeChallenge(secrets.verifier(), CodeChallengeMethod.S256)
        .build()
        .toURI();
  }

  @Override
  public VerifiedSignIn prove(
      Map<String, List<String>> answer,
      AttemptSecrets secrets,
      URI redirect,
      @Nullable Duration maxAge)
      throws ProviderException {
    // GitHub publishes no metadata, so it is unknown whether its answers have `iss` (RFC 9207 §3)
    // and which value they have. If they have it, it is GitHub itself or its OAuth endpoints.
    var code =
        exchange.code(
            answer,
            redirect,
            Set.of(client.issuer().toString(), client.issuer() + "/login/oauth"),
            false);
    CodeExchange.Issued issued = exchange.exchange(tokenEndpoint(), code, secrets, redirect);
    BearerAccessToken access = new BearerAccessToken(issued.tokens().getAccessToken().getValue());
    // GitHub does not say when it asked the person for a password.
    return new VerifiedSignIn(identity(access), exchange.kept(issued, Set.of()), clock.instant());
  }

  @Override
  public ProviderToken refresh(ProviderToken expired) throws ProviderException {
    return exchange.refresh(tokenEndpoint(), expired);
  }

  private CodeExchange.TokenEndpoint tokenEndpoint() {
    return new CodeExchange.TokenEndpoint(
        at("/login/oauth/access_token"), List.of(CodeExchange.IN_BODY));
  }

  private URI at(String path) {
    return URI.create(client.issuer() + path);
  }

  private VerifiedIdentity identity(BearerAccessToken access) throws ProviderException {
    Map<String, @Nullable Object> user =
        Json.object(asked("/user", access)).orElseThrow(() -> unreadable("/user"));
    // The number must fit a `long`. A larger one is read as a double, which may be rounded.
    if (!(user.get(SUBJECT) instanceof Long id) || id <= 0) {
      throw unreadable("/user");
    }
    String email = email(access);
    String login = user.get("login") instanceof String name ? name : id.toString();
    try {
      return new VerifiedIdentity(
          client.name(),
          client.issuer().toString(),
          id.toString(),
          email,
          email != null,
          login.length() > MAX_LABEL ? login.substring(0, MAX_LABEL) : login,
          client.scopes().contains(ORGANISATIONS) ? organisations(access) : new TreeSet<>());
    } catch (IllegalArgumentException unusable) {
      throw unreadable("/user");
    }
  }

  // The e-mail address of a profile is not verified. Only this list says which addresses are. Null:
  // none is.
  private @Nullable String email(BearerAccessToken access) throws ProviderException {
    for (Map<String, @Nullable Object> address : list("/user/emails?per_page=" + PAGE, access)) {
      if (Boolean.TRUE.equals(address.get("primary"))
          && Boolean.TRUE.equals(address.get("verified"))
          && address.get("email") instanceof String email
          && !email.isBlank()) {
        return email;
      }
    }
    return null;
  }

  private SortedSet<String> organisations(BearerAccessToken access) throws ProviderException {
    SortedSet<String> organisations = new TreeSet<>();
    for (int page = 1; page <= MAX_PAGES; page++) {
      List<Map<String, @Nullable Object>> listed =
          list("/user/orgs?per_page=" + PAGE + "&page=" + page, access);
      for (Map<String, @Nullable Object> organisation : listed) {
        if (organisation.get("login") instanceof String login) {
          organisations.add(login);
        }
      }
      if (listed.size() < PAGE) {
        return organisations;
      }
    }
    return organisations;
  }

  // One entry for each list item. An item that can't be read is empty.
  private List<Map<String, @Nullable Object>> list(String path, BearerAccessToken access)
      throws ProviderException {
    List<Map<String, @Nullable Object>> objects = new ArrayList<>();
    try {
      for (String item : JsonParts.items(asked(path, access))) {
        Map<String, @Nullable Object> object = Json.object(item).orElse(Map.of());
        if (object.isEmpty()) {
          LOG.warn("An item of GitHub's answer to {} is skipped: it can't be read", path);
        }
        objects.add(object);
      }
    } catch (ParseException noList) {
      throw unreadable(path);
    }
    return objects;
  }

  private String asked(String path, BearerAccessToken access) throws ProviderException {
    HTTPRequest request = new HTTPRequest(HTTPRequest.Method.GET, URI.create(api + path));
    request.setAuthorization(access.toAuthorizationHeader());
    request.setAccept("application/vnd.github+json");
    request.setHeader("X-GitHub-Api-Version", "2022-11-28");
    request.setHeader("User-Agent", "gatehouse"); // GitHub refuses who has none
    HTTPResponse answer = calls.send(request);
    if (answer.getStatusCode() != HTTPResponse.SC_OK) {
      throw ProviderException.unavailable(
          api.getHost() + path + " answered " + answer.getStatusCode());
    }
    return answer.getBody() == null ? "" : answer.getBody();
  }

  private static ProviderException unreadable(String path) {
    return ProviderException.unavailable("GitHub's answer to " + path + " can't be read");
  }
}
