package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SigningKeysTest {

  private static final Duration LIFE = Duration.ofDays(30);
  private static final Duration OVERLAP = Duration.ofHours(1);
  private static final byte[] TEXT = "text".getBytes(StandardCharsets.UTF_8);

  private final Time time = new Time();
  private final InMemorySigningKeyStore store = new InMemorySigningKeyStore();
  private final CountedKeyStore counted = new CountedKeyStore(store);
  private final Seal seal = new Seal(RandomIds.bytes(32));

  private SigningKeys node(SigningAlgorithm algorithm) {
    return node(algorithm, "access");
  }

  private SigningKeys node(SigningAlgorithm algorithm, String purpose) {
    return new SigningKeys(counted, seal, purpose, algorithm, LIFE, OVERLAP, time.clock());
  }

  // A store that counts how often it is read, and can be switched off.
  private static final class CountedKeyStore implements SigningKeyStore {
    private final SigningKeyStore real;
    private int reads;
    private boolean down;

    CountedKeyStore(SigningKeyStore real) {
      this.real = real;
    }

    @Override
    public boolean add(StoredSigningKey key, String newestKnown, Instant othersSignUntil) {
      return real.add(key, newestKnown, othersSignUntil);
    }

    @Override
    public void replaceAll(StoredSigningKey key) {
      real.replaceAll(key);
    }

    @Override
    public List<StoredSigningKey> list(String purpose) {
      reads++;
      if (down) {
        throw new StoreUnavailableException("switched off", new Exception());
      }
      return real.list(purpose);
    }

    @Override
    public void purgeRetiredBefore(String purpose, Instant instant) {
      real.purgeRetiredBefore(purpose, instant);
    }
  }

  @ParameterizedTest
  @EnumSource
  void keysOfEachAlgorithmSignAndVerify(SigningAlgorithm algorithm) {
    SigningKeys keys = node(algorithm);
    JWK key = keys.signingKey();
    Base64URL signature = algorithm.sign(key, TEXT);

    JWK other = node(algorithm).verificationKey(key.getKeyID()).orElseThrow();
    assertThat(SigningAlgorithm.of(other)).contains(algorithm);
    assertThat(algorithm.verifies(other, TEXT, signature)).isTrue();
    assertThat(algorithm.verifies(other, new byte[] {1}, signature)).isFalse();
    JWK stranger =
        new SigningKeys(
                new InMemorySigningKeyStore(),
                seal,
                "access",
                algorithm,
                LIFE,
                OVERLAP,
                time.clock())
            .signingKey();
    assertThat(algorithm.verifies(stranger, TEXT, signature)).isFalse();
    for (byte[] cut :
        List.of(new byte[0], new byte[64], new byte[63], new byte[32], new byte[384])) {
      assertThat(algorithm.verifies(other, TEXT, Base64URL.encode(cut))).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void publicPartsArePublishedAndASecretNever(SigningAlgorithm algorithm) {
    SigningKeys keys = node(algorithm);

    assertThat(keys.publishedKeys().getKeys()).hasSize(algorithm == SigningAlgorithm.HS256 ? 0 : 1);
    assertThat(keys.publishedKeys().getKeys()).noneMatch(JWK::isPrivate);
    JWK secret = keys.signingKey();
    String hidden =
        switch (algorithm) {
          case ES256 -> secret.toECKey().getD().toString();
          case EDDSA -> secret.toOctetKeyPair().getD().toString();
          case RS256 -> secret.toRSAKey().getPrivateExponent().toString();
          case HS256 -> secret.toOctetSequenceKey().getKeyValue().toString();
        };
    assertThat(store.list("access"))
        .allSatisfy(
            row -> assertThat(row.publicJwk() + row.sealedPrivateJwk()).doesNotContain(hidden));
  }

  @Test
  void rsaKeysAreLongerThanTheLeast() {
    assertThat(node(SigningAlgorithm.RS256).signingKey().size()).isEqualTo(3072);
  }

  @Test
  void aNewKeyIsPublishedForTenMinutesBeforeItSigns() {
    SigningKeys keys = node(SigningAlgorithm.ES256);
    SigningKeys other = node(SigningAlgorithm.ES256);
    String old = keys.signingKey().getKeyID();

    assertThat(keys.rotate()).isTrue();

    other.refresh();
    for (SigningKeys node : List.of(keys, other, node(SigningAlgorithm.ES256))) {
      assertThat(node.signingKey().getKeyID()).isEqualTo(old);
      assertThat(node.publishedKeys().getKeys()).hasSize(2);
      assertThat(node.publishedKeys().getKeyByKeyId(old)).isNotNull();
    }
    time.pass(Duration.ofMinutes(10).minusMillis(1));
    assertThat(keys.signingKey().getKeyID()).isEqualTo(old);
    time.pass(Duration.ofMillis(1));
    assertThat(keys.signingKey().getKeyID()).isNotEqualTo(old);
    assertThat(other.signingKey().getKeyID()).isEqualTo(keys.signingKey().getKeyID());
  }

  @Test
  void twoRotationsAtOnceLetNoKeySignBeforeItWasPublishedForTenMinutes() {
    SigningKeys keys = node(SigningAlgorithm.ES256);
    String first = keys.signingKey().getKeyID();
    keys.rotate();
    time.pass(Duration.ofMinutes(5));
    keys.rotate();

    assertThat(keys.signingKey().getKeyID()).isEqualTo(first);
    List<String> inOrder =
        store.list("access").reversed().stream().map(StoredSigningKey::id).toList();
    time.pass(Duration.ofMinutes(5));
    assertThat(keys.signingKey().getKeyID()).isEqualTo(inOrder.get(1));
    time.pass(Duration.ofMinutes(5));
    assertThat(keys.signingKey().getKeyID()).isEqualTo(inOrder.get(2));
  }

  @Test
  void aRetiredKeySignsNoMoreButVerifiesForTheOverlapToItsLastInstant() {
    SigningKeys keys = node(SigningAlgorithm.ES256);
    String old = keys.signingKey().getKeyID();
    keys.rotate();
    time.pass(SigningKeys.PUBLICATION_LEAD_TIME);

    assertThat(keys.signingKey().getKeyID()).isNotEqualTo(old);
    time.pass(OVERLAP);
    assertThat(keys.verificationKey(old)).isPresent();
    assertThat(keys.publishedKeys().getKeys()).hasSize(2);
    time.pass(Duration.ofMillis(1));
    assertThat(keys.verificationKey(old)).as("without a refresh").isEmpty();
    assertThat(keys.publishedKeys().getKeys()).hasSize(1);
    keys.refresh();
    assertThat(keys.verificationKey(old)).isEmpty();
  }

  @Test
  void anOverlapMustOutlastWhatIsSigned() {
    SigningKeys keys = node(SigningAlgorithm.ES256);

    assertThat(keys.verifyLongerThan(OVERLAP.minusMillis(1))).isTrue();
    assertThat(keys.verifyLongerThan(OVERLAP)).isFalse();
    assertThat(
            SigningKeys.ofSecrets(List.of(HmacSecret.of(RandomIds.text(43))))
                .verifyLongerThan(LIFE))
        .isTrue();
  }

  @Test
  void anotherAlgorithmThanTheNewestKeysRotates() {
    String old = node(SigningAlgorithm.ES256).signingKey().getKeyID();

    SigningKeys keys = node(SigningAlgorithm.EDDSA);

    assertThat(keys.signingKey().getKeyID()).as("the new one is made known first").isEqualTo(old);
    time.pass(SigningKeys.PUBLICATION_LEAD_TIME);
    assertThat(SigningAlgorithm.of(keys.signingKey())).contains(SigningAlgorithm.EDDSA);
    assertThat(keys.verificationKey(old)).as("within the overlap").isPresent();
    assertThat(store.list("access")).hasSize(2);
    keys.refresh();
    assertThat(store.list("access")).as("once").hasSize(2);
  }

  @Test
  void secretBesidePublicKeysVerifiesForItsOverlapAndIsNotPublished() {
    String secret = node(SigningAlgorithm.HS256).signingKey().getKeyID();

    SigningKeys keys = node(SigningAlgorithm.ES256);
    time.pass(SigningKeys.PUBLICATION_LEAD_TIME);

    assertThat(keys.verificationKey(secret).flatMap(SigningAlgorithm::of))
        .contains(SigningAlgorithm.HS256);
    assertThat(keys.publishedKeys().getKeys())
        .extracting(JWK::getKeyID)
        .containsExactly(keys.signingKey().getKeyID());
  }

  @Test
  void keyOfAnotherPurposeNeverVerifies() {
    SigningKeys access = node(SigningAlgorithm.ES256, "access");
    SigningKeys identity = node(SigningAlgorithm.ES256, "identity");

    assertThat(access.verificationKey(identity.signingKey().getKeyID())).isEmpty();
    assertThat(identity.verificationKey(access.signingKey().getKeyID())).isEmpty();
  }

  @Test
  void aNodeThatDidNotSeeARotationFindsTheNewKeyAtOnce() {
    SigningKeys one = node(SigningAlgorithm.ES256);
    SigningKeys other = node(SigningAlgorithm.ES256);
    one.rotate();
    time.pass(SigningKeys.PUBLICATION_LEAD_TIME);

    assertThat(other.verificationKey(one.signingKey().getKeyID())).isPresent();
    assertThat(other.signingKey().getKeyID()).isEqualTo(one.signingKey().getKeyID());
  }

  @Test
  void unknownKeyIdsAskTheStoreAtMostEveryFiveSecondsAndOnlyInOurForm() {
    SigningKeys keys = node(SigningAlgorithm.ES256);
    int before = counted.reads;
    for (String foreign :
        List.of("", "../../etc/passwd", "' OR 1=1 --", "sig_", "sig_" + "é".repeat(22))) {
      assertThat(keys.verificationKey(foreign)).isEmpty();
    }
    assertThat(counted.reads).isEqualTo(before);
    for (int i = 0; i < 1_000; i++) {
      assertThat(keys.verificationKey(RandomIds.next("sig_"))).isEmpty();
    }
    assertThat(counted.reads).isEqualTo(before + 1);
    time.pass(Duration.ofSeconds(5).minusNanos(1));
    keys.verificationKey(RandomIds.next("sig_"));
    assertThat(counted.reads).isEqualTo(before + 1);
    time.pass(Duration.ofNanos(1));
    keys.verificationKey(RandomIds.next("sig_"));
    assertThat(counted.reads).isEqualTo(before + 2);
  }

  @Test
  void aStoreThatIsDownIsNotAskedAgainSoonAndItsAnswerIsNoNo() {
    SigningKeys keys = node(SigningAlgorithm.ES256);
    counted.down = true;
    int before = counted.reads;
    for (int i = 0; i < 10; i++) {
      assertThatThrownBy(() -> keys.verificationKey(RandomIds.next("sig_")))
          .isInstanceOf(StoreUnavailableException.class);
    }
    assertThat(counted.reads).isEqualTo(before + 1);
    assertThat(keys.verificationKey(keys.signingKey().getKeyID())).as("known").isPresent();
    counted.down = false;
    time.pass(Duration.ofSeconds(5));
    assertThat(keys.verificationKey(RandomIds.next("sig_"))).isEmpty();
  }

  @Test
  void theFirstOfTheGivenSecretsSignsAllVerifyAndNoneIsStored() {
    HmacSecret first = HmacSecret.of(RandomIds.text(43));
    HmacSecret second = HmacSecret.of(RandomIds.text(43));
    SigningKeys before = SigningKeys.ofSecrets(List.of(second));
    SigningKeys after = SigningKeys.ofSecrets(List.of(first, second));

    assertThat(after.signingKey().getKeyID()).isEqualTo(first.key().getKeyID());
    assertThat(after.verificationKey(before.signingKey().getKeyID())).isPresent();
    assertThat(before.verificationKey(after.signingKey().getKeyID())).isEmpty();
    assertThat(after.publishedKeys().getKeys()).isEmpty();
    assertThat(after.rotate()).isFalse();
    after.refresh();
    assertThat(after.signingKey().getKeyID()).isEqualTo(first.key().getKeyID());
  }

  @Test
  void publicKeyThatSomebodyWroteIntoTheStoreVerifiesNothing() throws Exception {
    ECKey own =
        new ECKeyGenerator(Curve.P_256).keyID("sig_x").algorithm(JWSAlgorithm.ES256).generate();
    StoredSigningKey good = store(null, own);
    store.add(
        new StoredSigningKey(
            "sig_x",
            "access",
            own.toPublicJWK().toJSONString(),
            good.sealedPrivateJwk(),
            Time.START,
            null),
        "",
        Time.START);

    assertThatThrownBy(() -> node(SigningAlgorithm.ES256))
        .isInstanceOf(Seal.BrokenSealException.class);
  }

  @Test
  void keyThatIsNotWholeIsRefused() throws Exception {
    refused(store("sig_a", p256("sig_a", JWSAlgorithm.ES256).toPublicJWK()));
  }

  @Test
  void keyOfAnotherIdIsRefused() throws Exception {
    refused(store("sig_b", p256("sig_a", JWSAlgorithm.ES256)));
  }

  @Test
  void keyOfNoneOfOurAlgorithmsIsRefused() throws Exception {
    refused(store("sig_a", p256("sig_a", JWSAlgorithm.ES512)));
  }

  private static ECKey p256(String id, JWSAlgorithm algorithm) throws Exception {
    return new ECKeyGenerator(Curve.P_256).keyID(id).algorithm(algorithm).generate();
  }

  private void refused(StoredSigningKey key) {
    store.add(key, "", Time.START);
    assertThatIllegalStateException()
        .isThrownBy(() -> node(SigningAlgorithm.ES256))
        .withMessageContaining("not whole, or not fit");
  }

  private StoredSigningKey store(@Nullable String id, JWK key) {
    String name = id == null ? "sig_other" : id;
    return new StoredSigningKey(
        name,
        "access",
        "{}",
        seal.seal(key.toJSONString(), "signing_key/" + name + "/private_jwk"),
        Time.START,
        null);
  }

  @Test
  void refusesOwnKeyThatProvesNothing() {
    KeyPair weak = WeakKeys.roca();
    RSAKey key =
        new RSAKey.Builder((RSAPublicKey) weak.getPublic())
            .privateKey(weak.getPrivate())
            .keyID("sig_weak")
            .algorithm(JWSAlgorithm.RS256)
            .build();
    store.add(
        new StoredSigningKey(
            "sig_weak",
            "access",
            "{}",
            seal.seal(key.toJSONString(), "signing_key/sig_weak/private_jwk"),
            time.now(),
            null),
        "",
        time.now());

    assertThatIllegalStateException()
        .isThrownBy(() -> node(SigningAlgorithm.RS256))
        .withMessageContaining("sig_weak is an RSA key that can be factored");
  }
}
