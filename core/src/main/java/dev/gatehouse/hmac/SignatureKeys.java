package dev.gatehouse.hmac;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.signing.HmacSecret;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Issues, rotates and revokes signature keys, and opens their sealed secrets.
///
/// The lifecycle is that of every issued credential: see [Credentials]. This class adds the
/// material of a key. A secret is stored sealed, under a key that is not in the database.
/// Thread-safe; each method may block, and throws [dev.gatehouse.StoreUnavailableException] if the
/// store does not answer.
public final class SignatureKeys extends Credentials<StoredSignatureKey> {

  /// The form of a secret that the gate generates for signed requests: `hmac_` and Base62.
  public static final SecretForm REQUEST_SECRET_FORM = SecretForm.base62("hmac_");

  /// The form of a webhook's secret that the gate or Stripe generates: `whsec_`, and 192 bits or
  /// more in Base64.
  public static final SecretForm WEBHOOK_SECRET_FORM = new SecretForm("whsec_", 32, "+/", false);

  private static final int MAX_HOSTS = 16;
  private static final int MIN_WEBHOOK_SECRET_CHARS = 16;
  private static final int MAX_WEBHOOK_SECRET_CHARS = 512;
  private static final int MAX_OPENED_KEYS = 10_000;
  private static final Duration OPENED_KEY_RETENTION = Duration.ofMinutes(10);
  private static final Pattern HOST_NAME =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\\[[0-9a-f:.]+]");

  /// The form of a webhook's name: 1 to 64 lower-case letters, digits, `-`, `_` and `.`; the first
  /// character is a letter or a digit.
  public static final Pattern WEBHOOK_NAME = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  /// A request to issue a key.
  ///
  /// @param credential the owner and the terms of the key
  /// @param material the material of the key
  /// @param webhook the name of the webhook that the key is for; null: the key signs requests
  /// @param hosts the hosts for which the key is valid; empty: the gate's own hosts
  public record Request(
      CredentialRequest credential,
      Material material,
      @Nullable String webhook,
      Set<String> hosts) {}

  /// The material of a new key.
  public sealed interface Material {

    /// The gate generates a secret with 256 random bits.
    record NewSecret() implements Material {}

    /// The caller brings a secret, for example one that a vendor generated. The text form hides it.
    record GivenSecret(String secret) implements Material {
      @Override
      public String toString() {
        return "GivenSecret[…]";
      }
    }

    /// The caller brings a public key, and keeps the private key.
    ///
    /// @param pem the SubjectPublicKeyInfo in PEM, with the label `PUBLIC KEY` (RFC 7468 §13)
    record PublicKey(SignatureAlgorithm algorithm, String pem) implements Material {}
  }

  private final SignatureKeyStore store;
  private final Seal seal;
  private final Clock clock;

  // The forms of other secrets. A secret that the caller brings must not have one of these forms.
  private final OwnSecrets forRequests;
  private final OwnSecrets forWebhooks;

  // The cache key holds the stored material, so changed material is opened again.
  private final Cache<Stored, SignatureKey> opened =
      Caffeine.newBuilder()
          .maximumSize(MAX_OPENED_KEYS)
          .expireAfterAccess(OPENED_KEY_RETENTION)
          .build();

  /// A service that keeps its keys in this store.
  ///
  /// @param seal seals and opens the secrets
  /// @param ownSecrets the forms of all secrets that the gate generates; a secret that a caller
  ///   brings must not have the form of another kind, because one text would then be two
  ///   credentials
  public SignatureKeys(
      SignatureKeyStore store, Accounts accounts, Seal seal, OwnSecrets ownSecrets, Clock clock) {
    super(StoredSignatureKey.KIND, store, accounts, clock);
    this.forRequests = ownSecrets.without(REQUEST_SECRET_FORM);
    this.forWebhooks = ownSecrets.without(WEBHOOK_SECRET_FORM);
    this.store = store;
    this.seal = seal;
    this.clock = clock;
  }

  /// Issues a key. The result holds the secret if the gate generated it; the secret cannot be read
  /// again later.
  ///
  /// Refuses, with the reason: more than 16 hosts, a text that is not a host, a text that is not a
  /// name of a webhook, a secret that is weak or has the form of another secret of this gate, and a
  /// public key that is weak or that is for a webhook.
  public CredentialIssuance<StoredSignatureKey> issue(Request request) {
    Set<String> hosts = new TreeSet<>();
    request.hosts().forEach(host -> hosts.add(host.toLowerCase(Locale.ROOT)));
    return issue(
        request.credential(), draft -> made(draft, request.material(), request.webhook(), hosts));
  }

  /// Issues a successor with the same owner, webhook, hosts, scopes, networks and rate. The key
  /// with this id stays valid for the overlap, and then ends.
  ///
  /// @param material the material of the successor
  /// @param expiresAt when the successor ends; null: its life is as long as that of the key
  public CredentialIssuance<StoredSignatureKey> rotate(
      String id, Material material, Duration overlap, @Nullable Instant expiresAt) {
    return rotate(
        id,
        overlap,
        expiresAt,
        (old, draft) -> made(draft, material, old.material().webhook(), old.material().hosts()));
  }

  /// Returns true if this is the secret of the key with this id, and the key would be accepted now.
  /// The comparison takes constant time.
  public boolean isValid(String id, String secret) {
    return store
        .byId(id)
        .filter(owned -> owned.isValid(clock.instant()))
        .map(OwnedCredential::credential)
        .filter(key -> key.material().algorithm().isSymmetric())
        .map(key -> open(key).secret())
        .filter(
            kept ->
                SignatureAlgorithm.equalInConstantTime(
                    kept, secret.getBytes(StandardCharsets.UTF_8)))
        .isPresent();
  }

  /// Opens a stored key. Does not check whether the key may be used.
  ///
  /// Throws [Seal.BrokenSealException] if the secret was sealed for another place or with another
  /// key, and [IllegalArgumentException] if the public key is weak or invalid.
  SignatureKey open(IssuedCredential<StoredSignatureKey> key) {
    return opened.get(
        new Stored(key.id(), key.material().algorithm(), key.material().material()),
        stored ->
            stored.algorithm.isSymmetric()
                ? SignatureKey.ofSecret(seal.open(stored.material, sealContext(stored.id)))
                : SignatureKey.ofPublic(
                    stored.algorithm, Base64.getDecoder().decode(stored.material)));
  }

  /// Everything on which the result of [#open] depends.
  private record Stored(String id, SignatureAlgorithm algorithm, String material) {

    @Override
    public String toString() {
      return "Stored[" + id + "]";
    }
  }

  private NewMaterial<StoredSignatureKey> made(
      Draft draft, Material material, @Nullable String webhook, Set<String> hosts) {
    Optional<String> wrong = wrongHosts(hosts).or(() -> wrongWebhook(webhook, material));
    if (wrong.isPresent()) {
      return new NewMaterial.Refused<>(wrong.get());
    }
    try {
      return switch (material) {
        case Material.NewSecret random -> {
          String secret = REQUEST_SECRET_FORM.random();
          yield made(draft, sealed(draft, secret, webhook, hosts), secret);
        }
        case Material.GivenSecret(String secret) -> {
          check(secret, webhook);
          yield made(draft, sealed(draft, secret, webhook, hosts), null);
        }
        case Material.PublicKey(SignatureAlgorithm algorithm, String pem) -> {
          String spki = Base64.getEncoder().encodeToString(publicKey(algorithm, pem));
          yield made(draft, new StoredSignatureKey(algorithm, spki, webhook, hosts), null);
        }
      };
    } catch (IllegalArgumentException unfit) {
      return new NewMaterial.Refused<>(String.valueOf(unfit.getMessage()));
    }
  }

  private static NewMaterial<StoredSignatureKey> made(
      Draft draft, StoredSignatureKey key, @Nullable String secret) {
    return new NewMaterial.Made<>(key, draft.terms(), secret);
  }

  private StoredSignatureKey sealed(
      Draft draft, String secret, @Nullable String webhook, Set<String> hosts) {
    return new StoredSignatureKey(
        SignatureAlgorithm.HMAC_SHA256, seal.seal(secret, sealContext(draft.id())), webhook, hosts);
  }

  private void check(String secret, @Nullable String webhook) {
    if ((webhook == null ? forRequests : forWebhooks).isIn(secret)) {
      throw new IllegalArgumentException(
          "the secret has the form of another kind of secret that this gate makes, and must not"
              + " be two credentials: make another one");
    }
    if (webhook == null) {
      HmacSecret.of(secret); // Throws unless the secret is long, random and not published.
    } else if (!isWebhookSecret(secret)) {
      throw new IllegalArgumentException(
          "a webhook's secret has "
              + MIN_WEBHOOK_SECRET_CHARS
              + " to "
              + MAX_WEBHOOK_SECRET_CHARS
              + " characters of visible ASCII and spaces");
    }
  }

  private static byte[] publicKey(SignatureAlgorithm algorithm, String pem) {
    if (algorithm.isSymmetric()) {
      throw new IllegalArgumentException("hmac-sha256 has no public key");
    }
    byte[] spki = spki(pem);
    algorithm.publicKey(spki);
    return spki;
  }

  // RFC 7468 §13. A byte order mark and white space around the text are allowed.
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
    return secret.length() >= MIN_WEBHOOK_SECRET_CHARS
        && secret.length() <= MAX_WEBHOOK_SECRET_CHARS
        && secret.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
  }

  private static String sealContext(String id) {
    return "signature_key/" + id + "/material";
  }

  private static Optional<String> wrongHosts(Set<String> hosts) {
    if (hosts.size() > MAX_HOSTS) {
      return Optional.of("a key is good for at most " + MAX_HOSTS + " hosts");
    }
    return hosts.stream()
        .filter(host -> !HOST_NAME.matcher(host).matches())
        .findFirst()
        .map(host -> "a host is a name alone, without scheme, port or path, as api.example.com");
  }

  private static Optional<String> wrongWebhook(@Nullable String webhook, Material material) {
    if (webhook == null) {
      return Optional.empty();
    }
    if (!WEBHOOK_NAME.matcher(webhook).matches()) {
      return Optional.of(
          "a webhook's name has up to 64 small letters, digits, '-', '_' and '.', as payments");
    }
    return material instanceof Material.PublicKey
        ? Optional.of("a webhook's events are signed with a secret")
        : Optional.empty();
  }
}
