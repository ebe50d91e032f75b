package dev.gatehouse.jwt;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Refusal;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.usage.Usage;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Accounts, stores and any number of gates over them, for the tests of this room.
final class JwtHouse {

  static final String ISSUER = "https://gate.example.com";
  static final String AUDIENCE = "https://api.example.com";
  static final Scopes READ = Scopes.of("orders:read");
  static final Scopes BOTH = Scopes.of("orders:read", "orders:write");
  static final Duration OVERLAP = Duration.ofHours(2);
  static final Duration KEY_LIFE = Duration.ofDays(90);

  private static final Policy POLICY = Policy.accepting(Method.JWT);
  private static final int FAILURES = 1_000_000;

  final Time time = new Time();
  final Roles roles = new Roles(Map.of("clerk", Scopes.of("orders:write")));
  final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  final InMemoryApiKeyStore apiKeyStore = new InMemoryApiKeyStore(accountStore);
  final InMemoryTokenStore tokenStore = new InMemoryTokenStore(accountStore);
  final InMemorySigningKeyStore signingKeyStore = new InMemorySigningKeyStore(feed);
  final Seal seal = new Seal(RandomIds.bytes(32));
  final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  final ApiKeys apiKeys =
      new ApiKeys(ApiKeySettings.inRealm("orders"), apiKeyStore, accounts, time.clock());
  final AtomicBoolean down = new AtomicBoolean();
  final AtomicInteger asked = new AtomicInteger();

  JwtHouse() {
    accounts.add(Account.Kind.PERSON, "alice", "alice@example.com", Set.of("clerk"), READ);
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of("clerk"), READ);
  }

  Account alice() {
    return accounts.find("alice").orElseThrow();
  }

  /// What the token of an API key rests on.
  static Tokens.Basis basis(String key) {
    return new Tokens.Basis(key, null, null);
  }

  static JwtSettings defaults() {
    return JwtSettings.of(ISSUER, AUDIENCE, "orders");
  }

  /// The defaults without a grace, so that a second use ends a family at once.
  static JwtSettings settings() {
    return settings(Duration.ZERO);
  }

  static JwtSettings settings(SigningAlgorithm algorithm) {
    return settings(algorithm, Duration.ZERO);
  }

  static JwtSettings settings(Duration reuseGrace) {
    return settings(defaults().algorithm(), reuseGrace);
  }

  private static JwtSettings settings(SigningAlgorithm algorithm, Duration reuseGrace) {
    JwtSettings usual = defaults();
    return new JwtSettings(
        usual.issuer(),
        usual.audience(),
        usual.realm(),
        algorithm,
        usual.accessTokenLife(),
        usual.refreshTokenLife(),
        usual.familyLife(),
        reuseGrace,
        usual.clockSkew());
  }

  /// One gate of the house.
  final class Node {
    final SigningKeys keys;
    final AccessTokens accessTokens;
    final Tokens tokens;
    final JwtAuthenticator authenticator;
    final Gate gate;
    final Usage usage = new Usage();

    private Node(JwtSettings settings, SigningKeys keys) {
      this.keys = keys;
      this.accessTokens = new AccessTokens(settings, keys, time.clock());
      this.tokens =
          new Tokens(
              settings,
              accessTokens,
              switchable(tokenStore),
              roles,
              (id, path) -> apiKeys.standing(id),
              time.clock(),
              new RateLimits(time.ticker()));
      Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
      revocations.forgetAllOn(keys::recordRevocation);
      feed.onCommit(revocations::hear);
      this.authenticator = new JwtAuthenticator(settings, accessTokens, tokens::standing, roles);
      this.gate =
          new Gate(
              List.of(authenticator),
              revocations,
              new FailedAttempts(FAILURES, time.ticker()),
              usage,
              time.clock(),
              time.ticker());
    }

    TokenPair signIn() {
      return ((TokenPairIssuance.Issued) tokens.signIn(new SignIn(alice(), "pw_1"), "web")).pair();
    }

    TokenPair refreshed(String refreshToken) {
      return ((TokenPairIssuance.Issued) tokens.refresh(refreshToken)).pair();
    }

    boolean refreshes(String refreshToken) {
      return tokens.refresh(refreshToken) instanceof TokenPairIssuance.Issued;
    }

    Decision decide(String authorization) {
      return decide("/", authorization);
    }

    Decision decide(String target, @Nullable String authorization) {
      return decide("::1", target, authorization);
    }

    Decision decide(String peer, String target, @Nullable String authorization) {
      Map<String, List<String>> fields =
          authorization == null ? Map.of() : Map.of("Authorization", List.of(authorization));
      AuthRequest request =
          new AuthRequest("GET", target, HeaderFields.of(fields), Network.address(peer));
      return gate.recall(request, POLICY).orElseGet(() -> gate.admit(request, POLICY));
    }

    /// The code with which the token is refused; `OK` when it is not.
    String bearer(String token) {
      return code("::1", token);
    }

    /// The same, from that address.
    String code(String peer, String token) {
      return decide(peer, "/", "Bearer " + token) instanceof Decision.Refused(var refusal)
          ? refusal.reason().code()
          : "OK";
    }

    Refusal refusal(String target, @Nullable String authorization) {
      return ((Decision.Refused) decide(target, authorization)).refusal();
    }

    Principal principal(String token) {
      Decision decision = decide("Bearer " + token);
      assertThat(decision).isInstanceOf(Decision.Admitted.class);
      return ((Decision.Admitted) decision).proofs().getFirst().accepted().principal();
    }
  }

  Node node() {
    return node(settings());
  }

  Node node(JwtSettings settings) {
    return new Node(
        settings,
        new SigningKeys(
            signingKeyStore,
            seal,
            AccessTokens.PURPOSE,
            settings.algorithm(),
            KEY_LIFE,
            OVERLAP,
            time.clock()));
  }

  Node node(JwtSettings settings, SigningKeys keys) {
    return new Node(settings, keys);
  }

  IssuedCredential<StoredApiKey> apiKey(
      @Nullable Scopes scopes, @Nullable Duration life, List<Network> networks) {
    return apiKey(scopes, life, networks, null);
  }

  IssuedCredential<StoredApiKey> apiKey(
      @Nullable Scopes scopes,
      @Nullable Duration life,
      List<Network> networks,
      @Nullable Integer requestsPerMinute) {
    return ((CredentialIssuance.Issued<StoredApiKey>)
            apiKeys.issue(
                new CredentialRequest(
                    "shop",
                    "till",
                    scopes,
                    life == null ? null : time.now().plus(life),
                    networks,
                    requestsPerMinute)))
        .credential();
  }

  // The same store, which counts what it is asked and can be switched off.
  private TokenStore switchable(TokenStore real) {
    return (TokenStore)
        Proxy.newProxyInstance(
            TokenStore.class.getClassLoader(),
            new Class<?>[] {TokenStore.class},
            (proxy, method, arguments) -> {
              asked.incrementAndGet();
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  // Forging.

  /// A token of these two texts, signed with the key by its own algorithm.
  static String signed(String header, String payload, JWK key) {
    String input = Base64URL.encode(header) + "." + Base64URL.encode(payload);
    return input
        + "."
        + SigningAlgorithm.of(key)
            .orElseThrow()
            .sign(key, input.getBytes(StandardCharsets.US_ASCII));
  }

  static String part(String token, int index) {
    return new String(
        Base64.getUrlDecoder().decode(List.of(token.split("\\.", -1)).get(index)),
        StandardCharsets.UTF_8);
  }

  static Map<String, Object> members(String json) {
    try {
      return new LinkedHashMap<>(JSONObjectUtils.parse(json));
    } catch (ParseException broken) {
      throw new AssertionError(broken);
    }
  }

  /// The token with other members in its header, signed anew with the key; null takes one away.
  static String withHeader(String token, JWK key, String name, @Nullable Object value) {
    return signed(changed(part(token, 0), name, value), part(token, 1), key);
  }

  /// The token with another claim, signed anew with the key; null takes one away.
  static String withClaim(String token, JWK key, String name, @Nullable Object value) {
    return signed(part(token, 0), changed(part(token, 1), name, value), key);
  }

  private static String changed(String json, String name, @Nullable Object value) {
    Map<String, Object> members = members(json);
    if (value == null) {
      members.remove(name);
    } else {
      members.put(name, value);
    }
    return JSONObjectUtils.toJSONString(members);
  }

  static List<String> parts(String token) {
    return new ArrayList<>(List.of(token.split("\\.", -1)));
  }
}
