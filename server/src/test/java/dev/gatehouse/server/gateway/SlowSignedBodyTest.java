package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.InMemorySignatureKeyStore;
import dev.gatehouse.hmac.InMemoryUsedSignatures;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureCheck;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.testkit.FixedClock;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A signed request whose body is held back until its signature is too old and its use forgotten.
@Timeout(60)
class SlowSignedBodyTest {

  private static final String BODY = "tea";

  private final FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");
  private final InMemoryUsedSignatures used = new InMemoryUsedSignatures(10);
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(clock);
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemorySignatureKeyStore keyStore = new InMemorySignatureKeyStore(accountStore);
  private final Accounts accounts = new Accounts(accountStore, Roles.NONE, clock);
  private final SignatureKeys keys =
      new SignatureKeys(keyStore, accounts, new Seal(RandomIds.bytes(32)), OwnSecrets.NONE, clock);
  private final HmacSettings settings = HmacSettings.inRealm("orders");

  private HmacAuthenticator authenticator() {
    return new HmacAuthenticator(
        settings,
        List.of(
            new GatehouseProfile(
                new SignatureCheck(
                    settings,
                    keyStore,
                    keys,
                    used,
                    Roles.NONE,
                    Revocations.inProcess(feed),
                    clock,
                    Ticker.systemTicker()))));
  }

  private String head() {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:read"));
    SignatureKeys.Issuance.Issued issued =
        (SignatureKeys.Issuance.Issued)
            keys.issue(
                new SignatureKeys.Request(
                    "shop",
                    "test",
                    new SignatureKeys.Material.Random(),
                    null,
                    Set.of(),
                    null,
                    null,
                    List.of(),
                    null));
    String time = Long.toString(clock.instant().getEpochSecond());
    byte[] hash = Digest.sha256(BODY.getBytes(StandardCharsets.UTF_8)).bytes();
    byte[] signature =
        SignatureAlgorithm.hmacSha256(
            Objects.requireNonNull(issued.secret()).getBytes(StandardCharsets.UTF_8),
            GatehouseProfile.stringToSign("POST", "/", time, HexFormat.of().formatHex(hash), null)
                .getBytes(StandardCharsets.UTF_8));
    return String.join(
        "\r\n",
        "POST / HTTP/1.1",
        "Host: localhost",
        "X-Key-Id: " + issued.key().id(),
        "X-Timestamp: " + time,
        "X-Signature: " + HexFormat.of().formatHex(signature),
        "Content-Length: " + BODY.length(),
        "Expect: 100-continue",
        "",
        "");
  }

  @Test
  void replayWhoseBodyIsHeldBackUntilItsUseIsForgottenIsRefused() throws Exception {
    String head = head();
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan()
                .and(authenticator())
                .route(
                    new Route<>(
                        null,
                        "/",
                        Policy.accepting(Method.HMAC),
                        CorsPolicy.NONE,
                        Upstream.of(upstream.base())))
                .build();
        RawClient client = house.connect();
        RawClient slow = house.connect()) {
      upstream.echo();
      client.send(head);
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.ask(BODY).status()).isEqualTo(200);

      clock.advance(settings.window());
      slow.send(head);
      assertThat(slow.read().status()).as("its time is good, and its key").isEqualTo(100);
      used.purge(clock.advance(settings.window()));
      RawMessage refused = slow.ask(BODY);

      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.body()).contains("REQUEST_EXPIRED");
      assertThat(upstream.requests()).isEqualTo(1);
    }
  }
}
