package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresentedPasswordTest {

  @Test
  void aPasswordIsTheSameTypedComposedAndDecomposed() {
    assertThat(utf8("p\u00e4ssw\u00f6rd"))
        .isEqualTo(utf8("pa\u0308sswo\u0308rd"))
        .isEqualTo("p\u00e4ssw\u00f6rd".getBytes(StandardCharsets.UTF_8));
    // Canonically equal, whatever the order of the marks, and also where no single character is.
    assertThat(utf8("q\u0307\u0323")).isEqualTo(utf8("q\u0323\u0307"));
    assertThat(utf8("\u1100\u1161\u11a8")).as("Hangul").isEqualTo(utf8("\uac01"));
    assertThat(utf8("\u212b")).as("the unit Angstrom").isEqualTo(utf8("\u00c5"));
  }

  @Test
  void everySpaceIsTheAsciiSpaceAndNoneIsDropped() {
    assertThat(utf8(" a\u00a0b\u3000c\u2009 ")).isEqualTo(utf8(" a b c  "));
    assertThat(utf8(" ")).hasSize(1);
  }

  @Test
  void caseAndWidthStayAsTyped() {
    // RFC 8265 §4.2.2 rules 1 and 3.
    assertThat(utf8("Secret")).isNotEqualTo(utf8("secret"));
    assertThat(utf8("\uff21")).isNotEqualTo(utf8("A"));
    assertThat(utf8("\ufb01")).as("a ligature").isNotEqualTo(utf8("fi"));
  }

  @Test
  void theExamplesOfRfc8265AreTakenAndRefused() {
    // RFC 8265 §4.3: good ones.
    assertThat(PresentedPassword.parse("correct horse battery staple")).isPresent();
    assertThat(PresentedPassword.parse("Correct Horse Battery Staple")).isPresent();
    assertThat(PresentedPassword.parse("\u03c0\u00df\u00e5")).isPresent();
    assertThat(PresentedPassword.parse("Jack of \u2666s")).isPresent();
    assertThat(utf8("foo\u1680bar")).isEqualTo(utf8("foo bar"));
    // Bad ones: an empty one, and one with a control character.
    assertThat(PresentedPassword.parse("")).isEmpty();
    assertThat(PresentedPassword.parse("my cat is a \u0009by")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nul\0byte",
        "line\nfeed",
        "c1\u0085",
        "delete\u007f",
        "half\ud800",
        "\udc00half",
        "nobody's\u0378",
        "non\uffff"
      })
  void whatNoKeyboardTypesIsNoPassword(String text) {
    assertThat(PresentedPassword.parse(text)).isEmpty();
  }

  @Test
  void emojiWithTheirJoinersAreTaken() {
    assertThat(PresentedPassword.parse("\u2764\ufe0f \ud83d\udc69\u200d\ud83d\ude80")).isPresent();
  }

  @Test
  void theLengthIsBoundedInBytes() {
    assertThat(PresentedPassword.parse("x".repeat(1_024))).isPresent();
    assertThat(PresentedPassword.parse("x".repeat(1_025))).isEmpty();
    assertThat(PresentedPassword.parse("\u20ac".repeat(341))).isPresent();
    assertThat(PresentedPassword.parse("\u20ac".repeat(342))).isEmpty();
    assertThat(PresentedPassword.parse("x".repeat(10_000_000))).isEmpty();
    // The longest one, decomposed as far as it goes.
    String greek = "\u1f82".repeat(341);
    assertThat(
            PresentedPassword.parse(
                java.text.Normalizer.normalize(greek, java.text.Normalizer.Form.NFD)))
        .isEqualTo(PresentedPassword.parse(greek))
        .isPresent();
  }

  @Test
  void neitherAPasswordNorANameHasATextForm() {
    assertThat(PresentedPassword.parse("hunter2").orElseThrow().toString())
        .doesNotContain("hunter2");
    assertThat(SignInName.parse("hunter2").orElseThrow().toString()).doesNotContain("hunter2");
  }

  @Test
  void aNameHasTheFormInWhichAccountsKeepIt() {
    assertThat(SignInName.parse("ALICE@Example.COM").map(SignInName::folded))
        .contains("alice@example.com");
    assertThat(SignInName.parse("Ju\u0308rgen").map(SignInName::folded)).contains("j\u00fcrgen");
    for (String none : new String[] {"", "a\0", "a\nb", "a\ud800", "x".repeat(255)}) {
      assertThat(SignInName.parse(none)).isEmpty();
    }
  }

  private static byte[] utf8(String text) {
    Optional<PresentedPassword> password = PresentedPassword.parse(text);
    return password.orElseThrow().bytes();
  }
}
