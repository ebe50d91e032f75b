package dev.gatehouse.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SecretsTest {

  private static final String PLACE = "signing_key/1/private_jwk";
  private static final byte[] ABC = "abc".getBytes(StandardCharsets.UTF_8);

  private final Seal seal = new Seal(RandomIds.bytes(32));

  @Test
  void aSealOpensWhereItWasMadeAndNeverLooksTheSame() {
    String sealed = seal.seal("secret ü", PLACE);

    assertThat(seal.open(sealed, PLACE)).isEqualTo("secret ü");
    assertThat(seal.seal("secret ü", PLACE)).isNotEqualTo(sealed);
  }

  @Test
  void aSealOpensNeitherElsewhereNorWithAnotherKey() {
    String sealed = seal.seal("secret", PLACE);

    assertBroken(() -> seal.open(sealed, "signing_key/2/private_jwk"));
    assertBroken(() -> new Seal(RandomIds.bytes(32)).open(sealed, PLACE));
  }

  @Test
  void sealOfADerivedKeyOpensNothingOfTheMasterKeyOrOfAnotherPurpose() {
    byte[] master = RandomIds.bytes(32);
    Seal cookies = Seal.derived(master, "cookies");
    String sealed = cookies.seal("secret", PLACE);

    assertThat(Seal.derived(master, "cookies").open(sealed, PLACE)).isEqualTo("secret");
    assertBroken(() -> new Seal(master).open(sealed, PLACE));
    assertBroken(() -> Seal.derived(master, "codes").open(sealed, PLACE));
    assertBroken(() -> Seal.derived(RandomIds.bytes(32), "cookies").open(sealed, PLACE));
    assertBroken(() -> cookies.open(new Seal(master).seal("secret", PLACE), PLACE));
  }

  @Test
  void aSealThatWasChangedInAnyBitOrCutOffDoesNotOpen() {
    byte[] sealed = Base64.getUrlDecoder().decode(seal.seal("secret", PLACE));
    for (int bit = 0; bit < sealed.length * 8; bit++) {
      byte[] flipped = sealed.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertBroken(() -> seal.open(Base64.getUrlEncoder().encodeToString(flipped), PLACE));
    }
    for (int length = 0; length < sealed.length; length++) {
      byte[] cut = java.util.Arrays.copyOf(sealed, length);
      assertBroken(() -> seal.open(Base64.getUrlEncoder().encodeToString(cut), PLACE));
    }
    assertBroken(() -> seal.open("no base64!", PLACE));
  }

  @Test
  void aMasterKeyHas32Bytes() {
    assertThatThrownBy(() -> new Seal(new byte[16])).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyCharacterOfARandomTextIsAsLikelyAsTheNext() {
    int[] counts = new int[128];
    int perCharacter = 10_000;
    RandomIds.text(62 * perCharacter).chars().forEach(c -> counts[c]++);
    for (char c : RandomIds.BASE62.toCharArray()) {
      // Ten standard deviations (about 100 each): a folded pair would be twice as often.
      assertThat(counts[c]).as("%s", c).isBetween(perCharacter - 1_000, perCharacter + 1_000);
    }
  }

  @Test
  void aKeyedDigestIsTheSameWithinItsInstanceAndOtherwiseTellsNothing() {
    KeyedDigest one = new KeyedDigest("apikey");

    assertThat(one.of(ABC)).isEqualTo(one.of(ABC));
    assertThat(one.of(ABC)).isNotEqualTo(one.of("abd".getBytes(StandardCharsets.UTF_8)));
    assertThat(one.of(ABC)).isNotEqualTo(new KeyedDigest("apikey").of(ABC));
    assertThat(one.of(ABC)).isNotEqualTo(new KeyedDigest("basic").of(ABC));
    assertThat(one.of(ABC)).isNotEqualTo(Digest.sha256(ABC));
  }

  @Test
  void aDigestIsItsBytesAndPrintsNoneOfThem() {
    Digest digest = Digest.sha256(ABC);

    assertThat(digest.bytes())
        .asHexString()
        .isEqualToIgnoringCase("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    assertThat(Digest.of(digest.bytes())).isEqualTo(digest).hasSameHashCodeAs(digest);
    assertThat(digest).hasToString("Digest[…]");
    assertThatThrownBy(() -> Digest.of(new byte[31])).isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertBroken(org.assertj.core.api.ThrowableAssert.ThrowingCallable opening) {
    assertThatThrownBy(opening).isInstanceOf(Seal.BrokenSealException.class);
  }
}
