package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.gatehouse.Network;
import dev.gatehouse.RecentRefusals;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.status.ResourceMetadataPath;
import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Pitfalls 1, 5, 6 and the second half of 7 over the wire: what the upstream gets, and the client.
@SuppressWarnings("StringConcatToTextBlock") // text blocks end their lines in LF, the wire in CRLF
@Tag("end-to-end")
class FieldsOverTheWireTest {

  private static final String BODY = "0123456789abcdefghijABCDEFGHIJ0123456789abc3Fk2Ab";
  private static final String SECRET = "sk_live_" + BODY;

  private static final String ISSUER = "https://api.example:8443";

  private static final OwnSecrets OWN_SECRETS =
      new OwnSecrets(List.of(SecretForm.base62("sk_live_")));

  private static RawUpstream upstream;
  private static TestHouse house;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    Upstream plain = Upstream.of(upstream.base());
    house =
        TestHouse.plan()
            .settings(GatewaySettings.DEFAULT.withOwnSecrets(OWN_SECRETS, ISSUER))
            .route(TestHouse.guarded(plain))
            .route(TestHouse.open("/public", plain))
            .route(TestHouse.open("/basic", passingAuthorization(upstream.base())))
            .route(TestHouse.open("/own-rules", withOwnRules(plain)))
            .ownPaths(
                new ResourceMetadataPath(
                        "https://api.example", List.of(), Set.of(), (host, path) -> false)
                    .paths())
            .build();
  }

  private static Upstream passingAuthorization(URI base) {
    Upstream plain = Upstream.of(URI.create(base + "/prefix/"));
    return new Upstream(
        plain.base(),
        plain.connectTimeout(),
        plain.responseTimeout(),
        plain.idleTimeout(),
        true,
        false,
        plain.maxBodyBytes(),
        plain.maxRequests(),
        plain.maxWebSockets(),
        null);
  }

  private static Upstream withOwnRules(Upstream plain) {
    return new Upstream(
        plain.base(),
        plain.connectTimeout(),
        plain.responseTimeout(),
        plain.idleTimeout(),
        true,
        true,
        plain.maxBodyBytes(),
        plain.maxRequests(),
        plain.maxWebSockets(),
        Upstream.Queue.DEFAULT,
        null,
        null,
        new ClientFields(
            List.of("X-Team-*", "X-Auth-Token", "Cookie", "X-User-Email", "C*"),
            List.of("X-Forwarded-User", "X-User-*", "X-Auth-*")));
  }

  @AfterAll
  static void close() throws IOException {
    house.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
    upstream.echo();
  }

  @Test
  void theUpstreamGetsWhoIsCallingAndNoCredential() throws Exception {
    RawMessage got =
        forwarded(
            "GET /orders HTTP/1.1\r\nHost: api.example:8443\r\nX-API-Key: good\r\n"
                + "Cookie: a=1; __Host-gatehouse=secret; __Host-gatehouse-signin-x=y; b=2\r\nAccept: text/plain\r\n\r\n");

    assertThat(got.head())
        .doesNotContainIgnoringCase("x-api-key")
        .doesNotContain("secret")
        .doesNotContain("__Host-gatehouse");
    assertThat(got.fields("Cookie")).containsExactly("a=1; b=2");
    assertThat(got.fields("Host")).containsExactly("api.example:8443");
    assertThat(got.fields("X-Auth-Subject")).containsExactly("u_alice");
    assertThat(got.fields("X-Auth-Method")).containsExactly("apikey");
    assertThat(got.fields("X-Auth-Scopes")).containsExactly("orders:read");
    assertThat(got.fields("X-Auth-Credential")).containsExactly("k_1");
    assertThat(got.fields("Gatehouse-Identity")).hasSize(1);
    JWTClaimsSet identity =
        SignedJWT.parse(got.fields("Gatehouse-Identity").getFirst()).getJWTClaimsSet();
    assertThat(identity.getSubject()).isEqualTo("u_alice");
    assertThat(identity.getAudience()).containsExactly(upstream.base().toString());
    assertThat(got.fields("X-Forwarded-Host")).containsExactly("api.example:8443");
    assertThat(got.fields("X-Forwarded-Proto")).containsExactly("https");
    assertThat(got.fields("X-Forwarded-For")).hasSize(1);
    assertThat(got.fields("Forwarded").getFirst())
        .endsWith(";host=\"api.example:8443\";proto=https");
    assertThat(got.fields("Accept")).containsExactly("text/plain");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-Auth-Subject",
        "x-auth-subject",
        "X_AUTH_SUBJECT",
        "x_auth_subject",
        "X-Auth_Subject",
        "x.auth.subject",
        "X-AUTH-METHOD",
        "X_Auth_Scopes",
        "X-Auth-Credential",
        "Gatehouse-Identity",
        "gatehouse_identity",
        "GATEHOUSE-IDENTITY",
        "Gatehouse-Other",
        "X-API-Key",
        "x_api_key",
        "Authorization",
        "authorization",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Proxy",
        "Forwarded",
        "X-Forwarded-For",
        "x_forwarded_for",
        "X-Forwarded-Host",
        "X-Forwarded-User",
        "X-Forwarded-Client-Cert",
        "X-Real-IP",
        "x_real_ip",
        "Client-Cert",
        "Client-Cert-Chain",
        "client_cert",
        "X-HTTP-Method-Override",
        "X-HTTP-Method",
        "X-Method-Override",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Upgrade",
        "X-Original-URL",
        "X-Original-Host",
        "X-Rewrite-URL",
        "X-Envoy-Original-Path",
        "x_envoy_original_path",
        "X-Envoy-External-Address",
        "X-Original-Forwarded-For",
        "CF-Connecting-IP",
        "CF-Connecting-IPv6",
        "Fastly-Client-IP",
        "WL-Proxy-Client-IP",
        "X-Remote-Addr",
        "x_remote_addr",
        "content_length",
        "transfer_encoding",
        "HTTP2-Settings"
      })
  void whatOnlyTheGateMaySetIsRemovedInEverySpelling(String name) throws Exception {
    RawMessage got =
        forwarded(
            "GET /public HTTP/1.1\r\nHost: localhost\r\n"
                + name
                + ": 666\r\n"
                + name
                + ": 667\r\n\r\n");
    assertThat(got.head()).doesNotContain("666").doesNotContain("667");
    assertThat(got.names()).doesNotContain("x-auth-subject", "gatehouse-identity");
  }

  @Test
  void identityFieldsOfTheClientAreReplacedEvenWhenSentTwice() throws Exception {
    RawMessage got =
        forwarded(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\nX-Auth-Subject: admin\r\n"
                + "x_auth_subject: admin\r\nX-AUTH-SUBJECT: admin\r\n\r\n");
    assertThat(got.fields("X-Auth-Subject")).containsExactly("u_alice");
    assertThat(got.head()).doesNotContain("admin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Remote-User, X-Remote-User, X-Forwarded-User, X-Forwarded-Email, X-Forwarded-Groups",
        "X-Forwarded-Preferred-Username, X-Auth-Request-User, X-Auth-Request-Access-Token",
        "X-Authenticated-Userid, X-Authenticated-Scope, X-Consumer-ID, X-Consumer-Custom-ID",
        "X-Goog-Authenticated-User-Email, X-Goog-Authenticated-User-Id, X-Amzn-Oidc-Identity",
        "X-Amzn-Oidc-Data, Cf-Access-Authenticated-User-Email, Cf-Access-Jwt-Assertion",
        "X-WebAuth-User, X-SSL-Client-DN, X-SSL-Client-Verify, X-Client-CN, X-Client-DN",
        "X-Client-Cert, X-Client-Verify, X-User, X-User-Id, X-User-Name, X-User-Email",
        "X-User-Role, X-User-Roles, X-User-Groups, X-Roles, X-Scopes, X-Gatehouse-Subject",
        "X-Auth-User, X-Auth-Username, X-Auth-Email, X-Auth-Roles, X-Auth-Subject-Extra",
        "Remote-Groups, X-Remote-Group, X-Remote-Extra-Scopes, X-Authentik-Username",
        "X-Credential-Identifier, X-Goog-IAP-JWT-Assertion, X-MS-CLIENT-PRINCIPAL-NAME",
        "Tailscale-User-Login, X-Pomerium-Jwt-Assertion, X-Vouch-User, X-Userinfo",
        "OIDC_CLAIM_sub, OIDC_CLAIM_email, OIDC_access_token, Shib-Session-ID, eppn",
        "SM_USER, SM-User, SM_USERDN, iv-user, iv-groups, iv-creds, OAM_REMOTE_USER",
        "X-Endpoint-API-UserInfo, X-Apigateway-Api-Userinfo, X-Appengine-User-Email",
        "X-JWT-Assertion, Teleport-Jwt-Assertion, X-ARR-ClientCert, X-Tls-Client-Cert",
        "X-Tls-Client-Cert-Infos, X-SSL-Cert, X-Client-S-DN, X-Remote-Groups, X-Remote-Name",
        "X-Remote-Email, X-Authenticated, X-Username, X-UserId, X-Email, X-Groups, X-Role, X-Scope"
      })
  void identityFieldsOfOtherGatewaysAreRemovedInEverySpelling(String names) throws Exception {
    StringBuilder request = new StringBuilder("GET /public HTTP/1.1\r\nHost: localhost\r\n");
    for (String name : names.split(", ", -1)) {
      for (String spelled : List.of(name, name.toLowerCase(Locale.ROOT), name.replace('-', '_'))) {
        request.append(spelled).append(": 666\r\n");
      }
    }

    RawMessage got =
        forwarded(
            request
                + "X-Auth-Token: theirs\r\nX-Auth: theirs\r\nX-Scope-OrgID: 1\r\nX-Users: 7\r\n\r\n");

    assertThat(got.head()).doesNotContain("666");
    assertThat(got.fields("X-Auth-Token")).containsExactly("theirs");
    assertThat(got.fields("X-Auth")).containsExactly("theirs");
    assertThat(got.fields("X-Scope-OrgID")).containsExactly("1");
    assertThat(got.fields("X-Users")).containsExactly("7");
  }

  @Test
  void routeKeepsAndRemovesWhatItNamesAndNothingThatTheGateDecides() throws Exception {
    RawMessage got =
        forwarded(
            "POST /own-rules HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                + "X-Forwarded-User: alice\r\nX-User-Id: 7\r\nX-Auth-Email: a@example.com\r\n"
                + "X-User-Email: 666\r\nx_user_email: 666\r\nX-Team-Name: 666\r\n"
                + "X-Auth-Token: 666\r\nCookie: a=666\r\nContent-Type: 666\r\n"
                + "X-Auth-Subject: 666\r\nX-Gatehouse-Subject: 666\r\nX-Forwarded-For: 666\r\n"
                + "X-Roles: 666\r\nX-Auth-Roles: "
                + SECRET
                + "\r\nX-User-Name: 666\r\nConnection: X-User-Name\r\n\r\nhi");

    assertThat(got.head()).doesNotContain("666").doesNotContain(BODY);
    assertThat(got.fields("X-Forwarded-User")).containsExactly("alice");
    assertThat(got.fields("X-User-Id")).containsExactly("7");
    assertThat(got.fields("X-Auth-Email")).containsExactly("a@example.com");
    assertThat(got.fields("Content-Length")).containsExactly("2");
    assertThat(got.fields("Host")).containsExactly("localhost");
  }

  @Test
  void identityFieldsAsTrailersReachNoUpstream() throws Exception {
    RawMessage got =
        forwarded(
            "POST /public HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                + "Trailer: X-Auth-Subject\r\n\r\n2\r\nhi\r\n0\r\nX-Auth-Subject: admin\r\n"
                + "Gatehouse-Identity: admin\r\n\r\n");
    assertThat(got.names()).doesNotContain("x-auth-subject", "trailer");
    try (RawClient again = house.connect()) {
      // The upstream's connection is still in step: no trailer was left lying in it.
      assertThat(again.ask("GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
          .isEqualTo(200);
    }
    assertThat(upstream.next().startLine()).isEqualTo("GET /public HTTP/1.1");
  }

  @Test
  void aConnectionFieldCanNotRemoveWhatTheGateSets() throws Exception {
    RawMessage got =
        forwarded(
            "POST / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\nContent-Length: 2\r\n"
                + "X-Drop: me\r\nConnection: X-Drop, X-Auth-Subject, Gatehouse-Identity\r\n"
                + "Connection: X-Forwarded-For,Content-Length , Host\r\n\r\nhi");
    assertThat(got.fields("X-Auth-Subject")).containsExactly("u_alice");
    assertThat(got.names()).contains("gatehouse-identity", "x-forwarded-for", "host");
    assertThat(got.fields("Content-Length")).containsExactly("2");
    assertThat(got.names()).doesNotContain("x-drop");
    assertThat(got.fields("Connection")).isEmpty();
  }

  // RFC 9110 §7.6.1.
  @Test
  void cookieOrAuthorizationThatConnectionNamesIsNotForwarded() throws Exception {
    RawMessage got =
        forwarded(
            "GET /basic HTTP/1.1\r\nHost: localhost\r\nAuthorization: Custom abc\r\nCookie: a=1\r\n"
                + "Cookie: b=2\r\nX-Kept: 1\r\nConnection: Cookie, authorization\r\n\r\n");
    assertThat(got.names()).contains("x-kept").doesNotContain("cookie", "authorization");
  }

  @Test
  void cookieThatConnectionOfTheUpstreamNamesIsNotForwarded() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(
              out,
              "200 OK",
              "Set-Cookie: a=1\r\nX-Kept: 1\r\nConnection: set-cookie, Content-Length\r\n",
              "ok");
          return true;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.names()).contains("x-kept").doesNotContain("set-cookie");
      assertThat(answer.body()).isEqualTo("ok");
    }
  }

  @Test
  void aConnectionFieldThatNamesTooMuchIsRefused() throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask(
              "GET /public HTTP/1.1\r\nHost: localhost\r\nConnection: "
                  + "a,".repeat(20)
                  + "b\r\n\r\n");
      assertThat(answer.status()).isEqualTo(400);
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void authorizationPassesOnlyWhereTheRouteSaysSoAndTheSchemeIsNotOurs() throws Exception {
    assertThat(forwarded(withAuthorization("/basic", "Custom abc")).fields("Authorization"))
        .containsExactly("Custom abc");
    assertThat(forwarded(withAuthorization("/public", "Custom abc")).fields("Authorization"))
        .isEmpty();
    for (String ours :
        List.of("ApiKey x", "apikey x", "BEARER x", "basic eA==", "Bearer\tx", "ApiKey")) {
      assertThat(forwarded(withAuthorization("/basic", ours)).fields("Authorization"))
          .as(ours)
          .isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Authorization: Custom SECRET",
        "Authorization: Custom key=\"SECRET\", realm=x",
        "Authorization: SECRET",
        "X-Auth-Token: SECRET",
        "Sec-WebSocket-Protocol: bearer, SECRET",
        "Sec-WebSocket-Protocol: bearer.SECRET",
        "X-Auth-Token: SECRET-",
        "X-Auth-Token: %73k_live_BODY",
        "Cookie: a=1; key=%2573k%255flive_BODY; b=2",
        "Cookie: key=SECRET",
        "Cookie: a=1; key=\"SECRET\"; b=2",
        "Referer: https://localhost/page?key=SECRET",
        "Cookie: tokens=%7B%22refreshToken%22%3A%22SECRET%22%7D",
        "Referer: https://localhost/login?return=%2Fapp%3Ft%3DSECRET",
        "SECRET: 1",
      })
  void noFieldTakesAnOwnSecretToTheUpstream(String field) throws Exception {
    RawMessage got =
        forwarded(
            "GET /basic HTTP/1.1\r\nHost: localhost\r\n"
                + field.replace("SECRET", SECRET).replace("BODY", BODY)
                + "\r\n\r\n");
    assertThat(got.head()).doesNotContain(BODY);
    assertThat(got.fields("Cookie"))
        .isEqualTo(field.contains("a=1") ? List.of("a=1; b=2") : List.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DPoP TOKEN",
        "Custom key=\"TOKEN\"",
        "Custom TOKEN=",
        "TOKEN",
        "Negotiate xxTOKEN"
      })
  void noAuthorizationTakesAnOwnAccessTokenToTheUpstream(String value) throws Exception {
    String foreign = value.replace("TOKEN", token("https://id.example"));
    assertThat(forwarded(withAuthorization("/basic", foreign)).fields("Authorization"))
        .containsExactly(foreign);
    String own = value.replace("TOKEN", token(ISSUER));
    assertThat(forwarded(withAuthorization("/basic", own)).fields("Authorization")).isEmpty();
  }

  @Test
  void noPasswordOfBasicTakesAnOwnSecretToTheUpstream() throws Exception {
    try (TestHouse another =
            TestHouse.plan()
                .withoutTokens()
                .settings(GatewaySettings.DEFAULT.withOwnSecrets(OWN_SECRETS, ISSUER))
                .route(TestHouse.open("/", passingAuthorization(upstream.base())))
                .build();
        RawClient client = another.connect()) {
      String foreign = basic("a:" + token("https://id.example"));
      client.ask(withAuthorization("/", foreign));
      assertThat(upstream.next().fields("Authorization")).containsExactly(foreign);
      for (String own :
          List.of(
              basic("a:" + token(ISSUER)),
              basic("a:x" + token(ISSUER)),
              basic(token(ISSUER) + ":"),
              basic("a:" + SECRET),
              basic("a:%73k_live_" + BODY),
              "Basic " + SECRET,
              "Bearer " + token(ISSUER),
              "Bearer bearer." + SECRET)) {
        client.ask(withAuthorization("/", own));
        assertThat(upstream.next().fields("Authorization")).as(own).isEmpty();
      }
    }
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static String token(String issuer) {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    return Stream.of(
            "{\"alg\":\"ES256\"}", "{\"iss\":\"" + issuer + "\",\"sub\":\"a\"}", "a signature")
        .map(part -> encoder.encodeToString(part.getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining("."));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public?x=SECRET",
        "/public/SECRET",
        "/public?x=a%20SECRET",
        "/public/%22SECRET%22",
        "/public?n=%252Fx%253Ft%253DSECRET",
        "/public?SECRET=1",
        "/public?SECRET",
        "/public?n=%ZZSECRET",
        "/public?n=%ZZ%73k%5Flive%5FBODY",
        "/public?n=%2573k%255Flive%255FBODY",
        "/public?n=x.SECRET",
        "/public/%73k_live_BODY",
      })
  void targetThatHoldsAnOwnSecretIsRefused(String target) throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask(
              "GET "
                  + target.replace("SECRET", SECRET).replace("BODY", BODY)
                  + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.body()).doesNotContain(BODY);
      String id = new JsonObject(answer.body()).getString("id");
      assertThat(RecentRefusals.ofThisProcess().find(id).orElseThrow().toString())
          .contains(target.startsWith("/public/") ? "GET /public/..." : "GET /public")
          .doesNotContain(BODY);
    }
    assertThat(upstream.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /.well-known/oauth-protected-resource/SECRET HTTP/1.1|Host: localhost",
        "GET /..%2f/%73k_live_BODY HTTP/1.1|Host: localhost",
        "GET /SECRET HTTP/1.1|Host: localhost",
        "GET /public HTTP/1.1|Host: localhost|Bearer SECRET: x",
        "GET /public HTTP/1.1|Host: localhost|Bearer SECRET",
        "GET /public HTTP/1.1|Host: localhost|Content-Length: SECRET",
        "GET /public HTTP/SECRET|Host: localhost",
      })
  void noRecordOfARefusalHoldsASecret(String request) throws Exception {
    assertThat(recordOf(house, request)).isNotEmpty().doesNotContain(BODY);
  }

  @Test
  void noRecordOfWhatCameInClearTextHoldsASecret() throws Exception {
    try (TestHouse behind =
        TestHouse.plan()
            .plain()
            .trustedProxies(Network.parse("127.0.0.0/8"), Network.parse("::1"))
            .route(TestHouse.open("/", Upstream.of(upstream.base())))
            .build()) {
      assertThat(
              recordOf(
                  behind,
                  "GET /a/SECRET HTTP/1.1|Host: localhost|X-Forwarded-For: 192.0.2.7"
                      + "|X-Forwarded-Proto: http"))
          .contains("GET /a/...", "clear text")
          .doesNotContain(BODY);
    }
  }

  private static String recordOf(TestHouse house, String request) throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask(
              request.replace("SECRET", SECRET).replace("BODY", BODY).replace("|", "\r\n")
                  + "\r\n\r\n");
      assertThat(answer.body()).doesNotContain(BODY);
      String id = new JsonObject(answer.body()).getString("id");
      return RecentRefusals.ofThisProcess().find(id).orElseThrow().toString();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /public HTTP/1.1|Host: SECRET",
        "GET /public HTTP/1.1|Host: SECRET:8443",
        "GET /public HTTP/1.1|Host: SECRET.example",
        "GET /public HTTP/1.1|Host: api.SECRET.example",
        "GET https://SECRET/public HTTP/1.1|Host: SECRET",
      })
  void authorityThatHoldsAnOwnSecretIsRefused(String request) throws Exception {
    assertThat(recordOf(house, request)).contains("MALFORMED_REQUEST").doesNotContain(BODY);
    assertThat(upstream.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {":authority=SECRET.example", "host=SECRET.example"})
  void http2AuthorityThatHoldsAnOwnSecretIsRefused(String authority) throws Exception {
    try (RawClient client = Http2Frames.begin(house.connect("h2"))) {
      client.send(
          Http2Frames.frame(
              Http2Frames.HEADERS,
              Http2Frames.END_HEADERS | Http2Frames.END_STREAM,
              1,
              Http2Frames.fields(
                  ":method=GET|:scheme=https|:path=/public|"
                      + authority.replace("SECRET", SECRET))));
      // Each answer has a body.
      String body = Http2Frames.readUntil(client.in(), Http2Frames.DATA).payload().toString();
      assertThat(body).contains("MALFORMED_REQUEST").doesNotContain(BODY);
    }
    assertThat(upstream.requests()).isZero();
  }

  private static String withAuthorization(String path, String value) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + value + "\r\n\r\n";
  }

  @Test
  void theUpstreamsOwnAuthorityAndPrefixAreUsedWhereTheRouteSaysSo() throws Exception {
    RawMessage got = forwarded("GET /basic/a HTTP/1.1\r\nHost: api.example\r\n\r\n");
    assertThat(got.startLine()).isEqualTo("GET /prefix/basic/a HTTP/1.1");
    assertThat(got.fields("Host")).containsExactly("localhost:" + upstream.base().getPort());
    assertThat(got.fields("X-Forwarded-Host")).containsExactly("api.example");
  }

  @Test
  void whatTheUpstreamSaysOfItsConnectionAndInTheGatesNameIsRemoved() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(
              out,
              "200 OK",
              "Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                  + "Proxy-Authenticate: Basic\r\nSet-Cookie: __Host-gatehouse=evil; Path=/\r\n"
                  + "Set-Cookie: __host-gatehouse=evil\r\nSet-Cookie:  __Host-gatehouse =evil\r\n"
                  + "Set-Cookie: __Host-gatehouse-signin-abcdefgh=evil\r\n"
                  + "Set-Cookie: =__Host-gatehouse=evil; Path=/\r\nSet-Cookie: __Host-gatehouse\r\n"
                  + "Set-Cookie: \t=\t =__host-Gatehouse-x=evil\r\n"
                  + "Set-Cookie: mine=1\r\nGatehouse-Identity: echo\r\nAlt-Svc: h3=\":443\"\r\n"
                  + "Upgrade: h2c\r\nTrailer: X\r\nX-Kept: yes\r\n",
              "ok");
          return true;
        });
    try (RawClient client = house.connect()) {
      RawMessage answer =
          client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n\r\n");
      assertThat(answer.names())
          .doesNotContain(
              "x-hop",
              "keep-alive",
              "proxy-authenticate",
              "gatehouse-identity",
              "alt-svc",
              "upgrade",
              "trailer",
              "connection");
      assertThat(answer.fields("Set-Cookie")).containsExactly("mine=1");
      assertThat(answer.fields("X-Kept")).containsExactly("yes");
      assertThat(answer.fields("Cache-Control")).containsExactly("private");
    }
  }

  @Test
  void anAnswerIsPrivateOnlyToWhomTheGateKnowsAndUnlessTheUpstreamSaidOtherwise() throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(
              client.ask("GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n").fields("Cache-Control"))
          .isEmpty();
      upstream.serve(
          (head, in, out) -> {
            RawUpstream.answer(out, "200 OK", "Cache-Control: public, max-age=60\r\n", "ok");
            return true;
          });
      assertThat(
              client
                  .ask("GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n\r\n")
                  .fields("Cache-Control"))
          .containsExactly("public, max-age=60");
    }
  }

  @Test
  void refusalIsAProblemDocumentWithALineForEachChallenge() throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.fields("WWW-Authenticate"))
          .containsExactly("ApiKey realm=\"test\"", "Bearer realm=\"test\"");
      assertThat(answer.fields("Content-Type")).containsExactly("application/problem+json");
      assertThat(answer.fields("Cache-Control")).containsExactly("no-store");
      assertThat(answer.body()).contains("\"code\":\"NO_CREDENTIALS\"", "\"id\":\"r_");
      // The connection goes on.
      assertThat(
              client.ask("GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n\r\n").status())
          .isEqualTo(200);
    }
    assertThat(upstream.requests()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public/..%2forders",
        "/public/..%5corders",
        "/public\\..\\orders",
        "/public/%00",
        "/public;x",
        "/public/%c0%ae%c0%ae/orders",
        "/public/%e0%80%af",
        "/public/%zz",
        "/public/%2",
        "/../public",
        "/public/\u00e4",
        "/public#x",
        "/public?a\u007fb",
        "/%2e%2e/%2e%2e/etc",
        "/public/%0d%0aX:1"
      })
  void pathsThatServersReadDifferentlyAreRefused(String target) throws Exception {
    try (RawClient client = house.connect()) {
      RawMessage answer = client.ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(answer.status()).isEqualTo(400);
    }
    assertThat(upstream.requests()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public/../orders",
        "/public/%2e%2e/orders",
        "//orders",
        "/public/..//./orders",
        "/PUBLIC/../orders"
      })
  void thePathThatIsMatchedIsTheOneForwarded(String target) throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(client.ask("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n").status())
          .isEqualTo(401);
    }
    assertThat(upstream.requests()).isZero();
    RawMessage got =
        forwarded(
            "GET " + target + "?q=/../x HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n\r\n");
    assertThat(got.startLine()).isEqualTo("GET /orders?q=/../x HTTP/1.1");
  }

  @Test
  void http2RequestsAreHeldToTheSamePolicy() throws Exception {
    try (HttpClient client = house.client(HttpClient.Version.HTTP_2)) {
      HttpResponse<String> answer =
          client.send(
              house
                  .request("/orders?x=1")
                  .header("X_Auth_Subject", "admin")
                  .header("Cookie", "__Host-gatehouse=secret; a=1")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("cache-control")).contains("private");
    }
    RawMessage got = upstream.next();
    assertThat(got.startLine()).isEqualTo("GET /orders?x=1 HTTP/1.1");
    assertThat(got.fields("Host")).containsExactly("localhost:" + house.port());
    assertThat(got.fields("Cookie")).containsExactly("a=1");
    assertThat(got.fields("X-Auth-Subject")).containsExactly("u_alice");
    assertThat(got.names())
        .doesNotContain("transfer-encoding", "content-length", "x_auth_subject", "x-api-key");
  }

  @Test
  void aListedProxyNamesTheClientAndAnybodyElseDoesNot() throws Exception {
    try (TestHouse behind =
        TestHouse.plan()
            .plain()
            .trustedProxies(
                Network.parse("127.0.0.0/8"), Network.parse("::1"), Network.parse("10.0.0.0/8"))
            .route(TestHouse.open("/", Upstream.of(upstream.base())))
            .build()) {
      try (RawClient client = behind.connect()) {
        client.ask(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 6.6.6.6, 192.0.2.7:4711\r\n"
                + "X-Forwarded-For: 10.1.1.1\r\nX-Forwarded-Proto: https\r\n\r\n");
        RawMessage got = upstream.next();
        assertThat(got.fields("X-Forwarded-For")).containsExactly("192.0.2.7");
        assertThat(got.fields("X-Forwarded-Proto")).containsExactly("https");
        assertThat(got.head()).doesNotContain("6.6.6.6");

        client.ask(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 2001:db8::1, junk\r\n\r\n");
        assertThat(upstream.next().fields("X-Forwarded-For").getFirst())
            .doesNotContain("2001")
            .doesNotContain("junk");
      }
    }
    assertThat(
            forwarded("GET /public HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n")
                .head())
        .doesNotContain("6.6.6.6");
  }

  @Test
  void wrongKeysFromManySubnetsOfOneIpv6SiteAreThrottledAndThoseOfAnotherSiteAreNot()
      throws Exception {
    try (TestHouse behind =
            TestHouse.plan()
                .plain()
                .trustedProxies(Network.parse("127.0.0.0/8"), Network.parse("::1"))
                .failedAttemptsPerMinute(5)
                .route(TestHouse.guarded(Upstream.of(upstream.base())))
                .build();
        RawClient client = behind.connect()) {
      int refused = 0;
      for (int i = 0; i < 40; i++) {
        int status = wrongKeyFrom(client, "2001:db8:1:" + Integer.toHexString(i * 256) + "::1");
        assertThat(status).isIn(401, 429);
        refused += status == 401 ? 1 : 0;
      }
      assertThat(refused).as("four times what one subnet may").isBetween(20, 39);
      assertThat(wrongKeyFrom(client, "2001:db8:2::1")).isEqualTo(401);
    }
  }

  private static int wrongKeyFrom(RawClient client, String address) throws Exception {
    return client
        .ask(
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: wrong\r\nX-Forwarded-For: "
                + address
                + "\r\nX-Forwarded-Proto: https\r\n\r\n")
        .status();
  }

  private static RawMessage forwarded(String request) throws Exception {
    try (RawClient client = house.connect()) {
      assertThat(client.ask(request).status()).isEqualTo(200);
    }
    return upstream.next();
  }
}
