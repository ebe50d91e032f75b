package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Gate;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeyStore;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.CredentialTerms;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.JwtSettings;
import dev.gatehouse.jwt.TokenPairIssuance;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CurrentClientTrust;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.VerifiedIdentity;
import dev.gatehouse.password.PasswordHashes;
import dev.gatehouse.password.PasswordSettings;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.store.SqlDatabase;
import dev.gatehouse.testkit.FixedClock;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.throttle.SignInAttempts;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The account page's paths over the wire, on real stores and a clock that stands still.
@Timeout(60)
class AccountPathsTest {

  private static final String PASSWORD = "correct horse battery";

  @TempDir private Path temp;

  private final FixedClock clock =
      FixedClock.at(Instant.now().truncatedTo(ChronoUnit.MILLIS)); // the gate's own goes on
  private final AtomicBoolean down = new AtomicBoolean();
  private final Roles roles = new Roles(Map.of());
  private final SessionSettings settings = SessionSettings.inRealm("orders");
  private final PasswordSettings cheap = PasswordSettings.DEFAULT.withBcryptCost(10);
  private final PasswordHashes hashes = new PasswordHashes(cheap);

  private SqlDatabase database;
  private Accounts accounts;
  private Passwords passwords;
  private Sessions sessions;
  private Tokens tokens;
  private ApiKeys apiKeys;
  private SignatureKeys signatureKeys;
  private ClientCertificates certificates;
  private Links links;
  private Admissions admissions;
  private TestHouse house;
  private HttpClient client;

  @BeforeEach
  void start() {
    database = SqlDatabase.open(temp.resolve("records.db"));
    accounts = new Accounts(database.accounts(), roles, clock);
    Ticker ticker = Ticker.systemTicker();
    passwords =
        new Passwords(
            cheap,
            OwnSecrets.NONE,
            hashes,
            database.passwords(),
            accounts,
            new SignInAttempts(1_000, 1_000, new FailedAttempts(1_000, ticker), ticker),
            clock);
    sessions = new Sessions(settings, database.sessions(), clock);
    Seal seal = new Seal(RandomIds.bytes(32));
    apiKeys =
        new ApiKeys(ApiKeySettings.inRealm("orders"), failing(database.apiKeys()), accounts, clock);
    signatureKeys =
        new SignatureKeys(database.signatureKeys(), accounts, seal, OwnSecrets.NONE, clock);
    certificates =
        new ClientCertificates(
            database.clientCertificates(),
            accounts,
            new CurrentClientTrust(new ClientTrust(List.of(), List.of())),
            null,
            "gate.example",
            clock);
    JwtSettings jwt = JwtSettings.of("https://gate.example", "https://gate.example", "orders");
    tokens =
        new Tokens(
            jwt,
            new AccessTokens(
                jwt,
                new SigningKeys(
                    database.signingKeys(),
                    seal,
                    AccessTokens.PURPOSE,
                    SigningAlgorithm.ES256,
                    Duration.ofDays(30),
                    Duration.ofHours(2),
                    clock),
                clock),
            database.tokens(),
            roles,
            (id, path) -> apiKeys.standing(id),
            clock,
            new RateLimits(ticker));
    links =
        new Links(
            database.links(),
            new Invitations(database.invitations(), accounts, clock),
            accounts,
            clock);
    Gate gate =
        Gate.inProcess(
            database.feed(),
            1_000,
            new SessionAuthenticator(settings, database.sessions(), roles, clock));
    admissions = new Admissions(gate, 100);
    List<AccountItems.Issuer> providers =
        List.of(
            new AccountItems.Issuer("https://github.example", "github", "GitHub"),
            new AccountItems.Issuer("https://acme.example", "acme", "Acme"));
    house =
        TestHouse.plan()
            .ownPaths(
                new AccountPaths(
                        admissions,
                        new SignInServices(accounts, passwords, sessions, clock),
                        new SignInSite(new Pages("", "orders"), "", false, 12),
                        new AccountItems(
                            new AccountItems.Sources(
                                sessions, tokens, apiKeys, signatureKeys, certificates),
                            new AccountItems.Providers(links, providers),
                            clock))
                    .paths())
            .build();
    client = house.client(HttpClient.Version.HTTP_1_1);
    person("alice");
    person("mallory");
  }

  // The same store, which can be made to fail.
  private ApiKeyStore failing(ApiKeyStore real) {
    return (ApiKeyStore)
        Proxy.newProxyInstance(
            ApiKeyStore.class.getClassLoader(),
            new Class<?>[] {ApiKeyStore.class},
            (proxy, method, arguments) -> {
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getTargetException();
              }
            });
  }

  @AfterEach
  void end() {
    client.shutdownNow();
    house.close();
    admissions.close();
    hashes.close();
    database.close();
  }

  private void person(String name) {
    accounts.add(Account.Kind.PERSON, name, name + "@example.com", Set.of(), Scopes.NONE);
  }

  private Account account(String name) {
    return accounts.find(name).orElseThrow();
  }

  private Sessions.Begun session(String name, String agent) throws Exception {
    return sessions.begin(
        new SignIn(account(name), "pw_1"), agent, InetAddress.getByName("192.0.2.7"));
  }

  private static String cookie(Sessions.Begun session) {
    return SessionAuthenticator.COOKIE + "=" + session.secret();
  }

  private CredentialIssuance.Issued<StoredApiKey> apiKey(String owner, String name) {
    return (CredentialIssuance.Issued<StoredApiKey>)
        apiKeys.issue(new CredentialRequest(owner, name, null, null, List.of(), null));
  }

  private CredentialIssuance.Issued<StoredSignatureKey> signatureKey(String owner, String name) {
    return (CredentialIssuance.Issued<StoredSignatureKey>)
        signatureKeys.issue(
            new SignatureKeys.Request(
                new CredentialRequest(owner, name, null, null, List.of(), null),
                new SignatureKeys.Material.NewSecret(),
                null,
                Set.of()));
  }

  private String certificate(String owner, String name) {
    IssuedCredential<StoredClientCertificate> stored =
        new IssuedCredential<>(
            RandomIds.next(StoredClientCertificate.KIND.idPrefix()),
            account(owner).id(),
            new CredentialTerms(name, Scopes.NONE, null, List.of(), null),
            new StoredClientCertificate(
                "ca", CertificateName.of(CertificateName.Kind.DNS, name + ".example"), null),
            clock.instant());
    database.clientCertificates().add(stored);
    return stored.id();
  }

  private String link(String name, String provider) {
    return ((Links.LinkResult.Linked)
            links.link(
                account(name),
                new VerifiedIdentity(
                    provider,
                    "https://" + provider + ".example",
                    name,
                    null,
                    false,
                    name + "-there",
                    new TreeSet<>())))
        .link()
        .id();
  }

  /// One of everything; ids by the section in which each stands.
  private Map<String, String> everything(String name) throws Exception {
    Map<String, String> everything = new LinkedHashMap<>();
    everything.put("sessions", session(name, "Lynx/2.9").session().id());
    assertThat(tokens.signIn(new SignIn(account(name), "pw_1"), "phone", null))
        .isInstanceOf(TokenPairIssuance.Issued.class);
    everything.put("tokens", tokens.list(account(name).id(), null, 1).getFirst().family().id());
    everything.put("api-keys", apiKey(name, "ci of " + name).credential().id());
    everything.put("signature-keys", signatureKey(name, "signer of " + name).credential().id());
    everything.put("certificates", certificate(name, "laptop-of-" + name));
    link(name, "acme");
    everything.put("links", link(name, "github"));
    return everything;
  }

  private boolean isThere(String section, String id) {
    return switch (section) {
      case "sessions" -> sessions.find(id).isPresent();
      case "tokens" -> tokens.find(id).isPresent();
      case "api-keys" -> apiKeys.find(id).orElseThrow().revokedAt() == null;
      case "signature-keys" -> signatureKeys.find(id).orElseThrow().revokedAt() == null;
      case "certificates" -> certificates.find(id).orElseThrow().revokedAt() == null;
      default ->
          List.of("alice", "mallory").stream()
              .flatMap(name -> links.of(account(name).id()).stream())
              .anyMatch(link -> link.id().equals(id));
    };
  }

  @Test
  void showsEverythingOfThePersonAndNoSecretAndNothingOfOthers() throws Exception {
    Sessions.Begun here = session("alice", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0");
    CredentialIssuance.Issued<StoredApiKey> key = apiKey("alice", "the key <b>of</b> CI");
    CredentialIssuance.Issued<StoredSignatureKey> signer = signatureKey("alice", "signer");
    Map<String, String> hers = everything("alice");
    Map<String, String> others = everything("mallory");

    HttpResponse<String> answer = get("/account", cookie(here));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(answer.body())
        .contains(
            "alice@example.com",
            "Firefox on Linux",
            "This one",
            "Lynx/2.9",
            "192.0.2.7",
            "phone",
            "the key &lt;b&gt;of&lt;/b&gt; CI",
            key.credential().material().hint() + "…",
            "signer",
            "laptop-of-alice.example",
            "GitHub",
            "alice-there")
        .contains(hers.values())
        .doesNotContain(others.values())
        .doesNotContain("mallory", here.secret(), key.newSecret(), String.valueOf(signer.secret()))
        .doesNotContain(
            key.credential().material().digest().toString(),
            signer.credential().material().material());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sessions", "tokens", "api-keys", "signature-keys", "certificates", "links"})
  void eachKindIsEndedByItsOwnerAndNothingElseWithIt(String section) throws Exception {
    Sessions.Begun here = session("alice", "");
    Map<String, String> hers = everything("alice");
    Map<String, String> others = everything("mallory");

    HttpResponse<String> answer = post("/account/end", "id=" + hers.get(section), cookie(here));

    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location").orElseThrow()).startsWith("/account?done=");
    hers.forEach(
        (other, id) -> {
          // Unlinking ends every sign-in with it.
          if (!section.equals("links") || !List.of("sessions", "tokens").contains(other)) {
            assertThat(isThere(other, id)).as(other).isEqualTo(!other.equals(section));
          }
        });
    others.forEach((other, id) -> assertThat(isThere(other, id)).as(other).isTrue());
    assertThat(post("/account/end", "id=" + hers.get(section), next(answer, here)).statusCode())
        .as("once more")
        .isEqualTo(404);
  }

  // The cookie that a browser has after that answer.
  private static String next(HttpResponse<String> answer, Sessions.Begun before) {
    return answer
        .headers()
        .firstValue("Set-Cookie")
        .map(set -> set.split(";", 2)[0])
        .orElse(cookie(before));
  }

  @Test
  void whatIsSomebodyElsesIs404AndStays() throws Exception {
    Map<String, String> others = everything("mallory");
    String alice = cookie(session("alice", ""));
    String unknown = get("/account/end?id=k_none", alice).body();
    for (Map.Entry<String, String> other : others.entrySet()) {
      HttpResponse<String> answer = post("/account/end", "id=" + other.getValue(), alice);
      assertThat(answer.statusCode()).as(other.getKey()).isEqualTo(404);
      HttpResponse<String> page = get("/account/end?id=" + other.getValue(), alice);
      assertThat(page.statusCode()).as(other.getKey()).isEqualTo(404);
      assertThat(page.body()).as("as if it were not there").isEqualTo(unknown);
      assertThat(isThere(other.getKey(), other.getValue())).as(other.getKey()).isTrue();
    }
  }

  @Test
  void pageOfAnotherSiteEndsNothing() throws Exception {
    Sessions.Begun here = session("alice", "");
    Map<String, String> hers = everything("alice");
    for (Map.Entry<String, String> one : hers.entrySet()) {
      nothingIsEndedByAnotherSitesPage("id=" + one.getValue(), here);
      assertThat(isThere(one.getKey(), one.getValue())).as(one.getKey()).isTrue();
    }
    assertThat(get("/account", cookie(here)).statusCode()).as("signed in").isEqualTo(200);
    for (Map.Entry<String, String> one : hers.entrySet()) {
      get("/account/end?id=" + one.getValue(), cookie(here));
      assertThat(isThere(one.getKey(), one.getValue())).as("by a GET").isTrue();
    }
  }

  private void nothingIsEndedByAnotherSitesPage(String form, Sessions.Begun here) throws Exception {
    for (String[] fields :
        new String[][] {
          {},
          {"Sec-Fetch-Site", "cross-site"},
          {"Sec-Fetch-Site", "same-site"},
          {"Sec-Fetch-Site", "none"},
          {"Origin", "null"},
          {"Origin", "https://evil.example"}
        }) {
      for (String path : List.of("/account/end", "/account/sign-out")) {
        HttpRequest.Builder request =
            house
                .request(path)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Cookie", cookie(here))
                .header("Accept", "text/html")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        for (int i = 0; i < fields.length; i += 2) {
          request.header(fields[i], fields[i + 1]);
        }
        HttpResponse<String> answer = send(request);
        assertThat(answer.statusCode()).as(List.of(fields).toString()).isEqualTo(403);
        assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("CSRF");
      }
    }
  }

  @Test
  void whatDoesNotComeBackIsAskedForOnceMoreAndTakesARecentSignIn() throws Exception {
    Sessions.Begun here = session("alice", "");
    Map<String, String> hers = everything("alice");
    hers.keySet().removeAll(List.of("sessions", "tokens"));
    assertThat(hers).hasSize(4);

    for (String id : hers.values()) {
      HttpResponse<String> asked = get("/account/end?id=" + id, cookie(here));
      assertThat(asked.statusCode()).isEqualTo(200);
      assertThat(asked.body()).contains("this", "?</h1>", "value=\"" + id + "\"", "Cancel");
    }
    clock.advance(Person.RECENT_SIGN_IN_PERIOD.minusMillis(1));
    for (String id : hers.values()) {
      assertThat(get("/account/end?id=" + id, cookie(here)).statusCode())
          .as("just in time")
          .isEqualTo(200);
    }
    clock.advance(Duration.ofMillis(1));
    for (Map.Entry<String, String> one : hers.entrySet()) {
      String id = one.getValue();
      for (HttpResponse<String> late :
          List.of(
              get("/account/end?id=" + id, cookie(here)),
              post("/account/end", "id=" + id, cookie(here)))) {
        assertThat(late.statusCode()).isEqualTo(303);
        assertThat(late.headers().firstValue("Location"))
            .contains("/login?return=%2Faccount%2Fend%3Fid%3D" + id + "&again=yes");
      }
      assertThat(isThere(one.getKey(), id)).as(one.getKey()).isTrue();
    }
  }

  @Test
  void aSignInIsEndedByAnySessionHoweverOld() throws Exception {
    Sessions.Begun here = session("alice", "");
    Map<String, String> hers = everything("alice");
    clock.advance(Duration.ofMinutes(29));
    for (String section : List.of("sessions", "tokens")) {
      String id = String.valueOf(hers.get(section));
      assertThat(post("/account/end", "id=" + id, cookie(here)).statusCode()).isEqualTo(303);
      assertThat(isThere(section, id)).as(section).isFalse();
    }
  }

  @Test
  void whoeverEndsTheirOwnSessionIsSignedOutThere() throws Exception {
    Sessions.Begun here = session("alice", "");
    HttpResponse<String> answer = post("/account/end", "id=" + here.session().id(), cookie(here));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("You are signed out");
    assertThat(answer.headers().firstValue("Set-Cookie"))
        .contains("__Host-gatehouse=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    leadsToTheSignIn(get("/account", cookie(here)), "%2Faccount");
  }

  @Test
  void whoeverSignsOutEverywhereIsSignedOutOfEverything() throws Exception {
    Sessions.Begun here = session("alice", "");
    Map<String, String> hers = everything("alice");
    Sessions.Begun other = session("alice", "");
    Sessions.Begun mallory = session("mallory", "");

    HttpResponse<String> answer = post("/account/sign-out", "", cookie(here));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("signed out everywhere");
    assertThat(answer.headers().firstValue("Set-Cookie").orElseThrow()).contains("Max-Age=0");
    leadsToTheSignIn(get("/account", cookie(here)), "%2Faccount");
    leadsToTheSignIn(get("/account", cookie(other)), "%2Faccount");
    assertThat(tokens.standing(String.valueOf(hers.get("tokens")), null)).isEmpty();
    assertThat(isThere("api-keys", String.valueOf(hers.get("api-keys")))).isTrue();
    assertThat(get("/account", cookie(mallory)).statusCode()).isEqualTo(200);
  }

  @Test
  void theLastWayInIsNotUnlinkedAndThePageSaysWhatToDo() throws Exception {
    Sessions.Begun here = session("alice", "");
    String only = link("alice", "github");

    HttpResponse<String> answer = post("/account/end", "id=" + only, cookie(here));
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("only way to sign in", "Link another account");
    assertThat(isThere("links", only)).isTrue();
    assertThat(get("/account", cookie(here)).statusCode()).as("still signed in").isEqualTo(200);

    assertThat(passwords.set("alice", PASSWORD)).isInstanceOf(Passwords.Change.Done.class);
    assertThat(post("/account/end", "id=" + only, cookie(session("alice", ""))).statusCode())
        .isEqualTo(303);
    assertThat(isThere("links", only)).isFalse();
  }

  @Test
  void unlinkingSignsOutEverywhereButHere() throws Exception {
    Sessions.Begun here = session("alice", "");
    Sessions.Begun other = session("alice", "");
    link("alice", "acme");
    HttpResponse<String> answer =
        post("/account/end", "id=" + link("alice", "github"), cookie(here));

    String renewed = next(answer, here);
    assertThat(renewed).as("a new session").isNotEqualTo(cookie(here));
    assertThat(get("/account?done=unlinked", renewed).body()).contains("is unlinked");
    leadsToTheSignIn(get("/account", cookie(here)), "%2Faccount");
    leadsToTheSignIn(get("/account", cookie(other)), "%2Faccount");
    assertThat(sessions.list(account("alice").id(), null, 10))
        .filteredOn(sessions::isLive)
        .singleElement()
        .satisfies(
            owned -> assertThat(owned.session().signedInBy()).as("as before").isEqualTo("pw_1"));
  }

  @Test
  void onlyProvidersThatAreNotLinkedAreOffered() throws Exception {
    Sessions.Begun here = session("alice", "");
    assertThat(get("/account", cookie(here)).body())
        .contains("action=\"/auth/github/link\"", "action=\"/auth/acme/link\"");
    link("alice", "github");
    assertThat(get("/account", cookie(here)).body())
        .doesNotContain("action=\"/auth/github/link\"")
        .contains("action=\"/auth/acme/link\"", "Link Acme");
  }

  @Test
  void whatIsOverIsNotShownAndOfWhatIsThereNoMoreThanFits() throws Exception {
    Sessions.Begun here = session("alice", "");
    for (int i = 0; i < 120; i++) {
      apiKeys.revoke(apiKey("alice", "revoked").credential().id());
    }
    assertThat(get("/account", cookie(here)).body()).doesNotContain("revoked", "API keys");

    for (int i = 0; i < AccountItemKind.MAX_SHOWN; i++) {
      apiKey("alice", "good");
    }
    assertThat(count(get("/account", cookie(here)).body(), ">good<"))
        .isEqualTo(AccountItemKind.MAX_SHOWN);
    assertThat(get("/account", cookie(here)).body()).doesNotContain("more than are shown");
    apiKey("alice", "good");
    String body = get("/account", cookie(here)).body();
    assertThat(count(body, ">good<")).isEqualTo(AccountItemKind.MAX_SHOWN);
    assertThat(body).contains("more than are shown");
  }

  private static long count(String text, String part) {
    return Pattern.compile(Pattern.quote(part)).matcher(text).results().count();
  }

  @Test
  void whoeverIsNotSignedInIsLedToTheSignInAndBack() throws Exception {
    Sessions.Begun over = session("alice", "");
    sessions.end(over.session().id());
    for (String nobody :
        List.of("", cookie(over), SessionAuthenticator.COOKIE + "=session_" + "a".repeat(43))) {
      leadsToTheSignIn(get("/account", nobody), "%2Faccount");
      leadsToTheSignIn(post("/account/sign-out", "", nobody), "%2Faccount");
      leadsToTheSignIn(
          post("/account/end", "id=k_1%26x", nobody), "%2Faccount%2Fend%3Fid%3Dk_1%2526x");
    }
  }

  // It would follow a redirect and take the page for the answer.
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {"Accept, application/json", "Accept, */*", "-, -", "Sec-Fetch-Mode, cors"})
  void programThatIsNotSignedInGets401(String name, String value) throws Exception {
    Sessions.Begun here = session("alice", "");
    String key = apiKey("alice", "ci").credential().id();
    clock.advance(Person.RECENT_SIGN_IN_PERIOD);
    for (HttpRequest.Builder request :
        List.of(
            house.request("/account").GET(),
            house.request("/account").method("HEAD", HttpRequest.BodyPublishers.noBody()),
            house.request("/account/end?id=k_1").GET(),
            formOf("/account/end", "id=k_1"),
            formOf("/account/sign-out", ""),
            house.request("/account/end?id=" + key).header("Cookie", cookie(here)).GET(),
            formOf("/account/end", "id=" + key).header("Cookie", cookie(here)))) {
      if (name != null) {
        request.header(name, value);
      }

      HttpResponse<String> answer = send(request);

      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
      assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(answer.headers().firstValue("Location")).isEmpty();
    }
    assertThat(isThere("api-keys", key)).isTrue();
  }

  private HttpRequest.Builder formOf(String path, String form) {
    return house
        .request(path)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Sec-Fetch-Site", "same-origin")
        .POST(HttpRequest.BodyPublishers.ofString(form));
  }

  private static void leadsToTheSignIn(HttpResponse<String> answer, String back) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    assertThat(answer.headers().firstValue("Location")).contains("/login?return=" + back);
  }

  @Test
  void storeOutageShowsPageAndEndsNothing() throws Exception {
    Sessions.Begun here = session("alice", "");
    String key = apiKey("alice", "ci").credential().id();
    down.set(true);
    for (HttpResponse<String> answer :
        List.of(
            get("/account", cookie(here)),
            get("/account/end?id=" + key, cookie(here)),
            post("/account/end", "id=" + key, cookie(here)))) {
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(answer.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
      assertThat(answer.body()).contains("That did not work just now").doesNotContain("switched");
    }
    HttpResponse<String> program =
        send(house.request("/account").header("Cookie", cookie(here)).GET());
    assertThat(program.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(program.body()).getString("code")).isEqualTo("UNAVAILABLE");
    down.set(false);
    assertThat(isThere("api-keys", key)).isTrue();
    assertThat(get("/account", cookie(here)).statusCode()).as("still signed in").isEqualTo(200);
  }

  @Test
  void aPageSaysNothingThatTheRequestPutsInItsMouth() throws Exception {
    Sessions.Begun here = session("alice", "");
    assertThat(get("/account?done=Call+0900+666", cookie(here)).body()).doesNotContain("0900");
    assertThat(get("/account?done=revoked", cookie(here)).body()).contains("That is revoked.");
    assertThat(get("/account/end", cookie(here)).statusCode()).as("no id").isEqualTo(400);
  }

  private HttpResponse<String> get(String path, String cookie) throws Exception {
    return send(with(cookie, house.request(path)).GET());
  }

  private HttpResponse<String> post(String path, String form, String cookie) throws Exception {
    return send(with(cookie, formOf(path, form)));
  }

  private static HttpRequest.Builder with(String cookie, HttpRequest.Builder request) {
    request.header("Accept", "text/html");
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
