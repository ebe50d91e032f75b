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
/// operator gave, of which the first signs and all verify. [#signing()], [#published()] and
/// [#standsBehind] never block; the other methods may wait for the store. Thread-safe.
public final class SigningKeys {

  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  private static final String KEY_ID_PREFIX = "sig_";
  private static final Pattern MADE_HERE = Pattern.compile(KEY_ID_PREFIX + "[0-9A-Za-z]{22}");
  private static final Pattern GIVEN =
      Pattern.compile(HmacSecret.KEY_ID_PREFIX + "[0-9A-Za-z_-]{22}");
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  /// For how long a new key is published before it signs: longer than any node takes to refresh,
  /// and then any consumer to fetch a key set that it keeps for five minutes.
  public static final Duration PUBLISHED_BEFORE = Duration.ofMinutes(10);

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
  private record Keeping(
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

  private final @Nullable Keeping keeping;
  private final Duration overlap;
  private final Clock clock;
  private final ReentrantLock reading = new ReentrantLock();
  private volatile Keys keys;

  // Named by the feed, and perhaps still among the keys as they were read.
  private final Set<String> revoked = ConcurrentHashMap.newKeySet();

  // What came of looking for an unknown key id last; only under the lock.
  private @Nullable Instant lookedAt;
  private @Nullable StoreUnavailableException lookFailed;

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
    Keeping kept = new Keeping(store, seal, purpose, algorithm, life);
    this.keeping = kept;
    this.overlap = overlap;
    this.clock = clock;
    this.keys = read(kept, Rotation.IF_DUE);
  }

  private SigningKeys(Keys given) {
    this.keeping = null;
    this.overlap = Duration.ZERO;
    this.clock = Clock.systemUTC();
    this.keys = given;
  }

  /// Keys for HS256 that are given and stored nowhere: the first signs, all verify, for ever.
  /// Throws [IllegalArgumentException] when there is none.
  public static SigningKeys given(List<HmacSecret> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("HS256 needs at least one secret");
    }
    return new SigningKeys(
        Keys.of(secrets.stream().map(secret -> new Key(secret.key(), null)).toList()));
  }

  /// The key that signs now, with its private part. Empty when all keys known here were revoked,
  /// and their successor was not read yet. Never blocks.
  public Optional<JWK> signing() {
    return keys.signingAt(clock.instant(), revoked);
  }

  /// The key that signs now, with its private part. Reads the keys anew when all keys known here
  /// were revoked: waits for the store then, and throws [StoreUnavailableException] when it does
  /// not answer.
  public JWK current() {
    return signing()
        .or(this::readSigning)
        .orElseThrow(() -> new IllegalStateException("no key signs now"));
  }

  // One read serves all who wait for it.
  private Optional<JWK> readSigning() {
    reading.lock();
    try {
      if (signing().isEmpty()) {
        refresh();
      }
      return signing();
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
  public Optional<JWK> verifying(String keyId) {
    Key known = keys.byId.get(keyId);
    Keeping kept = keeping;
    if (known == null && kept != null && MADE_HERE.matcher(keyId).matches()) {
      known = lookFor(keyId, kept);
    }
    return known != null && verifiesAt(known, clock.instant())
        ? Optional.of(known.jwk)
        : Optional.empty();
  }

  /// The public parts of the key that signs, of one that will, and of those retired lately (RFC
  /// 7517 §5); none of a secret.
  public JWKSet published() {
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
  public boolean standsBehind(String keyId) {
    Key key = keys.byId.get(keyId);
    return key != null && verifiesAt(key, clock.instant());
  }

  /// Reads the keys anew; rotates when the newest is older than its life, or not of the algorithm
  /// that is set.
  public void refresh() {
    if (keeping != null) {
      update(keeping, Rotation.IF_DUE);
    }
  }

  /// Makes a new key that signs once it was published for [#PUBLISHED_BEFORE]; what the one before
  /// signed until then stays good for the overlap. False, and nothing changed, when the keys are an
  /// operator's secrets.
  public boolean rotate() {
    if (keeping == null) {
      return false;
    }
    update(keeping, Rotation.NOW);
    return true;
  }

  /// For a key that leaked: makes a new one, which signs at once, and removes all others, so that
  /// nothing that they signed is good any more. Whoever keeps the key set for a while knows the new
  /// one only then. False, and nothing changed, when the keys are an operator's secrets.
  public boolean revoke() {
    Keeping kept = keeping;
    if (kept == null) {
      return false;
    }
    reading.lock();
    try {
      kept.store.replaceAll(create(kept, clock.instant().truncatedTo(ChronoUnit.MILLIS)));
      keys = read(kept, Rotation.NONE);
      LOG.warn("Every signing key for {} was revoked, and replaced", kept.purpose);
      return true;
    } finally {
      reading.unlock();
    }
  }

  /// Whether the entry says that a signing key was revoked: then it neither signs nor verifies any
  /// more, and what was accepted by its signature must be forgotten
  /// ([dev.gatehouse.revocation.Revocations#forgetAllOn]). True once for each key, known here or
  /// not: the store may be being read.
  public boolean isRevokedBy(FeedEntry entry) {
    return entry.kind() == FeedEntry.Kind.CREDENTIAL
        && MADE_HERE.matcher(entry.name()).matches()
        && revoked.add(entry.name());
  }

  /// Whether a retired key verifies longer than what it signs is good.
  public boolean outlast(Duration life) {
    return keeping == null || overlap.compareTo(life) > 0;
  }

  /// Whether a text has the form of this gate's key ids.
  public static boolean namesKey(String keyId) {
    return MADE_HERE.matcher(keyId).matches() || GIVEN.matcher(keyId).matches();
  }

  private void update(Keeping kept, Rotation rotation) {
    reading.lock();
    try {
      keys = read(kept, rotation);
    } finally {
      reading.unlock();
    }
  }

  // Those who come while somebody asks wait for the answer.
  private @Nullable Key lookFor(String keyId, Keeping kept) {
    reading.lock();
    try {
      Key known = keys.byId.get(keyId);
      if (known != null) {
        return known;
      }
      Instant now = clock.instant();
      if (lookedAt != null && Duration.between(lookedAt, now).abs().compareTo(LOOK_AGAIN) < 0) {
        if (lookFailed != null) {
          throw lookFailed; // nobody knows yet that there is no such key
        }
        return null;
      }
      lookedAt = now;
      lookFailed = null;
      try {
        keys = read(kept, Rotation.NONE);
      } catch (StoreUnavailableException unavailable) {
        lookFailed = unavailable;
        throw unavailable;
      }
      return keys.byId.get(keyId);
    } finally {
      reading.unlock();
    }
  }

  private Keys read(Keeping kept, Rotation rotation) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    List<StoredSigningKey> stored = kept.store.list(kept.purpose);
    if (rotation != Rotation.NONE) {
      kept.store.purgeRetiredBefore(kept.purpose, now.minus(overlap));
      if (rotation == Rotation.NOW || isDue(stored, kept, now)) {
        // False when another node was faster: its key is the newest then.
        String newestKnown = stored.isEmpty() ? "" : stored.getFirst().id();
        Instant signsFrom = now.plus(PUBLISHED_BEFORE);
        if (kept.store.add(create(kept, now), newestKnown, signsFrom) && !stored.isEmpty()) {
          LOG.info("A new key for {} is published, and signs from {}", kept.purpose, signsFrom);
        }
      }
      stored = kept.store.list(kept.purpose);
    }
    return Keys.of(
        stored.reversed().stream()
            .map(key -> new Key(opened(key, kept.seal), key.retiredAt()))
            .toList());
  }

  private static boolean isDue(List<StoredSigningKey> stored, Keeping kept, Instant now) {
    return stored.isEmpty()
        || !now.isBefore(stored.getFirst().createdAt().plus(kept.life))
        || !kept.algorithm.jws().equals(opened(stored.getFirst(), kept.seal).getAlgorithm());
  }

  private boolean verifiesAt(Key key, Instant now) {
    return !revoked.contains(key.jwk.getKeyID())
        && (key.retiredAt == null || !now.isAfter(key.retiredAt.plus(overlap)));
  }

  private static StoredSigningKey create(Keeping kept, Instant now) {
    String id = RandomIds.next(KEY_ID_PREFIX);
    JWK key = kept.algorithm.generate(id);
    JWK publicPart = key.toPublicJWK();
    return new StoredSigningKey(
        id,
        kept.purpose,
        publicPart == null
            ? JSONObjectUtils.toJSONString(
                Map.of("kty", key.getKeyType().getValue(), "alg", kept.algorithm.jws().getName()))
            : publicPart.toJSONString(),
        kept.seal.seal(key.toJSONString(), place(id)),
        now,
        null);
  }

  // The whole key comes out of the seal, the public part too: who can write to the store alone
  // can't make a key that verifies.
  private static JWK opened(StoredSigningKey key, Seal seal) {
    try {
      JWK jwk = JWK.parse(seal.open(key.sealedPrivateJwk(), place(key.id())));
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

  private static String place(String id) {
    return "signing_key/" + id + "/private_jwk";
  }
}
