package dev.gatehouse.server.gateway;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.hmac.GatehouseProfile;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.InMemorySignatureKeyStore;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.hmac.webhook.WebhookProfile;
import dev.gatehouse.hmac.webhook.WebhookSettings;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.testkit.FixedClock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// Signs requests in the gate's own way and events in GitHub's, and verifies them in memory. Its
/// time stands still.
final class SignedCalls {

  /// The webhook whose events [#event] signs.
  static final String WEBHOOK = "code";

  private static final String SECRET = "a-secret-of-a-webhook-0123456789";

  final FixedClock clock = FixedClock.at("2026-01-01T00:00:00Z");
  final InMemoryReplayStore used = new InMemoryReplayStore(100);

  /// Is counted down when a use is about to be reserved.
  final CountDownLatch reserving = new CountDownLatch(1);

  /// No use is reserved before this is complete.
  volatile CompletableFuture<Void> mayReserve = CompletableFuture.completedFuture(null);

  final HmacSettings settings = HmacSettings.inRealm("orders");
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(clock);
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemorySignatureKeyStore keyStore = new InMemorySignatureKeyStore(accountStore);
  private final SignatureKeys keys =
      new SignatureKeys(
          keyStore,
          new Accounts(accountStore, Roles.NONE, clock),
          new Seal(RandomIds.bytes(32)),
          OwnSecrets.NONE,
          clock);
  private final CredentialIssuance.Issued<StoredSignatureKey> key;

  SignedCalls() {
    new Accounts(accountStore, Roles.NONE, clock)
        .add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:read"));
    key = issued(new SignatureKeys.Material.NewSecret(), null);
    issued(new SignatureKeys.Material.GivenSecret(SECRET), WEBHOOK);
  }

  private CredentialIssuance.Issued<StoredSignatureKey> issued(
      SignatureKeys.Material material, @Nullable String webhook) {
    return (CredentialIssuance.Issued<StoredSignatureKey>)
        keys.issue(
            new SignatureKeys.Request(
                new CredentialRequest("shop", "test", null, null, List.of(), null),
                material,
                webhook,
                Set.of()));
  }

  /// The method, for both ways of signing.
  HmacAuthenticator authenticator() {
    SignatureVerifier check =
        new SignatureVerifier(
            settings,
            keyStore,
            keys,
            new SlowRecord(),
            Roles.NONE,
            Revocations.inProcess(feed),
            clock,
            Ticker.systemTicker());
    return new HmacAuthenticator(
        settings,
        List.of(
            new GatehouseProfile(check),
            new WebhookProfile(WebhookSettings.DEFAULT, check, clock)));
  }

  /// The head of a POST to `/` with that body, signed in the gate's own way.
  ///
  /// @param fields more of its lines
  String head(String body, String... fields) {
    String time = Long.toString(clock.instant().getEpochSecond());
    String hash = HexFormat.of().formatHex(Digest.sha256(bytes(body)).bytes());
    String signed = GatehouseProfile.stringToSign("POST", "/", time, hash, null);
    String own =
        "X-Key-Id: %s\r\nX-Timestamp: %s\r\nX-Signature: %s"
            .formatted(key.credential().id(), time, hmac(key.newSecret(), signed));
    return head("/", own, body, fields);
  }

  /// The head of an event of GitHub's with that body, to `/hooks`.
  String eventHead(String body, String... fields) {
    return head("/hooks", "X-Hub-Signature-256: " + eventSignature(body), body, fields);
  }

  /// The signature of such an event, in `X-Hub-Signature-256`.
  String eventSignature(String body) {
    return "sha256=" + hmac(SECRET, body);
  }

  private static String head(String path, String signature, String body, String... fields) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + signature
        + "\r\nContent-Length: "
        + bytes(body).length
        + "\r\n"
        + (fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n")
        + "\r\n";
  }

  private static String hmac(String secret, String text) {
    return HexFormat.of().formatHex(SignatureAlgorithm.hmacSha256(bytes(secret), bytes(text)));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// Reserves when the test lets it.
  private final class SlowRecord implements ReplayStore {

    @Override
    public Recorded record(Use use) {
      return used.record(use);
    }

    @Override
    public Recorded reserve(Use use) {
      reserving.countDown();
      mayReserve.join();
      return used.reserve(use);
    }

    @Override
    public void confirm(Use use) {
      used.confirm(use);
    }

    @Override
    public void release(Use use) {
      used.release(use);
    }

    @Override
    public void purge(Instant now, Instant untimed) {
      used.purge(now, untimed);
    }
  }
}
