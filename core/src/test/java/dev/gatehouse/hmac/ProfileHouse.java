package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Refusal;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.replay.UntimedEventTime;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A gate in memory that takes signatures of one profile, for the account `shop`.
public final class ProfileHouse {

  public static final String HOST = "gate.example";
  public static final int MAX_BODY = 1000;

  public final Time time = new Time();
  public final AtomicInteger bodiesRead = new AtomicInteger();

  /// What happens before the last byte of a body is here.
  public Runnable whileBodyArrives = () -> {};

  private final Roles roles = new Roles(Map.of());
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemorySignatureKeyStore store = new InMemorySignatureKeyStore(accountStore);
  private final InMemoryReplayStore used = new InMemoryReplayStore(1_000);
  private final UntimedEventTime untimed =
      new UntimedEventTime(Duration.ofHours(1), time.clock(), time.ticker());
  private final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  public final SignatureKeys keys =
      new SignatureKeys(
          store, accounts, new Seal(RandomIds.bytes(32)), OwnSecrets.NONE, time.clock());
  private final Function<SignatureVerifier, SignatureProfile> profile;
  private final Gate gate;

  public ProfileHouse(Function<SignatureVerifier, SignatureProfile> profile) {
    this.profile = profile;
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:write"));
    gate = gate();
  }

  /// Another node over the same stores.
  public Gate gate() {
    HmacSettings settings =
        new HmacSettings("orders", HmacSettings.DEFAULT_WINDOW, MAX_BODY, Set.of(HOST));
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    SignatureVerifier check =
        new SignatureVerifier(
            settings, store, keys, used, roles, revocations, time.clock(), time.ticker());
    return new Gate(
        List.of(new HmacAuthenticator(settings, List.of(profile.apply(check)))),
        revocations,
        new FailedAttempts(1_000, time.ticker()),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  /// A key for requests, or (with its name) for a webhook.
  public CredentialIssuance.Issued<StoredSignatureKey> issued(
      SignatureKeys.Material material, @Nullable String webhook) {
    return (CredentialIssuance.Issued<StoredSignatureKey>)
        keys.issue(
            new SignatureKeys.Request(
                new CredentialRequest("shop", "test", null, null, List.of(), null),
                material,
                webhook,
                Set.of()));
  }

  /// A request with that body, which counts how often it is read.
  public AuthRequest request(
      String method, String target, Map<String, String> fields, String body) {
    return request(method, HOST, target, fields, body);
  }

  public AuthRequest request(
      String method, String host, String target, Map<String, String> fields, String body) {
    RequestBody whole = RequestBody.of(body.getBytes(StandardCharsets.UTF_8));
    Map<String, List<String>> lines = new HashMap<>();
    fields.forEach((name, value) -> lines.put(name, List.of(value)));
    return new AuthRequest(
        method,
        "https",
        host,
        target,
        HeaderFields.of(lines),
        InetAddress.getLoopbackAddress(),
        PeerCertificates.NONE,
        new RequestBody() {
          @Override
          public boolean isEmpty() {
            return whole.isEmpty();
          }

          @Override
          public byte[] bytes(int maxBytes) {
            bodiesRead.incrementAndGet();
            whileBodyArrives.run();
            return whole.bytes(maxBytes);
          }
        });
  }

  /// Lets that much time pass, and forgets the uses that need not be known any longer.
  public void pass(Duration by) {
    time.pass(by);
    used.purge(time.now(), untimed.now());
  }

  /// Forgets uses as with a clock that is that much ahead.
  public void forget(Duration ahead) {
    used.purge(time.now().plus(ahead));
  }

  public Decision admit(AuthRequest request, Policy policy) {
    return gate.admit(request, policy);
  }

  public Decision review(Decision.Admitted admitted, AuthRequest request, Policy policy) {
    return gate.review(admitted, request, policy);
  }

  /// The refusal; fails when the request is admitted.
  public Refusal refused(AuthRequest request, Policy policy) {
    return ((Decision.Refused) admit(request, policy)).refusal();
  }
}
