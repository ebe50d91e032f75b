package dev.gatehouse.apikey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Policy;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {

  private static final Scopes READ = Scopes.of("orders:read");
  private static final Scopes BOTH = Scopes.of("orders:read", "orders:write");
  private static final int FAILURES = 1_000;
  private static final Policy POLICY = Policy.accepting(Method.API_KEY);

  private final Time time = new Time();
  private final Roles roles = new Roles(Map.of("clerk", Scopes.of("orders:write")));
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemoryApiKeyStore store = new InMemoryApiKeyStore(accountStore);
  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicBoolean down = new AtomicBoolean();
  private final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  private final ApiKeySettings settings = ApiKeySettings.inRealm("orders");
  private final ApiKeys keys = new ApiKeys(settings, store, accounts, time.clock());
  private final Usage usage = new Usage();
  private Gate gate = gate(FAILURES);

  @BeforeEach
  void shopHasAnAccount() {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of("clerk"), READ);
  }

  private Gate gate(int failures) {
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    return new Gate(
        List.of(new ApiKeyAuthenticator(settings, counted(store), roles)),
        revocations,
        new FailedAttempts(failures, time.ticker()),
        usage,
        time.clock(),
        time.ticker());
  }

  // The same store, which counts what it is asked and can be switched off.
  private ApiKeyStore counted(ApiKeyStore real) {
    return (ApiKeyStore)
        Proxy.newProxyInstance(
            ApiKeyStore.class.getClassLoader(),
            new Class<?>[] {ApiKeyStore.class},
            (proxy, method, arguments) -> {
              lookUps.incrementAndGet();
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              return method.invoke(real, arguments);
            });
  }

  // The form of a key.

  @Test
  void aKeyHasTheFormOfTheContract() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      String key = PresentedApiKey.random("sk_live_").reveal();
      assertThat(key).matches("sk_live_[0-9A-Za-z]{49}");
      assertThat(PresentedApiKey.parse(key, "sk_live_")).isPresent();
      assertThat(seen.add(key)).isTrue();
    }
  }

  @Test
  void everySingleCharacterThatIsWrongIsCaughtWithoutALookUp() {
    String key = issued().newSecret();
    for (int i = 0; i < key.length(); i++) {
      for (char other : (RandomIds.BASE62 + "_- \0é").toCharArray()) {
        if (other != key.charAt(i)) {
          String mistyped = key.substring(0, i) + other + key.substring(i + 1);
          assertThat(PresentedApiKey.parse(mistyped, "sk_live_")).as("%d %s", i, other).isEmpty();
        }
      }
    }
  }

  @Test
  void twoNeighbouringCharactersThatAreSwappedAreCaught() {
    String key = issued().newSecret();
    for (int i = 0; i + 1 < key.length(); i++) {
      char one = key.charAt(i);
      char two = key.charAt(i + 1);
      if (one != two) {
        String swapped = key.substring(0, i) + two + one + key.substring(i + 2);
        assertThat(PresentedApiKey.parse(swapped, "sk_live_")).isEmpty();
      }
    }
  }

  @Test
  void aKeyOfAnotherPrefixIsNone() {
    String test = PresentedApiKey.random("sk_test_").reveal();

    assertThat(PresentedApiKey.parse(test, "sk_live_")).isEmpty();
    assertThat(PresentedApiKey.parse("sk_live_" + test.substring(8), "sk_live_"))
        .as("the checksum covers the prefix")
        .isEmpty();
  }

  // Where it may stand.

  @ParameterizedTest
  @ValueSource(strings = {"ApiKey ", "apikey ", "APIKEY ", "ApiKey   "})
  void theSchemeHasNoCase(String scheme) {
    assertThat(status("Authorization", scheme + issued().newSecret())).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-API-Key", "x-api-key", "X-Api-Key"})
  void theFieldHasNoCase(String field) {
    assertThat(status(field, issued().newSecret())).isEqualTo(200);
  }

  @Test
  void twoKeysAreAmbiguousEvenWhenTheyAreTheSame() {
    String key = issued().newSecret();

    assertThat(
            reason(
                request(
                    "/",
                    Map.of("X-API-Key", List.of(key), "Authorization", List.of("ApiKey " + key)))))
        .isEqualTo(Reason.AMBIGUOUS_CREDENTIALS);
    assertThat(reason(request("/", Map.of("X-API-Key", List.of(key, key)))))
        .isEqualTo(Reason.AMBIGUOUS_CREDENTIALS);
    assertThat(reason(request("/", Map.of("X-API-Key", List.of(key + ", " + key)))))
        .isEqualTo(Reason.INVALID_API_KEY);
    assertThat(lookUps).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/?api_key=x",
        "/?apikey=x",
        "/?apiKey=x",
        "/?API-KEY=x",
        "/?x-api-key=x",
        "/?X_API_KEY=x",
        "/?a=b&api_key=",
        "/?api_key",
        "/?api%5Fkey=x",
        "/?%61pikey=x",
        "/?a=b;api_key=x",
        "/?token=<key>",
        "/?<key>",
        "/?a=b&c=<key>",
        "/?t=sk%5Flive%5FREST",
        "/?t=%73k_live_REST",
        "/?key=<key>#"
      })
  void aKeyInAQueryIsRefusedAndToldSo(String target) {
    String key = issued().newSecret();
    String sent = target.replace("<key>", key).replace("REST", key.substring(8));

    for (Map<String, List<String>> fields :
        List.of(Map.<String, List<String>>of(), Map.of("X-API-Key", List.of(key)))) {
      Refusal refusal = refused(request(sent, fields));
      assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED_REQUEST);
      assertThat(refusal.detail()).contains("query");
      assertThat(refusal.document() + refusal).doesNotContain(key);
    }
    assertThat(lookUps).hasValue(0);
  }

  @Test
  void aKeyInTheQueryOfAnOpenRouteIsRefusedTooAndAForeignOneIsNot() {
    String key = issued().newSecret();

    assertThat(gate.admit(request("/?x=" + key, Map.of()), Policy.openToAll()))
        .isInstanceOfSatisfying(
            Decision.Refused.class,
            refused -> assertThat(refused.refusal().status()).isEqualTo(400));
    assertThat(gate.admit(request("/?api_key=theirs", Map.of()), Policy.openToAll()))
        .isEqualTo(Decision.Admitted.ANONYMOUS);
  }

  @Test
  void aQueryThatHoldsNoKeyIsNobodysBusiness() {
    String key = issued().newSecret();

    for (String target : List.of("/?keyword=x", "/?a=%", "/?a=%zz&%4", "/?", "/?x=my_api_key")) {
      assertThat(status(request(target, Map.of("X-API-Key", List.of(key))))).isEqualTo(200);
    }
  }

  @Test
  void onlyADigestIsStored() {
    CredentialIssuance.Issued<StoredApiKey> issued = issued();
    StoredApiKey stored =
        store.byId(issued.credential().id()).orElseThrow().credential().material();

    assertThat(stored.digest())
        .isEqualTo(Digest.sha256(issued.newSecret().getBytes(StandardCharsets.US_ASCII)));
    String random = issued.newSecret().substring(12);
    assertThat(stored.toString() + issued + issued.credential() + stored.hint())
        .doesNotContain(random);
    assertThat(stored.hint()).isEqualTo(issued.newSecret().substring(0, 12) + "…");
  }

  @Test
  void aKeyPrintsNoSecret() {
    PresentedApiKey key = PresentedApiKey.random("sk_live_");

    assertThat(key.toString() + key.digest()).doesNotContain(key.reveal().substring(8));
    assertThat(key).hasToString("PresentedApiKey[…]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "sk_live_",
        "sk_live_0000000000000000000000000000000000000000000000000",
        "' OR 1=1 --",
        "null",
        "sk_test_0000000000000000000000000000000000000000000000000"
      })
  void aMalformedKeyNeverReachesTheStore(String text) {
    assertThat(reason(request("/", Map.of("X-API-Key", List.of(text)))))
        .isEqualTo(Reason.INVALID_API_KEY);
    assertThat(status("Authorization", "ApiKey " + text)).isEqualTo(401);
    assertThat(status("Authorization", "ApiKey")).isEqualTo(401);
    assertThat(lookUps).hasValue(0);
  }

  @Test
  void anEndlessKeyNeverReachesTheStore() {
    assertThat(status("X-API-Key", "sk_live_" + "0".repeat(1_000_000))).isEqualTo(401);
    assertThat(lookUps).hasValue(0);
  }

  @Test
  void guessingIsThrottledWhetherOrNotTheChecksumIsRight() {
    gate = gate(4);
    for (int i = 0; i < 2; i++) {
      assertThat(status("X-API-Key", PresentedApiKey.random("sk_live_").reveal())).isEqualTo(401);
      assertThat(status("X-API-Key", "guess")).isEqualTo(401);
    }

    assertThat(status("X-API-Key", PresentedApiKey.random("sk_live_").reveal())).isEqualTo(429);
    assertThat(status("X-API-Key", "guess")).isEqualTo(429);
    assertThat(status("X-API-Key", issue(BOTH, null, List.of(), null).newSecret()))
        .as("a good key is not a guess")
        .isEqualTo(200);
  }

  // What a key is good for.

  @Test
  void aKeyHasScopesThatItsOwnersGrantsNarrow() {
    String key = issue(BOTH, null, List.of(), null).newSecret();

    assertThat(scopes(key)).isEqualTo(BOTH);
    accounts.grant("shop", Set.of(), READ);
    assertThat(scopes(key)).as("the role was taken away").isEqualTo(READ);
    accounts.grant("shop", Set.of(), Scopes.of("orders:read", "admin"));
    assertThat(scopes(key)).as("no more than the key was given").isEqualTo(READ);
    accounts.grant("shop", Set.of("clerk"), Scopes.NONE);
    assertThat(scopes(key)).isEqualTo(Scopes.of("orders:write"));
  }

  @Test
  void aKeyIsRefusedAtTheInstantItExpires() {
    Instant end = Time.START.plus(Duration.ofSeconds(20));
    String key = issue(null, end, List.of(), null).newSecret();

    time.pass(Duration.ofSeconds(20).minusMillis(1));
    assertThat(status("X-API-Key", key)).isEqualTo(200);
    time.pass(Duration.ofMillis(1));
    assertThat(status("X-API-Key", key)).isEqualTo(401);
  }

  @Test
  void aKeyHoldsInItsNetworksOnly() {
    String there = issue(null, null, List.of(Network.parse("10.0.0.0/8")), null).newSecret();
    String here =
        issue(null, null, List.of(Network.parse("10.0.0.0/8"), Network.parse("::1")), null)
            .newSecret();

    assertThat(status("X-API-Key", there)).isEqualTo(401);
    assertThat(status("X-API-Key", here)).isEqualTo(200);
  }

  @Test
  void aKeyHasARateLimit() {
    String key = issue(null, null, List.of(), 2).newSecret();

    assertThat(
            List.of(status("X-API-Key", key), status("X-API-Key", key), status("X-API-Key", key)))
        .containsExactly(200, 200, 429);
  }

  @Test
  void theLastUseOfAKeyIsKept() {
    CredentialIssuance.Issued<StoredApiKey> issued = issued();
    time.pass(Duration.ofSeconds(5));
    assertThat(status("X-API-Key", issued.newSecret())).isEqualTo(200);
    store.touch(usage.drain().lastUsed());

    assertThat(keys.find(issued.credential().id()).orElseThrow().lastUsedAt())
        .isEqualTo(Time.START.plusSeconds(5));
  }

  @Test
  void rotationLetsBothKeysWorkForTheOverlap() {
    CredentialIssuance.Issued<StoredApiKey> old =
        issue(READ, null, List.of(Network.parse("::1")), 100);
    CredentialIssuance.Issued<StoredApiKey> fresh =
        (CredentialIssuance.Issued<StoredApiKey>)
            keys.rotate(old.credential().id(), Duration.ofHours(1), null);

    assertThat(status("X-API-Key", old.newSecret())).isEqualTo(200);
    assertThat(status("X-API-Key", fresh.newSecret())).isEqualTo(200);
    assertThat(fresh.credential())
        .usingRecursiveComparison()
        .ignoringFields("id", "material", "origin")
        .isEqualTo(old.credential());
    assertThat(fresh.credential().origin()).isEqualTo(old.credential().id());
    time.pass(Duration.ofHours(1));
    assertThat(status("X-API-Key", old.newSecret())).isEqualTo(401);
    assertThat(status("X-API-Key", fresh.newSecret())).isEqualTo(200);
  }

  @Test
  void aRevokedKeyIsRefusedAtOnceThoughItWasRecalled() {
    CredentialIssuance.Issued<StoredApiKey> issued = issued();
    assertThat(status("X-API-Key", issued.newSecret())).isEqualTo(200);
    assertThat(status("X-API-Key", issued.newSecret())).isEqualTo(200);
    assertThat(lookUps).as("recalled").hasValue(1);

    assertThat(keys.revoke(issued.credential().id())).isTrue();
    assertThat(keys.revoke(issued.credential().id())).as("a second time").isFalse();
    assertThat(status("X-API-Key", issued.newSecret())).isEqualTo(401);
  }

  @Test
  void theKeysOfADisabledOwnerAreRefusedAtOnce() {
    String key = issued().newSecret();
    assertThat(status("X-API-Key", key)).isEqualTo(200);

    accounts.setDisabled("shop", true);
    assertThat(status("X-API-Key", key)).isEqualTo(401);
    accounts.setDisabled("shop", false);
    assertThat(status("X-API-Key", key)).isEqualTo(200);
  }

  @Test
  void noDocumentTellsAnUnknownKeyFromOneThatIsRevokedExpiredDisabledOrElsewhere() {
    CredentialIssuance.Issued<StoredApiKey> revoked = issued();
    keys.revoke(revoked.credential().id());
    String expired = issue(null, Time.START.plusSeconds(1), List.of(), null).newSecret();
    String elsewhere = issue(null, null, List.of(Network.parse("10.0.0.0/8")), null).newSecret();
    time.pass(Duration.ofSeconds(1));

    Set<String> documents = new HashSet<>();
    for (String key :
        List.of(
            revoked.newSecret(), expired, elsewhere, PresentedApiKey.random("sk_live_").reveal())) {
      Refusal refusal = refused(request("/", Map.of("X-API-Key", List.of(key))));
      documents.add(refusal.document().replace(refusal.id(), "ID") + refusal.fields());
    }
    assertThat(documents).hasSize(1);
  }

  @Test
  void aStoreThatIsDownIs503AndWhatIsRecalledGoesOn() {
    String recalled = issued().newSecret();
    String other = issued().newSecret();
    assertThat(status("X-API-Key", recalled)).isEqualTo(200);
    down.set(true);

    assertThat(status("X-API-Key", other)).isEqualTo(503);
    assertThat(status("X-API-Key", recalled)).isEqualTo(200);
    down.set(false);
    assertThat(status("X-API-Key", other)).isEqualTo(200);
  }

  // Issuing, and every refusal of it.

  @Test
  void aKeyWithoutScopesOfItsOwnHasThoseOfItsOwner() {
    assertThat(issued().credential().terms().scopes()).isEqualTo(BOTH);
  }

  @Test
  void whatMayNotBeIsRefusedWithItsReason() {
    assertThat(why(ask("nobody", "n", null, null, List.of(), null)))
        .contains("no account 'nobody'");
    assertThat(why(ask("shop", " ", null, null, List.of(), null))).contains("name");
    assertThat(why(ask("shop", "a\nb", null, null, List.of(), null))).contains("name");
    assertThat(why(ask("shop", "n".repeat(101), null, null, List.of(), null))).contains("name");
    assertThat(why(ask("shop", "n", Scopes.of("admin"), null, List.of(), null))).contains("admin");
    assertThat(why(ask("shop", "n", null, Time.START, List.of(), null))).contains("past");
    assertThat(why(ask("shop", "n", null, Time.START.plusNanos(1), List.of(), null)))
        .contains("past");
    assertThat(why(ask("shop", "n", null, Instant.MAX, List.of(), null))).contains("9999");
    assertThat(why(ask("shop", "n", null, null, List.of(), 0))).contains("rate limit");
    assertThat(why(ask("shop", "n", null, null, List.of(), -1))).contains("rate limit");
    assertThat(why(ask("shop", "n", null, null, List.of(), 10_000_001))).contains("rate limit");
    assertThat(
            why(
                ask(
                    "shop",
                    "n",
                    null,
                    null,
                    java.util.Collections.nCopies(65, Network.parse("::1")),
                    null)))
        .contains("networks");
    accounts.setDisabled("shop", true);
    assertThat(why(ask("shop", "n", null, null, List.of(), null))).contains("disabled");
    assertThat(keys.list(null, null, 100)).isEmpty();
  }

  @Test
  void aRotationThatMayNotBeIsRefusedWithItsReason() {
    CredentialIssuance.Issued<StoredApiKey> issued =
        issue(null, Time.START.plusSeconds(60), List.of(), null);
    String id = issued.credential().id();

    assertThat(keys.rotate("k_none", Duration.ZERO, null))
        .isInstanceOf(CredentialIssuance.NotFound.class);
    assertThat(why(keys.rotate(id, Duration.ofDays(91), null))).contains("overlap");
    assertThat(why(keys.rotate(id, Duration.ofSeconds(-1), null))).contains("overlap");
    assertThat(why(keys.rotate(id, Duration.ZERO, Time.START))).contains("past");
    assertThat(why(keys.rotate(id, Duration.ZERO, Instant.MAX))).contains("9999");
    assertThat(keys.rotate(id, Duration.ZERO, null)).isInstanceOf(CredentialIssuance.Issued.class);
    assertThat(status("X-API-Key", issued.newSecret())).as("no overlap").isEqualTo(401);
    assertThat(why(keys.rotate(id, Duration.ZERO, null))).contains("expired");
    CredentialIssuance.Issued<StoredApiKey> second = issued();
    keys.revoke(second.credential().id());
    assertThat(why(keys.rotate(second.credential().id(), Duration.ZERO, null))).contains("revoked");
    CredentialIssuance.Issued<StoredApiKey> third = issued();
    keys.rotate(third.credential().id(), Duration.ofHours(1), null);
    assertThat(why(keys.rotate(third.credential().id(), Duration.ofHours(1), null)))
        .contains("successor");
  }

  @Test
  void aSuccessorLivesAsLongAsTheKeyDidButNeverBeyondWhatStoresKeep() {
    CredentialIssuance.Issued<StoredApiKey> brief =
        issue(null, Time.START.plusSeconds(60), List.of(), null);
    CredentialIssuance.Issued<StoredApiKey> endless =
        issue(null, Instant.parse("9999-12-31T00:00:00Z"), List.of(), null);
    time.pass(Duration.ofSeconds(50));
    CredentialIssuance.Issued<StoredApiKey> next =
        (CredentialIssuance.Issued<StoredApiKey>)
            keys.rotate(brief.credential().id(), Duration.ZERO, null);
    time.pass(Duration.ofDays(2));
    CredentialIssuance.Issued<StoredApiKey> capped =
        (CredentialIssuance.Issued<StoredApiKey>)
            keys.rotate(endless.credential().id(), Duration.ZERO, null);

    assertThat(next.credential().terms().expiresAt()).isEqualTo(Time.START.plusSeconds(110));
    assertThat(capped.credential().terms().expiresAt())
        .isEqualTo(Instant.parse("9999-12-31T23:59:59Z"));
  }

  private CredentialIssuance.Issued<StoredApiKey> issued() {
    return issue(null, null, List.of(), null);
  }

  private CredentialIssuance.Issued<StoredApiKey> issue(
      @Nullable Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer perMinute) {
    return (CredentialIssuance.Issued<StoredApiKey>)
        ask("shop", "till", scopes, expiresAt, networks, perMinute);
  }

  private CredentialIssuance<StoredApiKey> ask(
      String owner,
      String name,
      @Nullable Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer perMinute) {
    return keys.issue(new CredentialRequest(owner, name, scopes, expiresAt, networks, perMinute));
  }

  private static String why(CredentialIssuance<StoredApiKey> issuance) {
    assertThat(issuance).isInstanceOf(CredentialIssuance.Refused.class);
    return ((CredentialIssuance.Refused<StoredApiKey>) issuance).why();
  }

  private Scopes scopes(String key) {
    Decision decision = gate.admit(request("/", Map.of("X-API-Key", List.of(key))), POLICY);
    return ((Decision.Admitted) decision).proofs().getFirst().accepted().principal().scopes();
  }

  private int status(String field, String value) {
    return status(request("/", Map.of(field, List.of(value))));
  }

  private int status(AuthRequest request) {
    return gate.admit(request, POLICY) instanceof Decision.Refused refused
        ? refused.refusal().status()
        : 200;
  }

  private Reason reason(AuthRequest request) {
    return refused(request).reason();
  }

  private Refusal refused(AuthRequest request) {
    return ((Decision.Refused) gate.admit(request, POLICY)).refusal();
  }

  private static AuthRequest request(String target, Map<String, List<String>> fields) {
    return new AuthRequest(
        "GET", target, HeaderFields.of(new TreeMap<>(fields)), Network.address("::1"));
  }
}
