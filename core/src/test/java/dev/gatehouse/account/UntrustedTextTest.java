package dev.gatehouse.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Work;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UntrustedTextTest {

  // Sigmas, letters of three cases, marks, digits, and what does and does not part words.
  private static final String CHARACTERS =
      "\u03a3\u03a3\u03a3\u03c3\u03c2aB\u01c5\u0130\u0301\u0345\u02b0\u00ad7.:',-_ @\u00b7\u4e2d\u0e01";

  @Test
  void lowerCaseIsThatOfThePlatform() {
    Random random = new Random(7);
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(12); n >= 0; n--) {
        text.append(CHARACTERS.charAt(random.nextInt(CHARACTERS.length())));
      }
      String untrusted = text.toString();
      assertThat(UntrustedText.lowerCase(untrusted)).isEqualTo(untrusted.toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void lowerCaseLooksForWordsOnceHoweverManySigmasThereAre() {
    String many = "\u03a3".repeat(1000);
    String one = "\u03a3" + "\u03b1".repeat(999);
    Work.isBounded(
        "1000 sigmas", () -> UntrustedText.lowerCase(many), () -> UntrustedText.lowerCase(one));
  }

  @Test
  void moreThanThirtyMarksInARowAreTooMany() {
    for (String mark : new String[] {"\u0301", "\u0316", "\u20dd", "\u0903", "\ud834\udd65"}) {
      assertThat(UntrustedText.hasFewCombiningMarks("a" + mark.repeat(30))).isTrue();
      assertThat(UntrustedText.hasFewCombiningMarks(("a" + mark.repeat(30)).repeat(10))).isTrue();
      assertThat(UntrustedText.hasFewCombiningMarks(mark.repeat(31))).isFalse();
      assertThat(UntrustedText.hasFewCombiningMarks("a".repeat(500) + mark.repeat(31) + "a"))
          .isFalse();
    }
  }
}
