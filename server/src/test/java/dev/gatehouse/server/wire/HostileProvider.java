package dev.gatehouse.server.wire;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.pkce.CodeChallenge;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.oauth2.sdk.token.BearerAccessToken;
import com.nimbusds.oauth2.sdk.util.URLUtils;
import com.nimbusds.openid.connect.sdk.claims.AccessTokenHash;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// An OpenID provider, and one shaped like GitHub, on one server: good until a test says otherwise.
/// The first segment of a path names the tenant: each is an issuer of its own, with one key set for
/// all.
public final class HostileProvider implements AutoCloseable {

  public static final String SECRET = "a-client-secret-of-the-test";

  private final HttpsServer server;
  private final TestCertificates certificate = new TestCertificates("localhost");
  private final Map<String, Asked> codes = new ConcurrentHashMap<>();
  private final Map<String, Consumer<JsonObject>> metadata = new ConcurrentHashMap<>();

  /// What is answered in place of what should be, by path.
  public final Map<String, HttpHandler> instead = new ConcurrentHashMap<>();

  /// Every request: its path and, of the token endpoint, what was sent.
  public final List<String> requests = new CopyOnWriteArrayList<>();

  public volatile RSAKey key = newKey("k1");
  public volatile UnaryOperator<JWTClaimsSet> claims = UnaryOperator.identity();
  public volatile Function<JWTClaimsSet, String> sign = this::signed;
  public volatile UnaryOperator<JsonObject> tokens = UnaryOperator.identity();
  public volatile Function<JsonObject, String> rawTokens = JsonObject::encode;
  public volatile JsonObject userInfo = new JsonObject();

  /// Who is signed in there.
  public volatile String subject = "alice-there";

  /// Their address; null: one for each of them.
  public volatile @Nullable String email;

  private record Asked(Map<String, List<String>> request, String tenant, String subject) {
    String get(String name) {
      return one(request, name);
    }

    static String one(Map<String, List<String>> parameters, String name) {
      return parameters.getOrDefault(name, List.of("")).getFirst();
    }
  }

  public HostileProvider() throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(certificate.serve()));
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
  }

  /// Does only what it should from now on.
  public void behave() {
    instead.clear();
    claims = UnaryOperator.identity();
    sign = this::signed;
    tokens = UnaryOperator.identity();
    rawTokens = JsonObject::encode;
    userInfo = new JsonObject();
    subject = "alice-there";
    email = null;
  }

  public URI issuer(String tenant) {
    return URI.create("https://localhost:" + server.getAddress().getPort() + "/" + tenant);
  }

  public Path certificateIn(Path folder) throws IOException {
    return Files.write(folder.resolve("provider.crt"), certificate.certificatePem().getBytes());
  }

  /// What a tenant says of itself otherwise than it should.
  public void metadata(String tenant, Consumer<JsonObject> change) {
    metadata.put(tenant, change);
  }

  public static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).algorithm(JWSAlgorithm.RS256).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  // The person

  /// What the person's browser does there: signs in, agrees, and is sent back.
  ///
  /// @return where the browser is sent, with the code
  public URI approve(String location) {
    Map<String, List<String>> asked = query(location);
    String tenant = URI.create(location).getPath().split("/", -1)[1];
    String code = UUID.randomUUID().toString();
    codes.put(code, new Asked(asked, tenant, subject));
    return back(asked, "code=" + code, issuer(tenant).toString());
  }

  /// The same of a person who says no, or of a provider that does.
  public URI refuse(String location, String parameters) {
    String tenant = URI.create(location).getPath().split("/", -1)[1];
    return back(query(location), parameters, issuer(tenant).toString());
  }

  private static URI back(Map<String, List<String>> asked, String parameters, String issuer) {
    return URI.create(
        Asked.one(asked, "redirect_uri")
            + "?"
            + parameters
            + "&state="
            + Asked.one(asked, "state")
            + "&iss="
            + URLEncoder.encode(issuer, StandardCharsets.UTF_8));
  }

  /// The value of a parameter in an address; empty when there is none.
  public static String parameter(String location, String name) {
    return Asked.one(query(location), name);
  }

  public static Map<String, List<String>> query(String location) {
    return URLUtils.parseParameters(URI.create(location).getRawQuery());
  }

  // The server

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      HttpHandler other = instead.get(path);
      if (other != null) {
        requests.add(path);
        other.handle(exchange);
        return;
      }
      String[] segments = path.split("/", 3);
      String tenant = segments[1];
      switch (segments.length < 3 ? "" : segments[2]) {
        case ".well-known/openid-configuration" -> {
          requests.add(path);
          json(exchange, 200, discovery(tenant).encode());
        }
        case "jwks" -> {
          requests.add(path);
          json(exchange, 200, new JWKSet(key.toPublicJWK()).toString());
        }
        case "token", "login/oauth/access_token" -> token(exchange, tenant, path);
        case "userinfo" -> {
          requests.add(path);
          json(exchange, 200, userInfo.encode());
        }
        case "api/user" ->
            api(
                exchange,
                path,
                new JsonObject().put("id", 583231).put("login", "alice-gh").encode());
        case "api/user/emails" ->
            api(
                exchange,
                path,
                new JsonArray()
                    .add(address("typed@there.example", true, false))
                    .add(address(email("by-number", tenant), true, true))
                    .encode());
        case "api/user/orgs" ->
            api(
                exchange,
                path,
                new JsonArray().add(new JsonObject().put("login", "acme")).encode());
        default -> json(exchange, 404, "{}");
      }
    }
  }

  // Null where the test says that there is none.
  private @Nullable String email(String of, String tenant) {
    String given = email;
    return given == null ? of + "@" + tenant + ".there.example" : given.isEmpty() ? null : given;
  }

  private static JsonObject address(@Nullable String email, boolean primary, boolean verified) {
    return new JsonObject().put("email", email).put("primary", primary).put("verified", verified);
  }

  private void api(HttpExchange exchange, String path, String body) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(path + " " + authorization);
    json(exchange, authorization == null ? 401 : 200, body);
  }

  private JsonObject discovery(String tenant) {
    String issuer = issuer(tenant).toString();
    JsonObject document =
        new JsonObject()
            .put("issuer", issuer)
            .put("authorization_endpoint", issuer + "/authorize")
            .put("token_endpoint", issuer + "/token")
            .put("jwks_uri", issuer + "/jwks")
            .put("userinfo_endpoint", issuer + "/userinfo")
            .put("response_types_supported", new JsonArray().add("code"))
            .put("subject_types_supported", new JsonArray().add("public"))
            .put("authorization_response_iss_parameter_supported", true)
            .put("id_token_signing_alg_values_supported", new JsonArray().add("RS256"));
    metadata.getOrDefault(tenant, same -> {}).accept(document);
    return document;
  }

  private void token(HttpExchange exchange, String tenant, String path) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    requests.add(path + " " + body + " " + authorization);
    Map<String, List<String>> sent = URLUtils.parseParameters(body);
    if ("refresh_token".equals(Asked.one(sent, "grant_type"))) {
      json(exchange, 200, tokens.apply(bearer("refreshed-")).encode());
      return;
    }
    Asked asked = codes.remove(Asked.one(sent, "code"));
    if (asked == null
        || !asked.tenant.equals(tenant)
        || !Asked.one(sent, "redirect_uri").equals(asked.get("redirect_uri"))
        || !isOf(Asked.one(sent, "code_verifier"), asked.get("code_challenge"))) {
      json(exchange, 400, "{\"error\":\"invalid_grant\"}");
      return;
    }
    JsonObject answer = bearer("token-of-" + tenant + "-");
    if (!asked.get("scope").contains("openid")) { // GitHub
      json(exchange, 200, tokens.apply(answer.put("scope", "read:org,user:email")).encode());
      return;
    }
    Instant now = Instant.now();
    JWTClaimsSet good =
        new JWTClaimsSet.Builder()
            .issuer(issuer(tenant).toString())
            .subject(asked.subject)
            .audience(asked.get("client_id"))
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(300)))
            .claim("nonce", asked.get("nonce"))
            .claim("auth_time", asked.get("max_age").isEmpty() ? null : now.getEpochSecond())
            .claim("email", email(asked.subject, tenant))
            .claim("email_verified", true)
            .claim("at_hash", hash(answer.getString("access_token")))
            .build();
    json(
        exchange,
        200,
        rawTokens.apply(tokens.apply(answer.put("id_token", sign.apply(claims.apply(good))))));
  }

  private static JsonObject bearer(String prefix) {
    return new JsonObject()
        .put("access_token", prefix + UUID.randomUUID())
        .put("token_type", "Bearer")
        .put("expires_in", 300);
  }

  private static String hash(String accessToken) {
    return AccessTokenHash.compute(new BearerAccessToken(accessToken), JWSAlgorithm.RS256, null)
        .getValue();
  }

  private static boolean isOf(String verifier, String challenge) {
    return CodeChallenge.compute(CodeChallengeMethod.S256, new CodeVerifier(verifier))
        .getValue()
        .equals(challenge);
  }

  private String signed(JWTClaimsSet set) {
    return signedBy(key, set);
  }

  public static String signedBy(RSAKey key, JWTClaimsSet set) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), set);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// The same of claims that are written otherwise than they should be.
  public static String signedBy(RSAKey key, String claims) {
    try {
      JWSObject token =
          new JWSObject(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
              new Payload(claims));
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  /// Claims with one of them changed; null takes it away.
  public static UnaryOperator<JWTClaimsSet> with(String name, @Nullable Object value) {
    return set -> {
      Map<String, Object> changed = new LinkedHashMap<>(set.toJSONObject());
      if (value == null) {
        changed.remove(name);
      } else {
        changed.put(name, value);
      }
      try {
        return JWTClaimsSet.parse(changed);
      } catch (java.text.ParseException failed) {
        throw new IllegalStateException(failed);
      }
    };
  }

  public static void json(HttpExchange exchange, int status, String body) throws IOException {
    answer(exchange, status, "application/json", body);
  }

  public static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /// An answer of a gigabyte.
  public static void endless(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, 1L << 30);
    byte[] piece = new byte[1 << 16];
    OutputStream out = exchange.getResponseBody();
    for (int i = 0; i < 1 << 14; i++) {
      out.write(piece);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
