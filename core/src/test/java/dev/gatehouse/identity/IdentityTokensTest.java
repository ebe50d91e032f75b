package dev.gatehouse.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.gatehouse.Method;
import dev.gatehouse.Principal;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class IdentityTokensTest {

  private static final String ISSUER = "https://gate.example.com";
  private static final String UPSTREAM = "http://orders.internal:3000";
  private static final Duration LIFE = Duration.ofDays(30);
  private static final Duration OVERLAP = Duration.ofHours(1);
  private static final Principal SHOP =
      new Principal("s_1", Method.API_KEY, "k_1", Scopes.of("orders:read", "orders:write"));

  private final Time time = new Time();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemorySigningKeyStore store = new InMemorySigningKeyStore(feed);
  private final Seal seal = new Seal(RandomIds.bytes(32));
  private final SigningKeys keys = node();
  private final IdentityTokens tokens =
      new IdentityTokens(keys, ISSUER, time.clock(), time.ticker());

  private SigningKeys node() {
    return new SigningKeys(
        store, seal, IdentityTokens.PURPOSE, SigningAlgorithm.ES256, LIFE, OVERLAP, time.clock());
  }

  @Test
  void anUpstreamVerifiesItWithThePublishedKeys() throws Exception {
    String token = token(SHOP, UPSTREAM);
    JWTClaimsSet claims = verified(token, IdentityTokens.TYPE, keys.publishedKeys());

    assertThat(claims.getIssuer()).isEqualTo(ISSUER);
    assertThat(claims.getSubject()).isEqualTo("s_1");
    assertThat(claims.getAudience()).containsExactly(UPSTREAM);
    assertThat(claims.getIssueTime()).isEqualTo(Time.START);
    assertThat(claims.getExpirationTime()).isEqualTo(Time.START.plusSeconds(60));
    assertThat(claims.getStringClaim("scope")).isEqualTo("orders:read orders:write");
    assertThat(claims.getStringClaim("auth_method")).isEqualTo("apikey");
    assertThat(claims.getStringClaim("credential")).isEqualTo("k_1");
    assertThat(SignedJWT.parse(token).getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.ES256);
  }

  // RFC 8693 §4.2 and RFC 6749 §3.3: a scope has at least one token.
  @Test
  void tokenOfACallerWithoutScopesHasNoScopeClaim() throws Exception {
    Principal none = new Principal("s_1", Method.API_KEY, "k_1", Scopes.NONE);

    assertThat(
            verified(token(none, UPSTREAM), IdentityTokens.TYPE, keys.publishedKeys()).getClaims())
        .doesNotContainKey("scope")
        .containsKey("sub");
  }

  @Test
  void itDoesNotPassAsAnAccessToken() {
    String token = token(SHOP, UPSTREAM);

    assertThatThrownBy(() -> verified(token, new JOSEObjectType("at+jwt"), keys.publishedKeys()))
        .isInstanceOf(BadJOSEException.class);
    assertThatThrownBy(() -> verified(token, JOSEObjectType.JWT, keys.publishedKeys()))
        .isInstanceOf(BadJOSEException.class);
  }

  @Test
  void itIsUsedAgainForLessThan30SecondsAndForTheSameCallerOnly() {
    String token = token(SHOP, UPSTREAM);

    assertThat(token(SHOP, "http://other")).isNotEqualTo(token);
    assertThat(token(new Principal("s_1", Method.API_KEY, "k_1", Scopes.NONE), UPSTREAM))
        .isNotEqualTo(token);
    time.pass(Duration.ofSeconds(30).minusNanos(1));
    assertThat(token(SHOP, UPSTREAM)).isEqualTo(token);
    time.pass(Duration.ofNanos(1));
    assertThat(token(SHOP, UPSTREAM)).isNotEqualTo(token);
  }

  @Test
  void noPrivatePartIsPublishedOrStoredInClear() {
    assertThat(keys.publishedKeys().getKeys()).noneMatch(JWK::isPrivate);
    assertThat(keys.publishedKeys().toString(false)).doesNotContain("\"d\"");
    String secret = keys.signingKey().toECKey().getD().toString();
    assertThat(store.list(IdentityTokens.PURPOSE))
        .allSatisfy(
            key ->
                assertThat(key.publicJwk() + key.sealedPrivateJwk() + key).doesNotContain(secret));
  }

  @Test
  void aRotationLeavesWhatWasSignedGoodForTheOverlapAndNoLonger() throws Exception {
    String old = keys.signingKey().getKeyID();
    time.pass(LIFE.minusMillis(1));
    keys.refresh();
    assertThat(keys.signingKey().getKeyID()).as("not yet").isEqualTo(old);
    String token = token(SHOP, UPSTREAM);
    time.pass(Duration.ofMillis(1));
    keys.refresh();
    assertThat(keys.signingKey().getKeyID()).as("the new one is made known first").isEqualTo(old);
    assertThat(keys.publishedKeys().getKeys()).hasSize(2);
    time.pass(SigningKeys.PUBLICATION_LEAD_TIME);

    assertThat(keys.signingKey().getKeyID()).isNotEqualTo(old);
    assertThat(verified(token, IdentityTokens.TYPE, keys.publishedKeys()).getSubject())
        .isEqualTo("s_1");
    time.pass(OVERLAP.plusMillis(1));
    keys.refresh();
    assertThat(keys.publishedKeys().getKeys())
        .extracting(JWK::getKeyID)
        .containsExactly(keys.signingKey().getKeyID());
  }

  @Test
  void nodesThatRaceForARotationAgreeOnOneKey() throws Exception {
    SigningKeys other = node();
    assertThat(other.signingKey().getKeyID()).isEqualTo(keys.signingKey().getKeyID());
    time.pass(LIFE);
    Callable<Boolean> one = () -> refreshed(keys);
    Callable<Boolean> two = () -> refreshed(other);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (Future<Boolean> done : threads.invokeAll(List.of(one, two))) {
        done.get();
      }
    }

    assertThat(other.signingKey().getKeyID()).isEqualTo(keys.signingKey().getKeyID());
    assertThat(store.list(IdentityTokens.PURPOSE)).hasSize(2);
  }

  @Test
  void aNodeWithAnotherMasterKeyDoesNotStart() {
    assertThatThrownBy(
            () ->
                new SigningKeys(
                    store,
                    new Seal(RandomIds.bytes(32)),
                    IdentityTokens.PURPOSE,
                    SigningAlgorithm.ES256,
                    LIFE,
                    OVERLAP,
                    time.clock()))
        .isInstanceOf(Seal.BrokenSealException.class);
  }

  @Test
  void tokenOfARevokedKeyIsNeverHandedOutAgain() throws Exception {
    String before = token(SHOP, UPSTREAM);
    String revoked = keys.signingKey().getKeyID();

    assertThat(keys.revoke()).isTrue();

    assertThat(keys.publishedKeys().getKeyByKeyId(revoked)).isNull();
    String after = token(SHOP, UPSTREAM);
    assertThat(after).isNotEqualTo(before);
    assertThat(SignedJWT.parse(after).getHeader().getKeyID())
        .isEqualTo(keys.signingKey().getKeyID())
        .isNotEqualTo(revoked);
    assertThat(token(SHOP, UPSTREAM)).as("used again").isEqualTo(after);
    assertThat(verified(after, IdentityTokens.TYPE, keys.publishedKeys()).getSubject())
        .isEqualTo("s_1");
  }

  @Test
  void tokenOfAKeyThatAnotherNodeRevokedIsNeverHandedOutAgain() throws Exception {
    SigningKeys other = node();
    String before = token(SHOP, UPSTREAM);
    Revocations heard = Revocations.inProcess(feed);
    heard.forgetAllOn(keys::recordRevocation);

    assertThat(other.revoke()).isTrue();

    assertThat(tokens.token(SHOP, UPSTREAM)).as("without asking the store").isEmpty();
    String after = tokens.awaitToken(SHOP, UPSTREAM);
    assertThat(tokens.token(SHOP, UPSTREAM)).contains(after);
    assertThat(after).isNotEqualTo(before);
    assertThat(SignedJWT.parse(after).getHeader().getKeyID())
        .isEqualTo(other.signingKey().getKeyID());
    assertThat(keys.publishedKeys().getKeys())
        .extracting(JWK::getKeyID)
        .containsExactly(other.signingKey().getKeyID());
  }

  @Test
  void rotationThatRevokesNothingLeavesTokensInUse() {
    String token = token(SHOP, UPSTREAM);

    assertThat(keys.rotate()).isTrue();

    assertThat(token(SHOP, UPSTREAM)).isEqualTo(token);
  }

  private String token(Principal principal, String audience) {
    return tokens.token(principal, audience).orElseThrow();
  }

  private static boolean refreshed(SigningKeys keys) {
    keys.refresh();
    return true;
  }

  private static JWTClaimsSet verified(String token, JOSEObjectType type, JWKSet published)
      throws Exception {
    DefaultJWTProcessor<SecurityContext> upstream = new DefaultJWTProcessor<>();
    upstream.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(type));
    upstream.setJWSKeySelector(
        new JWSVerificationKeySelector<>(
            JWSAlgorithm.ES256, new ImmutableJWKSet<>(JWKSet.parse(published.toString()))));
    // The test's time is not the system's: dates are looked at by the test itself.
    upstream.setJWTClaimsSetVerifier((claims, context) -> {});
    return upstream.process(token, null);
  }
}
