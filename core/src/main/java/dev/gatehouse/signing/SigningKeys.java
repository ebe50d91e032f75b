package dev.gatehouse.signing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The gate's signing keys of one purpose: the newest signs, the retired are published for an
/// overlap, and none verifies for another purpose.
///
/// ES256 (RFC 7518 §3.4). Reading them never blocks; [#refresh()] does, and is called at the start
/// and from time to time. Thread-safe.
public final class SigningKeys {

  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  private record Keys(ECKey current, List<JWK> published) {}

  private final SigningKeyStore store;
  private final Seal seal;
  private final String purpose;
  private final Duration life;
  private final Duration overlap;
  private final Clock clock;
  private volatile Keys keys;

  /// Reads the keys of that purpose, and makes the first when there is none.
  ///
  /// @param life how long a key signs
  /// @param overlap how long a retired key is published: longer than anything that it signed lasts
  public SigningKeys(
      SigningKeyStore store,
      Seal seal,
      String purpose,
      Duration life,
      Duration overlap,
      Clock clock) {
    this.store = store;
    this.seal = seal;
    this.purpose = purpose;
    this.life = life;
    this.overlap = overlap;
    this.clock = clock;
    this.keys = read();
  }

  /// The key that signs now, with its private part.
  public ECKey current() {
    return keys.current;
  }

  /// The public parts of the key that signs and of those retired lately (RFC 7517 §5).
  public JWKSet published() {
    return new JWKSet(keys.published);
  }

  /// Reads the keys anew; rotates when the one that signs is older than its life.
  public void refresh() {
    keys = read();
  }

  private Keys read() {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    store.purgeRetiredBefore(purpose, now.minus(overlap));
    List<StoredSigningKey> stored = store.list(purpose);
    if (stored.isEmpty() || !now.isBefore(stored.getFirst().createdAt().plus(life))) {
      // False when another node was faster: its key is the newest then.
      String newestKnown = stored.isEmpty() ? "" : stored.getFirst().id();
      if (store.add(create(now), newestKnown) && !stored.isEmpty()) {
        LOG.info("The signing key for {} was rotated", purpose);
      }
      stored = store.list(purpose);
    }
    List<JWK> published = new ArrayList<>();
    for (StoredSigningKey key : stored) {
      published.add(parse(key.publicJwk()));
    }
    StoredSigningKey newest = stored.getFirst();
    return new Keys(
        parse(seal.open(newest.sealedPrivateJwk(), place(newest.id()))), List.copyOf(published));
  }

  private StoredSigningKey create(Instant now) {
    String id = RandomIds.next("sig_");
    try {
      ECKey key =
          new ECKeyGenerator(Curve.P_256)
              .keyID(id)
              .keyUse(KeyUse.SIGNATURE)
              .algorithm(JWSAlgorithm.ES256)
              .generate();
      return new StoredSigningKey(
          id,
          purpose,
          key.toPublicJWK().toJSONString(),
          seal.seal(key.toJSONString(), place(id)),
          now,
          null);
    } catch (JOSEException failed) {
      throw new IllegalStateException("this Java platform can't make a P-256 key", failed);
    }
  }

  private static ECKey parse(String jwk) {
    try {
      return ECKey.parse(jwk);
    } catch (ParseException broken) {
      throw new IllegalStateException("a stored signing key can't be read", broken);
    }
  }

  private static String place(String id) {
    return "signing_key/" + id + "/private_jwk";
  }
}
