package dev.gatehouse.server.provider;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Network;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.tls.TrustedCertificates;
import dev.gatehouse.server.wire.HostileProvider;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What [OpenIdProvider] believes of a provider that is on the other side of a real connection.
class OpenIdProviderTest {

  private static final Vertx VERTX = Vertx.vertx();

  @AfterAll
  static void closeVertx() {
    VERTX.close().await();
  }

  private static final URI REDIRECT = URI.create("https://api.example.com/auth/acme/callback");

  private static final SecretForm OWN = SecretForm.base62("rt_");

  @TempDir private static Path temp;
  @AutoClose private static HostileProvider provider;
  private static TrustedCertificates trust;

  @AutoClose private ForeignHttp http;
  private final AtomicLong nanos = new AtomicLong();

  @BeforeAll
  static void start() throws Exception {
    provider = new HostileProvider();
    trust = TrustedCertificates.read(provider.certificateIn(temp));
  }

  @BeforeEach
  void behave() {
    provider.behave();
    http =
        ForeignHttp.to(
            new ForeignHttp.Peer(
                provider.issuer("acme"),
                new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"))),
                trust),
            VERTX);
  }

  private OpenIdProvider provider(boolean google) {
    Ticker ticker = nanos::get;
    return new OpenIdProvider(
        new Client(
            "acme",
            "Acme",
            provider.issuer("acme"),
            "gate",
            HostileProvider.SECRET,
            List.of("openid", "email"),
            new OwnSecrets(List.of(OWN))),
        http,
        google,
        Clock.systemUTC(),
        ticker);
  }

  @Test
  void ownSecretInPlaceOfACodeIsNotSentToTheProvider() throws Exception {
    AttemptSecrets secrets = AttemptSecrets.random();
    OpenIdProvider acme = provider(false);
    Map<String, List<String>> answer =
        new HashMap<>(
            HostileProvider.query(
                provider.approve(acme.authorization(secrets, REDIRECT).toString()).toString()));
    String secret = OWN.random();
    answer.put("code", List.of(secret));
    assertThatThrownBy(() -> acme.prove(answer, secrets, REDIRECT))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("a secret of this gate")
        .hasMessageNotContaining(secret);
    assertThat(provider.requests.toString()).doesNotContain(secret);
  }

  @Test
  void messageOfTheTokenEndpointIsNotQuotedWithTheCode() {
    provider.instead.put(
        "/acme/token",
        exchange -> {
          String body = new String(exchange.getRequestBody().readAllBytes(), US_ASCII);
          HostileProvider.json(
              exchange,
              400,
              new JsonObject()
                  .put("error", "invalid_grant")
                  .put("error_description", "what is " + body.replace('&', ' ') + "?")
                  .encode());
        });
    AttemptSecrets secrets = AttemptSecrets.random();
    OpenIdProvider acme = provider(false);
    assertThatThrownBy(
            () -> {
              URI back = provider.approve(acme.authorization(secrets, REDIRECT).toString());
              acme.prove(HostileProvider.query(back.toString()), secrets, REDIRECT);
            })
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("invalid_grant: what is ")
        .hasMessageContaining("code=…")
        .hasMessageNotContaining(secrets.codeVerifier());
  }

  @Test
  void ownSecretIsNoTokenOfAProvider() {
    provider.tokens = tokens -> tokens.put("access_token", OWN.random());
    assertThatThrownBy(() -> signIn(provider(false)))
        .isInstanceOf(ProviderException.class)
        .hasMessageContaining("a secret of this gate");
  }

  private static Proven signIn(OpenIdProvider with) throws ProviderException {
    AttemptSecrets secrets = AttemptSecrets.random();
    URI back = provider.approve(with.authorization(secrets, REDIRECT).toString());
    return with.prove(HostileProvider.query(back.toString()), secrets, REDIRECT);
  }

  @Test
  void googleVouchesForItsOwnAddressesAndThoseOfOrganisationsThatItHostsOnly() throws Exception {
    OpenIdProvider google = provider(true);
    provider.email = "alice@left-the-company.example";
    assertThat(signIn(google).who().emailVerified()).isFalse();
    assertThat(signIn(provider(false)).who().emailVerified()).isTrue();
    provider.claims = HostileProvider.with("hd", "example.com");
    assertThat(signIn(google).who().emailVerified()).isTrue();
    provider.behave();
    provider.email = "Alice@Gmail.com";
    assertThat(signIn(google).who().emailVerified()).isTrue();
    provider.email = "alice@gmail.com.evil.example";
    assertThat(signIn(google).who().emailVerified()).isFalse();
  }

  @Test
  void pitfall49WhileTheProviderIsDownItsDocumentAndKeysAreKept() throws Exception {
    OpenIdProvider acme = provider(false);
    signIn(acme);
    nanos.addAndGet(java.time.Duration.ofHours(2).toNanos()); // both are to be read again
    provider.instead.put(
        "/acme/jwks", exchange -> HostileProvider.answer(exchange, 500, "text/plain", "down"));
    provider.instead.put(
        "/acme/.well-known/openid-configuration",
        exchange -> HostileProvider.answer(exchange, 200, "text/html", "<p>Maintenance"));
    assertThat(signIn(acme).who().subject()).isEqualTo("alice-there");
  }

  @Test
  void pitfall49UnknownKeysMakeNoFloodOfQuestions() throws Exception {
    OpenIdProvider acme = provider(false);
    signIn(acme);
    provider.requests.clear();
    provider.sign = set -> HostileProvider.signedBy(HostileProvider.newKey("unknown"), set);
    for (int i = 0; i < 8; i++) {
      assertThatThrownBy(() -> signIn(acme)).isInstanceOf(ProviderException.class);
    }
    assertThat(provider.requests)
        .filteredOn(request -> request.equals("/acme/jwks"))
        .hasSizeLessThanOrEqualTo(IssuerKeys.IN_A_ROW);
  }

  @Test
  void whatWasIssuedIsKeptAsTheProviderSaidIt() throws Exception {
    provider.tokens =
        answer ->
            answer.put("scope", "openid repo").put("refresh_token", "rt").put("expires_in", 60);
    Proven proven = signIn(provider(false));
    assertThat(proven.token().scopes()).containsExactly("openid", "repo");
    assertThat(proven.token().refreshToken()).isEqualTo("rt");
    assertThat(proven.token().expiresAt()).isNotNull();
    assertThat(proven.toString())
        .doesNotContain(proven.token().accessToken())
        .doesNotContain("rt\"");

    provider.tokens = answer -> answer.put("scope", "openid");
    assertThat(provider(false).refresh(proven.token()))
        .satisfies(
            fresh -> {
              assertThat(fresh.accessToken()).startsWith("refreshed-");
              assertThat(fresh.refreshToken()).as("the old one stays good").isEqualTo("rt");
              assertThat(fresh.scopes()).containsExactly("openid");
            });
  }

  @Test
  void whatMayStandInNoFieldIsNoToken() {
    for (String token : List.of("a\r\nX-Evil: 1", "a b", "x".repeat(9_000))) {
      provider.tokens = answer -> answer.put("access_token", token);
      assertThatThrownBy(() -> signIn(provider(false)))
          .as(token)
          .isInstanceOf(ProviderException.class)
          .hasMessageNotContaining(token);
    }
    provider.tokens = answer -> answer.put("token_type", "DPoP");
    assertThatThrownBy(() -> signIn(provider(false))).isInstanceOf(ProviderException.class);
  }
}
