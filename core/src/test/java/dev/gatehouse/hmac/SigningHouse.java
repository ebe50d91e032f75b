package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
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
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Everything that signed requests need in one process, with a time that stands still.
public final class SigningHouse {

  /// How many uses find room.
  public static final int MAX_USES = 1_000;

  /// Of the longest signed body.
  public static final int MAX_BODY = 1_000;

  public static final Policy POLICY = Policy.accepting(Method.HMAC);

  private static final OwnSecrets OWN_SECRETS =
      new OwnSecrets(
          List.of(
              SecretForm.base62("sk_live_"),
              SignatureKeys.REQUEST_SECRET_FORM,
              SignatureKeys.WEBHOOK_SECRET_FORM));

  public final Time time = new Time();
  public final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  public final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  public final InMemorySignatureKeyStore store = new InMemorySignatureKeyStore(accountStore);
  public final Accounts accounts = new Accounts(accountStore, Roles.NONE, time.clock());
  public final SignatureKeys keys =
      new SignatureKeys(store, accounts, new Seal(new byte[32]), OWN_SECRETS, time.clock());
  public final InMemoryReplayStore used = new InMemoryReplayStore(MAX_USES);
  public final HmacSettings settings =
      new HmacSettings("orders", Duration.ofMinutes(5), MAX_BODY, Set.of("api.example.com"));

  /// Has an account `shop`.
  public SigningHouse() {
    accounts.add(
        Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:read", "orders:write"));
  }

  /// Lets that much time pass, and forgets the uses that need not be known any longer.
  public void pass(Duration by) {
    time.pass(by);
    used.purge(time.now());
  }

  /// A gate for that way of signing.
  public Gate gate(Function<SignatureVerifier, SignatureProfile> profile) {
    return gate(store, used, List.of(profile));
  }

  /// A gate for these ways of signing, with those stores.
  public Gate gate(
      SignatureKeyStore keyStore,
      ReplayStore replayStore,
      List<Function<SignatureVerifier, SignatureProfile>> profiles) {
    return gate(settings, keyStore, replayStore, profiles);
  }

  /// A gate for the gate's own way of signing, with those settings.
  public Gate gate(HmacSettings others) {
    return gate(others, store, used, List.of(GatehouseProfile::new));
  }

  private Gate gate(
      HmacSettings settings,
      SignatureKeyStore keyStore,
      ReplayStore replayStore,
      List<Function<SignatureVerifier, SignatureProfile>> profiles) {
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, time.ticker());
    feed.onCommit(revocations::hear);
    SignatureVerifier check =
        new SignatureVerifier(
            settings,
            keyStore,
            keys,
            replayStore,
            Roles.NONE,
            revocations,
            time.clock(),
            time.ticker());
    return new Gate(
        List.of(
            new HmacAuthenticator(
                settings, profiles.stream().map(make -> make.apply(check)).toList())),
        revocations,
        new FailedAttempts(1_000, time.ticker()),
        new Usage(),
        time.clock(),
        time.ticker());
  }

  /// A use of a signature of now.
  public ReplayStore.Use useOf(String holder) {
    return new ReplayStore.Use(
        ReplayStore.Kind.SIGNATURE,
        holder,
        Digest.sha256(holder.getBytes(StandardCharsets.UTF_8)),
        time.now(),
        time.now().plus(settings.window()));
  }

  /// A new key of the account `shop`.
  public CredentialIssuance.Issued<StoredSignatureKey> issued() {
    return issued(new SignatureKeys.Material.NewSecret(), null, Set.of());
  }

  /// A new key of the account `shop`.
  public CredentialIssuance.Issued<StoredSignatureKey> issued(
      SignatureKeys.Material material, @Nullable String webhook, Set<String> hosts) {
    return (CredentialIssuance.Issued<StoredSignatureKey>)
        keys.issue(
            new SignatureKeys.Request(
                new CredentialRequest("shop", "test", null, null, List.of(), null),
                material,
                webhook,
                hosts));
  }

  /// A new key of the account `shop` that may be used so often a minute, from there.
  public CredentialIssuance.Issued<StoredSignatureKey> issued(
      int requestsPerMinute, String network) {
    return (CredentialIssuance.Issued<StoredSignatureKey>)
        keys.issue(
            new SignatureKeys.Request(
                new CredentialRequest(
                    "shop", "test", null, null, List.of(Network.parse(network)), requestsPerMinute),
                new SignatureKeys.Material.NewSecret(),
                null,
                Set.of()));
  }

  /// The secret of a key that was issued just now.
  public static String secret(CredentialIssuance.Issued<StoredSignatureKey> issued) {
    return issued.newSecret();
  }

  /// A request to `https://api.example.com`.
  public static AuthRequest request(
      String method, String target, String body, Map<String, String> fields) {
    Map<String, List<String>> each = new TreeMap<>();
    fields.forEach((name, value) -> each.put(name, List.of(value)));
    return request(method, target, RequestBody.of(body.getBytes(StandardCharsets.UTF_8)), each);
  }

  /// The same, with fields that may come twice.
  public static AuthRequest request(
      String method, String target, RequestBody body, Map<String, List<String>> fields) {
    return new AuthRequest(
        method,
        "https",
        "api.example.com",
        target,
        HeaderFields.of(fields),
        Network.address("192.0.2.1"),
        PeerCertificates.NONE,
        body);
  }

  /// The code of the refusal; `admitted` when there was none.
  public static String outcome(Decision decision) {
    return switch (decision) {
      case Decision.Admitted admitted -> "admitted";
      case Decision.Refused(Refusal refusal) -> refusal.reason().code();
    };
  }
}
