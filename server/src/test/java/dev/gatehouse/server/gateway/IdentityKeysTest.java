package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import com.nimbusds.jwt.SignedJWT;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeyStore;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.signing.StoredSigningKey;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Another node revokes the key that signs `Gatehouse-Identity`: this one must ask its store for
/// the next key, and [TestHouse] fails when an event loop is blocked meanwhile.
@Timeout(60)
@Tag("end-to-end")
class IdentityKeysTest {

  private static final String OPEN = "GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String GOOD = "GET / HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\n\r\n";

  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(Clock.systemUTC());
  private final InMemorySigningKeyStore store = new InMemorySigningKeyStore(feed);
  private final Seal seal = new Seal(RandomIds.bytes(32));
  private final SlowStore slowStore = new SlowStore();
  private final SigningKeys keys = node(slowStore);

  private SigningKeys node(SigningKeyStore from) {
    return new SigningKeys(
        from,
        seal,
        IdentityTokens.PURPOSE,
        SigningAlgorithm.ES256,
        Duration.ofDays(1),
        Duration.ofHours(1),
        Clock.systemUTC());
  }

  private TestHouse house(RawUpstream upstream) {
    Revocations.inProcess(feed).forgetAllOn(keys::recordRevocation);
    return TestHouse.plan()
        .route(TestHouse.open("/open", Upstream.of(upstream.base())))
        .route(TestHouse.guarded(Upstream.of(upstream.base())))
        .identities(new IdentityTokens(keys, "localhost", Clock.systemUTC(), Ticker.systemTicker()))
        .build();
  }

  @Test
  void requestThatWaitsForTheNextKeyHoldsUpNoOther() throws Exception {
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house = house(upstream);
        RawClient waiting = house.connect()) {
      upstream.echo();
      waiting.send(GOOD);
      String before = keyOf(waiting, upstream);
      slowStore.asked = new CountDownLatch(1);
      slowStore.answers = new CompletableFuture<>();
      SigningKeys other = node(store);
      other.revoke();

      waiting.send(GOOD);
      slowStore.asked.await();
      for (int i = 0; i < 4; i++) { // on each event loop
        try (RawClient client = house.connect()) {
          assertThat(client.ask(OPEN).status()).isEqualTo(200);
        }
      }
      slowStore.answers.complete(null);

      assertThat(keyOf(waiting, upstream))
          .isEqualTo(other.signingKey().getKeyID())
          .isNotEqualTo(before);
    }
  }

  @Test
  void requestGets503WhileTheStoreDoesNotSayWhichKeySigns() throws Exception {
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house = house(upstream);
        RawClient client = house.connect()) {
      upstream.echo();
      slowStore.answers =
          CompletableFuture.failedFuture(
              new StoreUnavailableException("locked", new IOException("locked")));
      node(store).revoke();

      RawMessage refused = client.ask(GOOD);
      slowStore.answers = CompletableFuture.completedFuture(null);
      RawMessage admitted = client.ask(GOOD);

      assertThat(refused.status()).isEqualTo(503);
      assertThat(admitted.status()).isEqualTo(200);
    }
  }

  @Test
  void requestThatFailsBeforeItIsSentLeavesNoConnectionToTheUpstreamBehind() throws Exception {
    BrokenClock clock = new BrokenClock();
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan()
                .route(TestHouse.guarded(withTwoPlaces(upstream)))
                .identities(new IdentityTokens(keys, "localhost", clock, Ticker.systemTicker()))
                .build();
        RawClient client = house.connect()) {
      upstream.echo();
      for (int i = 0; i < 3; i++) { // more often than there are connections
        RawMessage failed = client.ask(GOOD);
        assertThat(failed.status()).isEqualTo(503);
      }
      clock.broken = false;

      assertThat(client.ask(GOOD).status()).isEqualTo(200);
    }
  }

  private static Upstream withTwoPlaces(RawUpstream upstream) {
    return new Upstream(
        upstream.base(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(60),
        Duration.ofSeconds(60),
        false,
        true,
        1_000,
        2,
        2,
        null);
  }

  private static String keyOf(RawClient client, RawUpstream upstream) throws Exception {
    assertThat(client.read().status()).isEqualTo(200);
    RawMessage forwarded = upstream.next();
    while (forwarded.fields(IdentityTokens.FIELD).isEmpty()) {
      forwarded = upstream.next();
    }
    return SignedJWT.parse(forwarded.fields(IdentityTokens.FIELD).getFirst())
        .getHeader()
        .getKeyID();
  }

  /// Lists its keys when the test lets it.
  private final class SlowStore implements SigningKeyStore {

    volatile CountDownLatch asked = new CountDownLatch(1);
    volatile CompletableFuture<Void> answers = CompletableFuture.completedFuture(null);

    @Override
    public boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil) {
      return store.add(key, newestKnown, othersSignUntil);
    }

    @Override
    public void replaceAll(StoredSigningKey key) {
      store.replaceAll(key);
    }

    @Override
    public List<StoredSigningKey> list(String purpose) {
      asked.countDown();
      try {
        answers.join();
      } catch (CompletionException failed) {
        throw (StoreUnavailableException) failed.getCause();
      }
      return store.list(purpose);
    }

    @Override
    public void purgeRetiredBefore(String purpose, Instant instant) {
      store.purgeRetiredBefore(purpose, instant);
    }
  }

  /// Throws until it is mended.
  private static final class BrokenClock extends Clock {

    volatile boolean broken = true;

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      if (broken) {
        throw new IllegalStateException("broken");
      }
      return Instant.now();
    }
  }
}
