package dev.gatehouse.server.demo;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.oauth2.sdk.GrantType;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseMode;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.http.HTTPRequest;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.token.BearerTokenError;
import com.nimbusds.openid.connect.sdk.SubjectType;
import com.nimbusds.openid.connect.sdk.UserInfoErrorResponse;
import com.nimbusds.openid.connect.sdk.UserInfoRequest;
import com.nimbusds.openid.connect.sdk.UserInfoResponse;
import com.nimbusds.openid.connect.sdk.UserInfoSuccessResponse;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.tls.ServerCertificate;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// An OpenID provider beside the demo, so that people can try a sign-in with a provider without an
/// account elsewhere. It also issues access tokens for the gate's API.
///
/// It listens on `127.0.0.1` while the gate is `localhost`, because browsers separate cookies by
/// host and not by port. Except for the missing passwords, it is as strict as a provider should be.
public final class DemoProvider implements AutoCloseable {

  /// The id of the client that signs people in at the gate.
  public static final String GATE = "gatehouse";

  /// The client that gets access tokens in its own name.
  public static final String SERVICE = "demo-service";

  private static final String HOST = "127.0.0.1";
  private static final int MAX_BODY_BYTES = 16_384;
  private static final int MAX_TARGET_CHARS = 8_192;
  private static final int MAX_AT_ONCE = 64;

  private final HttpsServer server;
  private final StoredProvider kept;
  private final Issuer issuer;
  private final InstantSource clock;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Semaphore places = new Semaphore(MAX_AT_ONCE);

  private Map<String, Map<HTTPRequest.Method, Function<HTTPRequest, HTTPResponse>>> paths =
      Map.of();

  private DemoProvider(HttpsServer server, StoredProvider kept, InstantSource clock) {
    this.server = server;
    this.kept = kept;
    this.issuer = new Issuer("https://" + HOST + ":" + server.getAddress().getPort());
    this.clock = clock;
  }

  /// Binds its port: the one that it had before, if that is free. It answers after [#serve].
  public static DemoProvider in(
      DataFolder folder, ServerCertificate certificate, InstantSource clock) throws IOException {
    StoredProvider kept = StoredProvider.in(folder);
    HttpsServer server = bound(kept.port());
    boolean ready = false;
    try {
      server.setHttpsConfigurator(new HttpsConfigurator(tls(certificate)));
      StoredProvider now = kept.keep(folder, server.getAddress().getPort());
      ready = true;
      return new DemoProvider(server, now, clock);
    } finally {
      if (!ready) {
        server.stop(0);
      }
    }
  }

  private static HttpsServer bound(int port) throws IOException {
    try {
      return HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral(HOST), port), 0);
    } catch (BindException taken) {
      return HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral(HOST), 0), 0);
    }
  }

  private static SSLContext tls(ServerCertificate certificate) throws IOException {
    try {
      KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
      keys.load(null, null);
      keys.setKeyEntry(
          "server",
          certificate.key(),
          new char[0],
          certificate.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory managers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      managers.init(keys, new char[0]);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(managers.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException failed) {
      throw new IOException("the development certificate can't be shown", failed);
    }
  }

  /// The issuer of its tokens.
  public URI issuer() {
    return URI.create(issuer.getValue());
  }

  /// The address of its token endpoint.
  public URI tokenEndpoint() {
    return at("/token");
  }

  /// The secret of [#GATE].
  public String gateSecret() {
    return kept.gateSecret();
  }

  /// The secret of [#SERVICE].
  public String serviceSecret() {
    return kept.serviceSecret();
  }

  /// Begins to answer.
  ///
  /// @param redirectUri of the gate: the only one
  /// @param audience of access tokens for the gate's API
  public void serve(URI redirectUri, String audience) {
    DemoCodes codes = new DemoCodes(clock);
    DemoTokens tokens = new DemoTokens(issuer, kept.key(), clock);
    DemoPages pages = new DemoPages(redirectUri.resolve("/").toString().replaceFirst("/$", ""));
    DemoAuthorization authorization =
        new DemoAuthorization(
            new DemoAuthorization.Registration(issuer, new ClientID(GATE), redirectUri),
            codes,
            pages,
            clock);
    DemoTokenEndpoint tokenEndpoint =
        new DemoTokenEndpoint(
            issuer,
            new DemoTokenEndpoint.Clients(
                client(GATE, kept.gateSecret()), client(SERVICE, kept.serviceSecret()), audience),
            codes,
            tokens);
    HTTPResponse metadata = json(metadata().toString());
    HTTPResponse keys = json(new JWKSet(kept.key()).toString()); // the public half
    Function<HTTPRequest, HTTPResponse> userInfo = asked -> userInfo(tokens, asked);
    paths =
        Map.of(
            "/", get(_ -> pages.welcome()),
            "/style.css", get(_ -> DemoPages.stylesheet()),
            "/.well-known/openid-configuration", get(_ -> metadata),
            "/.well-known/oauth-authorization-server", get(_ -> metadata),
            "/jwks", get(_ -> keys),
            "/authorize",
                Map.of(
                    HTTPRequest.Method.GET, authorization::ask,
                    HTTPRequest.Method.POST, authorization::chosen),
            "/token", Map.of(HTTPRequest.Method.POST, tokenEndpoint::answer),
            "/userinfo",
                Map.of(HTTPRequest.Method.GET, userInfo, HTTPRequest.Method.POST, userInfo));
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static Map<HTTPRequest.Method, Function<HTTPRequest, HTTPResponse>> get(
      Function<HTTPRequest, HTTPResponse> answer) {
    return Map.of(HTTPRequest.Method.GET, answer);
  }

  private static DemoTokenEndpoint.Client client(String id, String secret) {
    return new DemoTokenEndpoint.Client(new ClientID(id), new Secret(secret));
  }

  private URI at(String path) {
    return issuer().resolve(path);
  }

  // OpenID Connect Discovery §3
  private OIDCProviderMetadata metadata() {
    OIDCProviderMetadata metadata =
        new OIDCProviderMetadata(issuer, List.of(SubjectType.PUBLIC), at("/jwks"));
    metadata.setAuthorizationEndpointURI(at("/authorize"));
    metadata.setTokenEndpointURI(tokenEndpoint());
    metadata.setUserInfoEndpointURI(at("/userinfo"));
    metadata.setScopes(new Scope("openid", "profile", "email", "orders.read", "orders.write"));
    metadata.setResponseTypes(List.of(ResponseType.CODE));
    metadata.setResponseModes(List.of(ResponseMode.QUERY));
    metadata.setGrantTypes(List.of(GrantType.AUTHORIZATION_CODE, GrantType.CLIENT_CREDENTIALS));
    metadata.setTokenEndpointAuthMethods(
        List.of(
            ClientAuthenticationMethod.CLIENT_SECRET_BASIC,
            ClientAuthenticationMethod.CLIENT_SECRET_POST));
    metadata.setCodeChallengeMethods(List.of(CodeChallengeMethod.S256));
    metadata.setIDTokenJWSAlgs(List.of(JWSAlgorithm.ES256));
    metadata.setClaims(
        List.of("sub", "name", "preferred_username", "email", "email_verified", "nonce"));
    metadata.setSupportsAuthorizationResponseIssuerParam(true); // RFC 9207 §3
    metadata.setSupportsRequestURIParam(false); // it would be true by default
    return metadata;
  }

  // OpenID Connect Core §5.3
  private static HTTPResponse userInfo(DemoTokens tokens, HTTPRequest asked) {
    UserInfoResponse answer;
    try {
      answer =
          tokens
              .userInfo(UserInfoRequest.parse(asked).getAccessToken().getValue())
              .<UserInfoResponse>map(UserInfoSuccessResponse::new)
              .orElseGet(() -> new UserInfoErrorResponse(BearerTokenError.INVALID_TOKEN));
    } catch (ParseException none) {
      answer = new UserInfoErrorResponse(BearerTokenError.MISSING_TOKEN);
    }
    HTTPResponse sent = answer.toHTTPResponse();
    sent.setCacheControl("no-store");
    return sent;
  }

  private static HTTPResponse json(String document) {
    HTTPResponse answer = new HTTPResponse(200);
    answer.setHeader("Content-Type", "application/json");
    answer.setBody(document);
    return answer;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!places.tryAcquire()) {
        send(exchange, new HTTPResponse(503));
        return;
      }
      try {
        send(exchange, answer(exchange));
      } finally {
        places.release();
      }
    }
  }

  private HTTPResponse answer(HttpExchange exchange) throws IOException {
    URI target = exchange.getRequestURI();
    var byMethod = paths.get(target.getPath());
    if (byMethod == null || target.toString().length() > MAX_TARGET_CHARS) {
      return new HTTPResponse(byMethod == null ? 404 : 414);
    }
    boolean post = exchange.getRequestMethod().equals("POST");
    if (!post && !List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
      return new HTTPResponse(405);
    }
    HTTPRequest.Method method = post ? HTTPRequest.Method.POST : HTTPRequest.Method.GET;
    Function<HTTPRequest, HTTPResponse> action = byMethod.get(method);
    if (action == null) {
      return new HTTPResponse(405);
    }
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      return new HTTPResponse(413);
    }
    String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
    HTTPRequest asked = new HTTPRequest(method, at(target.getRawPath() + query));
    for (String name : List.of("Authorization", "Content-Type", "Origin")) {
      List<String> values = exchange.getRequestHeaders().get(name);
      if (values != null && values.size() > 1) {
        return new HTTPResponse(400);
      } else if (values != null) {
        asked.setHeader(name, values.getFirst());
      }
    }
    asked.setBody(new String(body, StandardCharsets.UTF_8));
    return action.apply(asked);
  }

  private static void send(HttpExchange exchange, HTTPResponse answer) throws IOException {
    answer
        .getHeaderMap()
        .forEach((name, values) -> exchange.getResponseHeaders().put(name, List.copyOf(values)));
    byte[] body =
        answer.getBody() == null ? new byte[0] : answer.getBody().getBytes(StandardCharsets.UTF_8);
    boolean none = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.getStatusCode(), none ? -1 : body.length);
    if (!none) {
      exchange.getResponseBody().write(body);
    }
  }

  /// Stops at once.
  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  @Override
  public String toString() {
    return "DemoProvider[" + issuer + "]";
  }
}
