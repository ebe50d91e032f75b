package dev.gatehouse.signing;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gate's signing keys of one purpose: a new one is published before it signs, the retired
/// verify for an overlap, and none verifies for another purpose.
///
/// Either the gate makes them, keeps them sealed and rotates them; or they are secrets that an
/// operator gave, of which the first signs and all verify. [#cachedSigningKey()],
/// [#publishedKeys()] and [#isVerifying] never block; the other methods may wait for the store.
/// Thread-safe.
public final class SigningKeys {

  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  private static final String KEY_ID_PREFIX = "sig_";
  private static final Pattern GENERATED_KEY_ID =
      Pattern.compile(KEY_ID_PREFIX + "[0-9A-Za-z]{22}");
  private static final Pattern SECRET_KEY_ID =
      Pattern.compile(HmacSecret.KEY_ID_PREFIX + "[0-9A-Za-z_-]{22}");
  private static final Duration UNKNOWN_KEY_READ_INTERVAL = Duration.ofSeconds(5);

  /// For how long a new key is published before it signs: longer than any node takes to refresh,
  /// and then any consumer to fetch a key set that it keeps for five minutes.
  public static final Duration PUBLICATION_LEAD_TIME = Duration.ofMinutes(10);

  private record Key(JWK jwk, @Nullable Instant retiredAt) {}

  /// @param inOrder of their adding, the oldest first
  private record Keys(List<Key> inOrder, Map<String, Key> byId) {

    static Keys of(List<Key> inOrder) {
      Map<String, Key> byId = new LinkedHashMap<>();
      inOrder.forEach(key -> byId.put(key.jwk.getKeyID(), key));
      return new Keys(inOrder, byId);
    }

    // The one before signs until it is retired: its successor is being made known.
    Optional<JWK> signingAt(Instant now, Set<String> revoked) {
      return inOrder.stream()
          .filter(key -> key.retiredAt == null || now.isBefore(key.retiredAt))
          .map(Key::jwk)
          .filter(key -> !revoked.contains(key.getKeyID()))
          .findFirst();
    }
  }

  /// Where keys are kept that the gate makes, and how.
  private record KeySource(
      SigningKeyStore store,
      Seal seal,
      String purpose,
      SigningAlgorithm algorithm,
      Duration life) {}

  private enum Rotation {
    NONE,
    IF_DUE,
    NOW
  }

  private final @Nullable KeySource keySource;
  private final Duration overlap;
  private final Clock clock;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Keys keys;

  // Named by the feed, and perhaps still among the keys as they were read.
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();

  // What came of looking for an unknown key id last; only under the lock.
  private @Nullable Instant unknownKeyReadAt;
  private @Nullable StoreUnavailableException unknownKeyReadFailure;

  /// Reads the keys of that purpose; makes one when there is none, or the newest is of another
  /// algorithm.
  ///
  /// @param life how old the newest key may become
  /// @param overlap how long a retired key verifies and is published: longer than anything that it
  ///   signed lasts, and than it takes until every node has refreshed
  public SigningKeys(
      SigningKeyStore store,
      Seal seal,
      String purpose,
      SigningAlgorithm algorithm,
      Duration life,
      Duration overlap,
      Clock clock) {
    KeySource source = new KeySource(store, seal, purpose, algorithm, life);
    this.keySource = source;
    this.overlap = overlap;
    this.clock = clock;
    this.keys = read(source, Rotation.IF_DUE);
  }

  private SigningKeys(Keys given) {
    this.keySource = null;
    this.overlap = Duration.ZERO;
    this.clock = Clock.systemUTC();
    this.keys = given;
  }

  /// Keys for HS256 that are given and stored nowhere: the first signs, all verify, for ever.
  /// Throws [IllegalArgumentException] when there is none.
  public static SigningKeys ofSecrets(List<HmacSecret> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("HS256 needs at least one secret");
    }
    return new SigningKeys(
        Keys.of(secrets.stream().map(secret -> new Key(secret.key(), null)).toList()));
  }

  /// The key that signs now, with its private part. Empty when all keys known here were revoked,
  /// and their successor was not read yet. Never blocks.
  public Optional<JWK> cachedSigningKey() {
    return keys.signingAt(clock.instant(), revoked);
  }

  /// The key that signs now, with its private part. Reads the keys anew when all keys known here
  /// were revoked: waits for the store then, and throws [StoreUnavailableException] when it does
  /// not answer.
  public JWK signingKey() {
    return cachedSigningKey()
        .or(this::readSigning)
        .orElseThrow(() -> new IllegalStateException("no key signs now"));
  }

  // One read serves all who wait for it.
  private Optional<JWK> readSigning() {
    reading.lock();
    try {
      if (cachedSigningKey().isEmpty()) {
        refresh();
      }
      return cachedSigningKey();
    } finally {
      reading.unlock();
    }
  }

  /// The key of that id, if what it signed may still be good: it signs, or was retired within the
  /// overlap.
  ///
  /// One that is unknown may have been made by another node a moment ago: the store is asked again,
  /// at most every 5 seconds, and only for an id of the form that the gate gives. Throws
  /// [StoreUnavailableException] when it does not answer.
  public Optional<JWK> verificationKey(String keyId) {
    Key known = keys.byId.get(keyId);
    KeySource source = keySource;
    if (known == null && source != null && GENERATED_KEY_ID.matcher(keyId).matches()) {
      known = readUnknownKey(keyId, source);
    }
    return known != null && verifiesAt(known, clock.instant())
        ? Optional.of(known.jwk)
        : Optional.empty();
  }

  /// The public parts of the key that signs, of one that will, and of those retired lately (RFC
  /// 7517 §5); none of a secret.
  public JWKSet publishedKeys() {
    Instant now = clock.instant();
    List<JWK> published = new ArrayList<>();
    for (Key key : keys.byId.values()) {
      JWK publicPart = key.jwk.toPublicJWK(); // null: it has none
      if (publicPart != null && verifiesAt(key, now)) {
        published.add(publicPart);
      }
    }
    return new JWKSet(published);
  }

  /// Whether the key of that id is known here, is not revoked, and signs or was retired within the
  /// overlap: whether what it signed may still be given out. Never blocks.
  public boolean isVerifying(String keyId) {
    Key key = keys.byId.get(keyId);
    return key != null && verifiesAt(key, clock.instant());
  }

  /// Reads the keys anew; rotates when the newest is older than its life, or not of the algorithm
  /// that is set.
  public void refresh() {
    if (keySource != null) {
      update(keySource, Rotation.IF_DUE);
    }
  }

  /// Makes a new key that signs once it was published for [#PUBLICATION_LEAD_TIME]; what the one
  /// before signed until then stays good for the overlap. False, and nothing changed, when the keys
  /// are an operator's secrets.
  public boolean rotate() {
    if (keySource == null) {
      return false;
    }
    update(keySource, Rotation.NOW);
    return true;
  }

  /// For a key that leaked: makes a new one, which signs at once, and removes all others, so that
  /// nothing that they signed is good any more. Whoever keeps the key set for a while knows the new
  /// one only then. False, and nothing changed, when the keys are an operator's secrets.
  public boolean revoke() {
    KeySource source = keySource;
    if (source == null) {
      return false;
    }
    reading.lock();
    try {
      source.store.replaceAll(create(source, clock.instant().truncatedTo(ChronoUnit.MILLIS)));
      keys = read(source, Rotation.NONE);
      LOG.warn("Every signing key for {} was revoked, and replaced", source.purpose);
      return true;
    } finally {
      reading.unlock();
    }
  }

  /// Whether the entry says that a signing key was revoked: then it neither signs nor verifies any
  /// more, and what was accepted by its signature must be forgotten
  /// ([dev.gatehouse.revocation.Revocations#forgetAllOn]). True once for each key, known here or
  /// not: the store may be being read.
  public boolean recordRevocation(FeedEntry entry) {
    return entry.kind() == FeedEntry.Kind.CREDENTIAL
        && GENERATED_KEY_ID.matcher(entry.name()).matches()
        && revoked.add(entry.name());
  }

  /// Whether a retired key verifies longer than what it signs is good.
  public boolean verifyLongerThan(Duration life) {
    return keySource == null || overlap.compareTo(life) > 0;
  }

  /// Whether a text has the form of this gate's key ids.
  public static boolean isKeyId(String keyId) {
    return GENERATED_KEY_ID.matcher(keyId).matches() || SECRET_KEY_ID.matcher(keyId).matches();
  }

  private void update(KeySource source, Rotation rotation) {
    reading.lock();
    try {
      keys = read(source, rotation);
    } finally {
      reading.unlock();
    }
  }

  // Those who come while somebody asks wait for the answer.
  private @Nullable Key readUnknownKey(String keyId, KeySource source) {
    reading.lock();
    try {
      Key known = keys.byId.get(keyId);
      if (known != null) {
        return known;
      }
      Instant now = clock.instant();
      if (unknownKeyReadAt != null
          && Duration.between(unknownKeyReadAt, now).abs().compareTo(UNKNOWN_KEY_READ_INTERVAL)
              < 0) {
        if (unknownKeyReadFailure != null) {
          throw unknownKeyReadFailure; // nobody knows yet that there is no such key
        }
        return null;
      }
      unknownKeyReadAt = now;
      unknownKeyReadFailure = null;
      try {
        keys = read(source, Rotation.NONE);
      } catch (StoreUnavailableException unavailable) {
        unknownKeyReadFailure = unavailable;
        throw unavailable;
      }
      return keys.byId.get(keyId);
    } finally {
      reading.unlock();
    }
  }

  private Keys read(KeySource source, Rotation rotation) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<StoredSigningKey> stored = source.store.list(source.purpose);
    if (rotation != Rotation.NONE) {
      source.store.purgeRetiredBefore(source.purpose, now.minus(overlap));
      if (rotation == Rotation.NOW || isDue(stored, source, now)) {
        // False when another node was faster: its key is the newest then.
        String newestKnown = stored.isEmpty() ? "" : stored.getFirst().id();
        Instant signsFrom = now.plus(PUBLICATION_LEAD_TIME);
        if (source.store.add(create(source, now), newestKnown, signsFrom) && !stored.isEmpty()) {
          LOG.info("A new key for {} is published, and signs from {}", source.purpose, signsFrom);
        }
      }
      stored = source.store.list(source.purpose);
    }
    return Keys.of(
        stored.reversed().stream()
            .map(key -> new Key(opened(key, source.seal), key.retiredAt()))
            .toList());
  }

  private static boolean isDue(List<StoredSigningKey> stored, KeySource source, Instant now) {
    return stored.isEmpty()
        || !now.isBefore(stored.getFirst().createdAt().plus(source.life))
        || !source.algorithm.jws().equals(opened(stored.getFirst(), source.seal).getAlgorithm());
  }

  private boolean verifiesAt(Key key, Instant now) {
    return !revoked.contains(key.jwk.getKeyID())
        && (key.retiredAt == null || !now.isAfter(key.retiredAt.plus(overlap)));
  }

  private static StoredSigningKey create(KeySource source, Instant now) {
    String id = RandomIds.next(KEY_ID_PREFIX);
    JWK key = source.algorithm.generate(id);
    JWK publicPart = key.toPublicJWK();
    return new StoredSigningKey(
        id,
        source.purpose,
        publicPart == null
            ? JSONObjectUtils.toJSONString(
                Map.of("kty", key.getKeyType().getValue(), "alg", source.algorithm.jws().getName()))
            : publicPart.toJSONString(),
        source.seal.seal(key.toJSONString(), sealContext(id)),
        now,
        null);
  }

  // The whole key comes out of the seal, the public part too: who can write to the store alone
  // can't make a key that verifies.
  private static JWK opened(StoredSigningKey key, Seal seal) {
    try {
      JWK jwk = JWK.parse(seal.open(key.sealedPrivateJwk(), sealContext(key.id())));
      if (!jwk.isPrivate()
          || !key.id().equals(jwk.getKeyID())
          || SigningAlgorithm.of(jwk).isEmpty()) {
        throw new IllegalStateException(
            "the stored signing key " + key.id() + " is not whole, or not fit to sign");
      }
      String fault = jwk instanceof OctetSequenceKey ? null : PublicKeyCheck.fault(jwk);
      if (fault != null) {
        throw new IllegalStateException("the stored signing key " + key.id() + " is " + fault);
      }
      return jwk;
    } catch (ParseException broken) {
      throw new IllegalStateException("a stored signing key can't be read", broken);
    }
  }

  private static String sealContext(String id) {
    return "signing_key/" + id + "/private_jwk";
  }
}
