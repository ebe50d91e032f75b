package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordHashesTest {

  private static final String SALT_AND_HASH =
      "abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS";

  private final PasswordHashes hashes = new PasswordHashes(PasswordHouse.CHEAP);

  @AfterEach
  void end() {
    hashes.close();
  }

  // Hashes that other programs made.

  record Foreign(String maker, String password, String hash) {}

  static List<Foreign> foreign() throws IOException {
    try (InputStream file =
        Objects.requireNonNull(
            PasswordHashesTest.class.getResourceAsStream("foreign-hashes.tsv"))) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t", -1))
          .map(parts -> new Foreign(parts[0], parts[1], parts[2]))
          .toList();
    }
  }

  @Test
  void thereAreHashesOfEveryKind() throws IOException {
    assertThat(foreign()).hasSizeGreaterThan(60);
    for (String kind :
        List.of("$2a$", "$2b$", "$2y$", "$argon2id$", "$argon2i$", "$pbkdf2-", "pbkdf2_")) {
      assertThat(foreign()).as(kind).anyMatch(foreign -> foreign.hash.startsWith(kind));
    }
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void aHashMadeElsewhereVerifiesAsItWasMade(Foreign foreign) {
    assertThat(PasswordHashes.whyNotImportable(foreign.hash)).isEmpty();
    assertThat(matches(hashes, password(foreign.password), foreign.hash)).isTrue();
    assertThat(hashes.isCurrent(foreign.hash)).isFalse();
    // One more in front: bcrypt made elsewhere does not see the end of a long one.
    assertThat(matches(hashes, password("x" + foreign.password + "!"), foreign.hash))
        .isEqualTo(foreign.password.startsWith("x".repeat(72)) && foreign.hash.startsWith("$2"));
    assertThat(matches(hashes, password("wrong"), foreign.hash)).isFalse();
  }

  @Test
  void theVectorsOfRfc7914Verify() {
    // RFC 7914 §11, PBKDF2-HMAC-SHA-256; of 64 bytes the first 32 are the first block.
    assertThat(
            matches(
                hashes,
                password("passwd"),
                django(
                    1, "salt", "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc")))
        .isTrue();
    assertThat(
            matches(
                hashes,
                password("Password"),
                django(
                    80_000,
                    "NaCl",
                    "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56")))
        .isTrue();
  }

  private static String django(int rounds, String salt, String hex) {
    return "pbkdf2_sha256$"
        + rounds
        + "$"
        + salt
        + "$"
        + Base64.getEncoder().encodeToString(HexFormat.of().parseHex(hex));
  }

  @Test
  void bitsThatABcryptHashLeavesOverMeanNothing() {
    String canonical = "$2b$05$" + SALT_AND_HASH;
    PresentedPassword right = password("correct horse battery staple");
    assertThat(matches(hashes, right, canonical)).isTrue();
    // The salt's last character: u is 48, and 49 to 63 begin with the same two bits.
    assertThat(matches(hashes, right, canonical.replace("tuuF", "tu9F"))).isTrue();
    assertThat(matches(hashes, right, canonical.replace("tuuF", "tueF"))).isFalse();
    // The hash's last character: S is 20, and 21 to 23 begin with the same four bits.
    assertThat(matches(hashes, right, canonical.replace("ZsuS", "ZsuV"))).isTrue();
    assertThat(matches(hashes, right, canonical.replace("ZsuS", "ZsuW"))).isFalse();
  }

  static Stream<String> unusable() {
    String zeros = "A".repeat(43);
    return Stream.of(
        "",
        "secret",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "$1$abcdefgh$G1ejhF7nPYkFVPRdAqkPM/",
        "$6$rounds=5000$abc$def",
        "$2x$05$" + SALT_AND_HASH,
        "$2$05$" + SALT_AND_HASH,
        "$2b$03$" + SALT_AND_HASH,
        "$2b$17$" + SALT_AND_HASH,
        "$2b$31$" + SALT_AND_HASH,
        "$2b$99$" + SALT_AND_HASH,
        "$2b$5$" + SALT_AND_HASH,
        "$2b$05$" + SALT_AND_HASH.substring(1),
        "$2b$05$" + SALT_AND_HASH + "x",
        "$2b$05$" + SALT_AND_HASH + "\n",
        "$2b$05$" + SALT_AND_HASH.replace('/', '+'),
        " $2b$05$" + SALT_AND_HASH,
        "$argon2d$v=19$m=64,t=1,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=18$m=64,t=1,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=262145,t=1,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=262144,t=5,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=16385,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=4294967297,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=0,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=1,p=0$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=1,p=17$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=15,t=1,p=2$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=-64,t=1,p=1$" + zeros + "$" + zeros,
        "$argon2id$v=19$m=64,t=1,p=1$" + zeros + "$AAAAA",
        "$argon2id$v=19$m=64,t=1,p=1$AAAA$" + zeros,
        "$argon2id$v=19$m=64,t=1,p=1$" + zeros + "$" + "A".repeat(45),
        "$argon2id$v=19$m=64,t=1,p=1$" + zeros + "$" + "A".repeat(1_000_000),
        "$pbkdf2-sha256$0$AAAA$" + zeros,
        "$pbkdf2-sha256$5000001$AAAA$" + zeros,
        "$pbkdf2-sha256$99999999999$AAAA$" + zeros,
        "$pbkdf2-sha256$1000$AAAA$AAAA",
        "$pbkdf2-sha256$1000$AAAAA$" + zeros,
        "$pbkdf2-sha1$1000$AAAA$" + zeros,
        "$pbkdf2-sha256$i=0,l=32$AAAA$" + zeros,
        "$pbkdf2-sha256$i=5000001,l=32$AAAA$" + zeros,
        "$pbkdf2-sha256$i=1000,l=31$AAAA$" + zeros,
        "$pbkdf2-sha256$i=1000,l=032$AAAA$" + zeros,
        "$pbkdf2-sha256$i=1000,l=$AAAA$" + zeros,
        "$pbkdf2-sha256$l=32,i=1000$AAAA$" + zeros,
        "$pbkdf2-sha256$i=1000,l=15$AAAA$" + "A".repeat(20),
        "$pbkdf2-sha256$i=1000,l=32$AAAAA$" + zeros,
        "pbkdf2_sha256$1000$$" + zeros + "=",
        "pbkdf2_sha1$1000$abc$" + zeros + "=",
        "{gatehouse-1}",
        "{gatehouse-1}{gatehouse-1}$2b$05$" + SALT_AND_HASH,
        "{gatehouse-2}$2b$05$" + SALT_AND_HASH);
  }

  @ParameterizedTest
  @MethodSource("unusable")
  void aHashThatWouldStallTheGateOrIsNoneIsRefused(String hash) {
    assertThat(PasswordHashes.whyNotImportable(hash))
        .hasValueSatisfying(why -> assertThat(why).isNotBlank().doesNotContain(SALT_AND_HASH));
    assertThat(matches(hashes, password("correct horse battery staple"), hash)).isFalse();
    assertThat(hashes.isCurrent(hash)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"$pbkdf2-sha256$l=32,i=1000$AAAA$", "pbkdf2_sha256$i=1000$salt$"})
  void pbkdf2HashOfAnotherFormIsToldTheForms(String beginning) {
    assertThat(PasswordHashes.whyNotImportable(beginning + "A".repeat(43)))
        .hasValueSatisfying(
            why ->
                assertThat(why)
                    .contains("$pbkdf2-sha256$i=<rounds>,l=<bytes>$<salt>$<hash>")
                    .doesNotContain("neither"));
  }

  @Test
  void importedHashMatchesThePasswordAsItWasTyped() {
    for (String typed :
        List.of(
            "pa\u0308sswo\u0308rd", "pass\u00a0word", "pass\u3000word", "\u1100\u1161 \u212b")) {
      byte[] bytes = typed.getBytes(StandardCharsets.UTF_8);
      for (String hash :
          List.of(BcryptHash.of(bytes, 4), Argon2Hash.of(bytes, PasswordHouse.CHEAP))) {
        assertThat(matches(hashes, password(typed), hash)).isTrue();
        assertThat(matches(hashes, password(typed + "!"), hash)).isFalse();
      }
    }
  }

  @Test
  void importedHashOfTheNormalFormMatchesHoweverThePasswordIsTyped() {
    String hash = BcryptHash.of("p\u00e4ss word".getBytes(StandardCharsets.UTF_8), 4);
    assertThat(matches(hashes, password("pa\u0308ss\u00a0word"), hash)).isTrue();
  }

  @Test
  void bcryptMadeElsewhereCovers71BytesAndOurOwnCoversAll() {
    String bcrypt = BcryptHash.of("x".repeat(80).getBytes(StandardCharsets.UTF_8), 4);
    // With 72 bytes it does not see whether the password ends there.
    assertThat(hashes.covers(bcrypt, password("x".repeat(71)))).isTrue();
    assertThat(hashes.covers(bcrypt, password("x".repeat(72)))).isFalse();
    assertThat(hashes.covers(bcrypt, password("\u00e4".repeat(35)))).isTrue();
    assertThat(hashes.covers(bcrypt, password("\u00e4".repeat(36)))).isFalse();
    assertThat(hashes.covers("{gatehouse-1}" + bcrypt, password("x".repeat(73)))).isTrue();
    assertThat(hashes.covers("no hash", password("x"))).isFalse();
  }

  // Our own.

  @ParameterizedTest
  @EnumSource
  void aPasswordMatchesItsOwnHashAndNoOther(PasswordSettings.Scheme scheme) {
    try (PasswordHashes ours = new PasswordHashes(PasswordHouse.CHEAP.withScheme(scheme))) {
      String hash = ours.hash(password("correct horse"));
      assertThat(hash).startsWith("{gatehouse-1}$");
      assertThat(matches(ours, password("correct horse"), hash)).isTrue();
      assertThat(matches(ours, password("correct hors"), hash)).isFalse();
      assertThat(matches(ours, password("correct horse "), hash)).isFalse();
      assertThat(ours.isCurrent(hash)).isTrue();
      assertThat(ours.hash(password("correct horse"))).as("salted").isNotEqualTo(hash);
      assertThat(PasswordHashes.whyNotImportable(hash)).as("from another house").isEmpty();
      assertThat(StoredHash.parse(hash).toString()).doesNotContain(hash.substring(30));
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoPasswordsAlikeInTheFirst72BytesAreTwo(PasswordSettings.Scheme scheme) {
    try (PasswordHashes ours = new PasswordHashes(PasswordHouse.CHEAP.withScheme(scheme))) {
      String hash = ours.hash(password("x".repeat(72) + "one"));
      assertThat(matches(ours, password("x".repeat(72) + "one"), hash)).isTrue();
      assertThat(matches(ours, password("x".repeat(72) + "two"), hash)).isFalse();
      assertThat(matches(ours, password("x".repeat(72)), hash)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void theDigestThatIsHashedDoesNotPassAsThePassword(PasswordSettings.Scheme scheme) {
    try (PasswordHashes ours = new PasswordHashes(PasswordHouse.CHEAP.withScheme(scheme))) {
      PresentedPassword right = password("correct horse");
      String hash = ours.hash(right);
      String digest = new String(StoredHash.Own.digest(right.bytes()), StandardCharsets.US_ASCII);
      String unmarked = hash.substring("{gatehouse-1}".length());

      assertThat(matches(ours, password(digest), unmarked)).as("it is what is hashed").isTrue();
      assertThat(matches(ours, password(digest), hash)).isFalse();
      assertThat(matches(ours, right, unmarked)).isFalse();
    }
  }

  @Test
  void aDigestHoldsNoNulAndIsShorterThanBcryptsLimit() {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      byte[] digest = StoredHash.Own.digest(("password " + i).getBytes(StandardCharsets.UTF_8));
      assertThat(digest).hasSize(44).doesNotContain(0);
      assertThat(seen.add(new String(digest, StandardCharsets.US_ASCII))).isTrue();
    }
  }

  @Test
  void theDigestStaysWhatItWasOrNobodyCouldSignInAnyMore() {
    // openssl: printf 'correct horse' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$(printf
    // 'gatehouse password 1' | sha256sum | cut -c-64) -binary | base64
    assertThat(
            new String(
                StoredHash.Own.digest("correct horse".getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.US_ASCII))
        .isEqualTo("TRkMFUBEbxFfAI8g1dA0D7HpgUx3951SQSrVK5GfraU=");
  }

  @Test
  void whatOtherSettingsMadeIsNotCurrent() {
    String argon2 = hashes.hash(password("correct horse"));
    PasswordSettings bcrypt =
        PasswordHouse.CHEAP.withScheme(PasswordSettings.Scheme.BCRYPT).withBcryptCost(10);
    try (PasswordHashes others = new PasswordHashes(bcrypt);
        PasswordHashes dearer = new PasswordHashes(bcrypt.withBcryptCost(11))) {
      String cheap = others.hash(password("correct horse"));
      assertThat(others.isCurrent(argon2)).isFalse();
      assertThat(matches(others, password("correct horse"), argon2)).isTrue();
      assertThat(dearer.isCurrent(cheap)).isFalse();
      assertThat(matches(dearer, password("correct horse"), cheap)).isTrue();
    }
    assertThat(hashes.isCurrent(argon2.replace("t=1", "t=2"))).isFalse();
    assertThat(hashes.isCurrent(argon2.replace("m=7168", "m=7169"))).isFalse();
    assertThat(hashes.isCurrent(argon2.replace("argon2id", "argon2i"))).isFalse();
    assertThat(hashes.isCurrent(argon2.replace("v=19", "v=16"))).isFalse();
    assertThat(hashes.isCurrent(argon2.substring("{gatehouse-1}".length()))).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void theHashOfNobodyCostsWhatANewOneDoes(PasswordSettings.Scheme scheme) {
    PasswordSettings settings = PasswordHouse.CHEAP.withScheme(scheme);
    StoredHash nobody;
    try (PasswordHashes ours = new PasswordHashes(settings)) {
      nobody = ours.dummyHash;
    }

    assertThat(nobody).isInstanceOf(StoredHash.Own.class);
    assertThat(nobody.isMadeBy(settings)).isTrue();
    assertThat(nobody.matches("correct horse".getBytes(StandardCharsets.UTF_8))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 17, 31, Integer.MAX_VALUE, -1})
  void aCostThatIsTooLittleOrTooMuchIsRefused(int cost) {
    org.assertj.core.api.Assertions.assertThatIllegalArgumentException()
        .isThrownBy(() -> PasswordSettings.DEFAULT.withBcryptCost(cost))
        .withMessageContaining("10 to 16");
  }

  @Test
  void threadsQueueAndWaitAreBounded() {
    for (Runnable wrong :
        List.<Runnable>of(
            () -> PasswordSettings.DEFAULT.withHashing(0, 1, Duration.ofSeconds(1)),
            () -> PasswordSettings.DEFAULT.withHashing(1, 0, Duration.ofSeconds(1)),
            () -> PasswordSettings.DEFAULT.withHashing(1, 1, Duration.ZERO),
            () -> PasswordSettings.DEFAULT.withHashing(1, 1, Duration.ofHours(1)),
            () -> argon2(262_144, 5),
            () -> argon2(262_145, 1),
            () -> argon2(1_024, 1))) {
      org.assertj.core.api.Assertions.assertThatIllegalArgumentException().isThrownBy(wrong::run);
    }
  }

  private static PasswordSettings argon2(int memoryKib, int iterations) {
    return new PasswordSettings(
        PasswordSettings.Scheme.ARGON2ID,
        12,
        memoryKib,
        iterations,
        1,
        12,
        1,
        1,
        Duration.ofSeconds(1),
        20,
        10);
  }

  private static PresentedPassword password(String text) {
    return PresentedPassword.parse(text).orElseThrow();
  }

  private static boolean matches(PasswordHashes hashes, PresentedPassword password, String hash) {
    return hashes
        .match(password, hash, PasswordHouse.HERE, () -> true, matches -> matches)
        .orElseThrow();
  }
}
