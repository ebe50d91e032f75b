package dev.gatehouse.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.nimbusds.jose.jwk.JWK;
import dev.gatehouse.secret.RandomIds;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HmacSecretTest {

  private static List<String> publishedSecrets() throws Exception {
    try (BufferedReader list =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    HmacSecretTest.class.getResourceAsStream(
                        "/vectors/jwt-secrets/jwt.secrets.list")),
                StandardCharsets.UTF_8))) {
      return list.lines().toList();
    }
  }

  @Test
  void noneOfTheSecretsThatStandInPublicPlacesIsAccepted() throws Exception {
    List<String> secrets = publishedSecrets();
    assertThat(secrets).hasSize(103_978);
    assertThat(secrets).filteredOn(HmacSecretTest::accepted).isEmpty();
    assertThat(secrets.stream().map(String::strip)).filteredOn(HmacSecretTest::accepted).isEmpty();
  }

  @Test
  void mostOfThoseThatAreLongEnoughAreRefusedForBeingPublished() throws Exception {
    assertThat(publishedSecrets())
        .filteredOn(secret -> why(secret).contains("published list"))
        .hasSizeGreaterThan(1_700);
  }

  @Test
  void aSecretShorterThanTheHashIsRefused() {
    String random = RandomIds.text(32);

    assertThat(accepted(random)).isTrue();
    assertThat(why(random.substring(1))).contains("32 to 1024 bytes");
    assertThat(why("")).contains("32 to 1024 bytes");
    assertThat(why(RandomIds.text(1025))).contains("32 to 1024 bytes");
  }

  @Test
  void lengthIsThatOfTheUtf8BytesAndNothingIsDecoded() {
    assertThat(why("äöüßéèêçñåøæœðþý".substring(1))).contains("bytes");
    assertThat(HmacSecret.of("äöüßéèêçñåøæœðþý").key().size()).as("16 letters").isEqualTo(256);
    String hex = HexFormat.of().formatHex(RandomIds.bytes(16));
    assertThat(HmacSecret.of(hex).key().size()).as("bits of 32 digits").isEqualTo(256);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "00000000000000000000000000000000000000000000000000000000000000000",
        "passwordpasswordpasswordpassword",
        "correct horse correct horse correct horse",
        "0123456789abcdef0123456789abcdef",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "zyxwvutsrqponmlkjihgfedcba9876543210",
        "ababababababababababababababababa",
        "11223344112233441122334411223344112",
      })
  void whatIsNoRandomTextIsRefused(String secret) {
    assertThat(why(secret)).contains("not random").doesNotContain(secret);
  }

  @Test
  void randomTextOfAnyUsualAlphabetIsAccepted() {
    Random seeded = new Random(28);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = new byte[32];
      seeded.nextBytes(bytes);
      String hex = HexFormat.of().formatHex(bytes);
      assertThat(accepted(hex)).as(hex).isTrue();
      assertThat(accepted(hex.substring(32))).as(hex).isTrue();
    }
  }

  @Test
  void aSecretHasNoTextFormAndItsKeyIdTellsNothingOfIt() {
    String text = RandomIds.text(43);
    HmacSecret secret = HmacSecret.of(text);
    JWK key = secret.key();

    assertThat(secret.toString()).isEqualTo("HmacSecret[…]");
    assertThat(key.getKeyID())
        .isEqualTo(HmacSecret.of(text).key().getKeyID())
        .isNotEqualTo(HmacSecret.of(RandomIds.text(43)).key().getKeyID());
    assertThat(SigningKeys.isKeyId(key.getKeyID())).isTrue();
    assertThat(SigningAlgorithm.of(key)).contains(SigningAlgorithm.HS256);
  }

  private static boolean accepted(String secret) {
    return why(secret).isEmpty();
  }

  // Why it is refused; empty when it is not.
  private static String why(String secret) {
    try {
      HmacSecret.of(secret);
      return "";
    } catch (IllegalArgumentException refused) {
      return String.valueOf(refused.getMessage());
    }
  }

  @Test
  void gateNeedsASecretToSign() {
    assertThatIllegalArgumentException().isThrownBy(() -> SigningKeys.ofSecrets(List.of()));
  }
}
