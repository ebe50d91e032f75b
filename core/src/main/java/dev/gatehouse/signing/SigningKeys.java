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

/// The gate's signing keys for one purpose.
///
/// There are two modes. In the first, the gate generates the keys, stores them sealed, and rotates
/// them: a new key is published before it signs, and a retired key verifies for an overlap. In the
/// second, an operator provides secrets for HS256: the first one signs, and all verify. A key of
/// one purpose does not verify for another.
///
/// Thread-safe. [#cachedSigningKey()], [#publishedKeys()] and [#isVerifying] do not block; the
/// other methods may wait for the store.
public final class SigningKeys {

  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  private static final String KEY_ID_PREFIX = "sig_";
  private static final Pattern GENERATED_KEY_ID =
      Pattern.compile(KEY_ID_PREFIX + "[0-9A-Za-z]{22}");
  private static final Pattern SECRET_KEY_ID =
      Pattern.compile(HmacSecret.KEY_ID_PREFIX + "[0-9A-Za-z_-]{22}");
  private static final Duration UNKNOWN_KEY_READ_INTERVAL = Duration.ofSeconds(5);

  /// How long a new key is published before it signs: 10 minutes. In this time, every node
  /// refreshes its keys, and every consumer that keeps the key set for five minutes fetches it
  /// again.
  public static final Duration PUBLICATION_LEAD_TIME = Duration.ofMinutes(10);

  private record Key(JWK jwk, @Nullable Instant retiredAt) {}

  /// @param inOrder the keys in the order in which they were added, the oldest first
  private record Keys(List<Key> inOrder, Map<String, Key> byId) {

    static Keys of(List<Key> inOrder) {
      Map<String, Key> byId = new LinkedHashMap<>();
      inOrder.forEach(key -> byId.put(key.jwk.getKeyID(), key));
      return new Keys(inOrder, byId);
    }

    // The old key signs until it is retired. Its successor is being published in this time.
    Optional<JWK> signingAt(Instant now, Set<String> revoked) {
      return inOrder.stream()
          .filter(key -> key.retiredAt == null || now.isBefore(key.retiredAt))
          .map(Key::jwk)
          .filter(key -> !revoked.contains(key.getKeyID()))
          .findFirst();
    }
  }

  /// The store of the keys that the gate generates, and the settings for new keys.
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

  // The ids that the feed has named as revoked. The keys that were read may still contain them.
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();

  // The time and the result of the last look-up of an unknown key id. Guarded by the lock.
  private @Nullable Instant unknownKeyReadAt;
  private @Nullable StoreUnavailableException unknownKeyReadFailure;

  /// Reads the keys of this purpose. Generates a key if there is none, if the newest key is too
  /// old, or if it has another algorithm. Blocks, and throws [StoreUnavailableException] if the
  /// store does not answer.
  ///
  /// @param purpose what the keys sign; a key of one purpose does not verify for another
  /// @param life how old the newest key may become before it is rotated
  /// @param overlap how long a retired key still verifies and is published; it must be longer than
  ///   the life of everything that it signed, and than the time in which every node refreshes
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

  /// Keys for HS256 from secrets of an operator. The first secret signs, and all verify, without an
  /// end. Nothing is stored. Throws [IllegalArgumentException] if there is no secret.
  public static SigningKeys ofSecrets(List<HmacSecret> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("HS256 needs at least one secret");
    }
    return new SigningKeys(
        Keys.of(secrets.stream().map(secret -> new Key(secret.key(), null)).toList()));
  }

  /// Returns the key that signs now, with its private part. Empty if all known keys were revoked
  /// and their successor was not read yet. Does not block.
  public Optional<JWK> cachedSigningKey() {
    return keys.signingAt(clock.instant(), revoked);
  }

  /// Returns the key that signs now, with its private part. If all known keys were revoked, it
  /// reads the keys again. It then blocks, and throws [StoreUnavailableException] if the store does
  /// not answer.
  public JWK signingKey() {
    return cachedSigningKey()
        .or(this::readSigning)
        .orElseThrow(() -> new IllegalStateException("no key signs now"));
  }

  // One read serves all callers that wait for it.
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

  /// Returns the key with this id, if it may verify: it is not revoked, and it signs or was retired
  /// within the overlap. Otherwise empty.
  ///
  /// Another node may just have made a key that is unknown here. For an unknown id, this method
  /// reads the store again, at most every 5 seconds, and only if the id has the form of the gate's
  /// key ids. It then blocks, and throws [StoreUnavailableException] if the store does not answer.
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

  /// Returns the public keys that may verify: of the key that signs, of its published successor,
  /// and of the keys that were retired within the overlap (RFC 7517 §5). A secret is never
  /// included. Does not block.
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

  /// Returns true if the key with this id is known here and may verify: it is not revoked, and it
  /// signs or was retired within the overlap. Does not block.
  public boolean isVerifying(String keyId) {
    Key key = keys.byId.get(keyId);
    return key != null && verifiesAt(key, clock.instant());
  }

  /// Reads the keys again, and rotates if the newest key is older than its life or has another
  /// algorithm than the settings. Does nothing if the keys are secrets of an operator. Blocks, and
  /// throws [StoreUnavailableException] if the store does not answer.
  public void refresh() {
    if (keySource != null) {
      update(keySource, Rotation.IF_DUE);
    }
  }

  /// Generates a new key, which signs after it has been published for [#PUBLICATION_LEAD_TIME]. The
  /// old key still verifies for the overlap. Returns false, and changes nothing, if the keys are
  /// secrets of an operator. Blocks, and throws [StoreUnavailableException] if the store does not
  /// answer.
  public boolean rotate() {
    if (keySource == null) {
      return false;
    }
    update(keySource, Rotation.NOW);
    return true;
  }

  /// Replaces all keys, for example after one has leaked. Generates a new key, which signs at once,
  /// and removes all others, so that nothing they signed is valid any more. A consumer that keeps
  /// the key set does not know the new key until it fetches the set again. Returns false, and
  /// changes nothing, if the keys are secrets of an operator. Blocks, and throws
  /// [StoreUnavailableException] if the store does not answer.
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

  /// Records the revocation of a signing key, if this feed entry names one. The key then does not
  /// sign or verify any more.
  ///
  /// Returns true if the entry names a signing key, but only the first time for each key. The
  /// caller must then forget everything that was accepted by a signature of the key
  /// ([dev.gatehouse.revocation.Revocations#forgetAllOn]). The key may be unknown here, because the
  /// store may be read at the same time. Does not block.
  public boolean recordRevocation(FeedEntry entry) {
    return entry.kind() == FeedEntry.Kind.CREDENTIAL
        && GENERATED_KEY_ID.matcher(entry.name()).matches()
        && revoked.add(entry.name());
  }

  /// Returns true if a retired key verifies for longer than this. The argument is the life of what
  /// the keys sign.
  public boolean verifyLongerThan(Duration life) {
    return keySource == null || overlap.compareTo(life) > 0;
  }

  /// Returns true if the text has the form of the key ids of this class.
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

  // Callers that arrive during a read wait for its result.
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
          throw unknownKeyReadFailure; // The store did not say that there is no such key.
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

  // Takes the public part from the sealed key too. So an attacker who can only write to the store
  // cannot add a key that verifies.
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
