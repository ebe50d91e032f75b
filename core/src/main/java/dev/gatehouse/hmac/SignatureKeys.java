package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.CredentialTerms;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.signing.HmacSecret;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Issues, rotates and revokes the keys that requests and webhooks are signed with. Thread-safe;
/// every call may block.
public final class SignatureKeys {

  /// The form of a secret that the gate makes for signed requests.
  public static final SecretForm SECRET = SecretForm.base62("hmac_");

  /// The form of a webhook's secret that the gate or Stripe makes: of 192 bits or more in Base64.
  public static final SecretForm WEBHOOK_SECRET = new SecretForm("whsec_", 32, "+/", false);

  static final String ID_PREFIX = "h_";

  private static final int MAX_HOSTS = 16;
  private static final int MIN_WEBHOOK_SECRET = 16;
  private static final int MAX_WEBHOOK_SECRET = 512;
  private static final int MAX_OPENED = 10_000;
  private static final Pattern HOST =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\\[[0-9a-f:.]+]");

  /// What the name of a webhook looks like.
  public static final Pattern WEBHOOK = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  /// What a new key shall be.
  ///
  /// @param owner name or id of the account that it acts for
  /// @param material what it is made of
  /// @param webhook the name of the webhook that it is for; null: requests
  /// @param hosts that it is good for; empty: the gate's own
  /// @param scopes at most the owner's; null: all that the owner has now
  public record Request(
      String owner,
      String name,
      Material material,
      @Nullable String webhook,
      Set<String> hosts,
      @Nullable Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute) {}

  /// What a new key is made of.
  public sealed interface Material {

    /// A new secret of 256 random bits.
    record Random() implements Material {}

    /// A secret that another made.
    record Given(String secret) implements Material {
      @Override
      public String toString() {
        return "Given[…]";
      }
    }

    /// The public half of a key whose private half stays with its owner.
    ///
    /// @param pem `-----BEGIN PUBLIC KEY-----` (RFC 7468 §13)
    record Public(SignatureAlgorithm algorithm, String pem) implements Material {}
  }

  /// What came of it.
  public sealed interface Issuance {

    /// The key exists.
    ///
    /// @param secret shown here and never again; null where the gate made none
    record Issued(StoredSignatureKey key, @Nullable String secret) implements Issuance {

      @Override
      public String toString() {
        return "Issued[" + key.id() + "]";
      }
    }

    /// No key was made.
    record Refused(String why) implements Issuance {}

    /// There is no such key.
    record NotFound() implements Issuance {}
  }

  private final SignatureKeyStore store;
  private final Accounts accounts;
  private final Seal seal;
  private final Clock clock;

  // What a secret that is given must not be.
  private final OwnSecrets forRequests;
  private final OwnSecrets forWebhooks;

  // By what is stored: a change of that makes another entry.
  private final Cache<Stored, SignatureKey> opened =
      Caffeine.newBuilder()
          .maximumSize(MAX_OPENED)
          .expireAfterAccess(Duration.ofMinutes(10))
          .build();

  /// Keeps keys in that store, their secrets sealed.
  ///
  /// @param ownSecrets of every kind that the gate makes: a given secret must be none of another
  ///   kind, since one text would then be two credentials
  public SignatureKeys(
      SignatureKeyStore store, Accounts accounts, Seal seal, OwnSecrets ownSecrets, Clock clock) {
    this.forRequests = ownSecrets.without(SECRET);
    this.forWebhooks = ownSecrets.without(WEBHOOK_SECRET);
    this.store = store;
    this.accounts = accounts;
    this.seal = seal;
    this.clock = clock;
  }

  /// Issues a key.
  public Issuance issue(Request request) {
    Optional<Account> owner = accounts.find(request.owner());
    if (owner.isEmpty()) {
      return new Issuance.Refused("there is no account '" + request.owner() + "'");
    }
    Scopes granted = accounts.scopesOf(owner.get());
    CredentialTerms terms =
        new CredentialTerms(
            request.name(),
            request.scopes() == null ? granted : request.scopes(),
            request.expiresAt(),
            request.networks(),
            request.requestsPerMinute());
    Set<String> hosts = new TreeSet<>();
    request.hosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
    Optional<String> wrong =
        terms
            .wrongFor(owner.get(), granted, clock.instant())
            .or(() -> wrongHosts(hosts))
            .or(() -> wrongWebhook(request.webhook(), request.material()));
    if (wrong.isPresent()) {
      return new Issuance.Refused(wrong.get());
    }
    try {
      return add(
          made(request.material(), request.webhook()),
          owner.get().id(),
          request.webhook(),
          hosts,
          terms);
    } catch (IllegalArgumentException unfit) {
      return new Issuance.Refused(String.valueOf(unfit.getMessage()));
    }
  }

  /// Issues a successor with the same owner, hosts, scopes and limits; the key itself works on for
  /// the overlap, and then ends.
  ///
  /// @param material of the successor
  /// @param expiresAt when the successor ends; null: as long after now as the key's own life was
  public Issuance rotate(
      String id, Material material, Duration overlap, @Nullable Instant expiresAt) {
    Optional<String> wrongOverlap = CredentialTerms.wrongOverlap(overlap);
    if (wrongOverlap.isPresent()) {
      return new Issuance.Refused(wrongOverlap.get());
    }
    Optional<StoredSignatureKey> found = find(id);
    if (found.isEmpty()) {
      return new Issuance.NotFound();
    }
    StoredSignatureKey old = found.get();
    Instant now = now();
    CredentialTerms terms =
        new CredentialTerms(
            old.name(), old.scopes(), old.expiresAt(), old.networks(), old.requestsPerMinute());
    CredentialTerms renewed = terms.renewed(old.createdAt(), expiresAt, now);
    Optional<String> wrong =
        terms
            .wrongSuccession("the key", old.revokedAt(), old.successor(), now)
            .or(() -> renewed.wrongEnd(now))
            .or(() -> wrongWebhook(old.webhook(), material));
    if (wrong.isPresent()) {
      return new Issuance.Refused(wrong.get());
    }
    Made made;
    try {
      made = made(material, old.webhook());
    } catch (IllegalArgumentException unfit) {
      return new Issuance.Refused(String.valueOf(unfit.getMessage()));
    }
    StoredSignatureKey successor =
        stored(made, old.owner(), old.webhook(), old.hosts(), renewed, now);
    return store.rotate(id, now.plus(overlap), successor)
        ? new Issuance.Issued(successor, made.shown)
        : new Issuance.Refused("the key was revoked or replaced just now");
  }

  /// Revokes the key, at once and for good; false when there is none or it was revoked before.
  public boolean revoke(String id) {
    return store.revoke(id, now());
  }

  /// Whether that is the secret of the key of that id, and the key would be accepted now.
  public boolean isGood(String id, String secret) {
    Instant now = clock.instant();
    return store
        .byId(id)
        .filter(owned -> owned.key().revokedAt() == null && !owned.owner().disabled())
        .filter(
            owned -> {
              Instant end = owned.key().expiresAt();
              return end == null || now.isBefore(end);
            })
        .filter(owned -> owned.key().algorithm().isSymmetric())
        .map(owned -> open(owned.key()).secret())
        .filter(kept -> SignatureAlgorithm.equal(kept, secret.getBytes(StandardCharsets.UTF_8)))
        .isPresent();
  }

  /// The key of that id.
  public Optional<StoredSignatureKey> find(String id) {
    return store.byId(id).map(SignatureKeyStore.Owned::key);
  }

  /// Up to `limit` keys, of that owner's id or (null) of all, behind that id, in their order.
  public List<StoredSignatureKey> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return store.list(owner, afterId, limit);
  }

  /// Notes when keys were last used; ids of anything else are passed over.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> keys = new HashMap<>(lastUsed);
    keys.keySet().removeIf(id -> !id.startsWith(ID_PREFIX));
    if (!keys.isEmpty()) {
      store.touch(keys);
    }
  }

  /// The key, ready to verify; throws [Seal.BrokenSealException] when it was sealed elsewhere, and
  /// [IllegalArgumentException] that says why when it is a public key that proves nothing.
  SignatureKey open(StoredSignatureKey key) {
    return opened.get(
        new Stored(key.id(), key.algorithm(), key.material()),
        stored ->
            stored.algorithm.isSymmetric()
                ? SignatureKey.ofSecret(seal.open(stored.material, place(stored.id)))
                : SignatureKey.ofPublic(
                    stored.algorithm, Base64.getDecoder().decode(stored.material)));
  }

  /// Everything that decides whether and as what a key opens.
  private record Stored(String id, SignatureAlgorithm algorithm, String material) {

    @Override
    public String toString() {
      return "Stored[" + id + "]";
    }
  }

  /// What a key is made of, before it has an id.
  ///
  /// @param secret to be sealed; null: there is none
  /// @param spki of a public key; null: there is none
  /// @param shown to whoever asked for the key; null: nothing
  private record Made(
      SignatureAlgorithm algorithm,
      @Nullable String secret,
      @Nullable String spki,
      @Nullable String shown) {

    @Override
    public String toString() {
      return "Made[" + algorithm.id() + "]";
    }
  }

  private Made made(Material material, @Nullable String webhook) {
    return switch (material) {
      case Material.Random random -> {
        String secret = SECRET.random();
        yield new Made(SignatureAlgorithm.HMAC_SHA256, secret, null, secret);
      }
      case Material.Given(String secret) -> {
        if ((webhook == null ? forRequests : forWebhooks).isIn(secret)) {
          throw new IllegalArgumentException(
              "the secret has the form of another kind of secret that this gate makes, and must not"
                  + " be two credentials: make another one");
        }
        if (webhook == null) {
          HmacSecret.of(secret); // long, random, and in no published list
        } else if (!isWebhookSecret(secret)) {
          throw new IllegalArgumentException(
              "a webhook's secret has "
                  + MIN_WEBHOOK_SECRET
                  + " to "
                  + MAX_WEBHOOK_SECRET
                  + " characters of visible ASCII and spaces");
        }
        yield new Made(SignatureAlgorithm.HMAC_SHA256, secret, null, null);
      }
      case Material.Public(SignatureAlgorithm algorithm, String pem) -> {
        if (algorithm.isSymmetric()) {
          throw new IllegalArgumentException("hmac-sha256 has no public key");
        }
        byte[] spki = spki(pem);
        algorithm.publicKey(spki);
        yield new Made(algorithm, null, Base64.getEncoder().encodeToString(spki), null);
      }
    };
  }

  // RFC 7468 §13.
  private static byte[] spki(String pem) {
    String begin = "-----BEGIN PUBLIC KEY-----";
    String end = "-----END PUBLIC KEY-----";
    String text = (pem.startsWith("\ufeff") ? pem.substring(1) : pem).strip();
    if (!text.startsWith(begin) || !text.endsWith(end) || text.length() > 4096) {
      throw new IllegalArgumentException(
          "a public key begins with " + begin + ": make it with openssl pkey -pubout");
    }
    try {
      return Base64.getMimeDecoder()
          .decode(text.substring(begin.length(), text.length() - end.length()));
    } catch (IllegalArgumentException noBase64) {
      throw new IllegalArgumentException("the public key is damaged", noBase64);
    }
  }

  private static boolean isWebhookSecret(String secret) {
    return secret.length() >= MIN_WEBHOOK_SECRET
        && secret.length() <= MAX_WEBHOOK_SECRET
        && secret.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private Issuance add(
      Made made, String owner, @Nullable String webhook, Set<String> hosts, CredentialTerms terms) {
    StoredSignatureKey key = stored(made, owner, webhook, hosts, terms, now());
    store.add(key);
    return new Issuance.Issued(key, made.shown);
  }

  private StoredSignatureKey stored(
      Made made,
      String owner,
      @Nullable String webhook,
      Set<String> hosts,
      CredentialTerms terms,
      Instant now) {
    String id = RandomIds.next(ID_PREFIX);
    String material =
        made.secret == null ? String.valueOf(made.spki) : seal.seal(made.secret, place(id));
    return new StoredSignatureKey(
        id,
        made.algorithm,
        material,
        webhook,
        owner,
        terms.name(),
        hosts,
        terms.scopes(),
        terms.expiresAt(),
        terms.networks(),
        terms.requestsPerMinute(),
        now,
        null,
        null,
        null);
  }

  private static String place(String id) {
    return "signature_key/" + id + "/material";
  }

  private static Optional<String> wrongHosts(Set<String> hosts) {
    if (hosts.size() > MAX_HOSTS) {
      return Optional.of("a key is good for at most " + MAX_HOSTS + " hosts");
    }
    return hosts.stream()
        .filter(host -> !HOST.matcher(host).matches())
        .findFirst()
        .map(host -> "a host is a name alone, without scheme, port or path, as api.example.com");
  }

  private static Optional<String> wrongWebhook(@Nullable String webhook, Material material) {
    if (webhook == null) {
      return Optional.empty();
    }
    if (!WEBHOOK.matcher(webhook).matches()) {
      return Optional.of(
          "a webhook's name has up to 64 small letters, digits, '-', '_' and '.', as payments");
    }
    return material instanceof Material.Public
        ? Optional.of("a webhook's events are signed with a secret")
        : Optional.empty();
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
