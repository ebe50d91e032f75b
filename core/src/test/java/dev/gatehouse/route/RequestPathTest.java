package dev.gatehouse.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.route.RequestPath.MalformedTargetException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/public/..%2forders",
        "/public/..%2Forders",
        "/public%2f..%2forders",
        "/orders;x",
        "/orders;x=1/7",
        "/public/..;/orders",
        "/orders%3bx",
        "/public\\..\\orders",
        "/public/..%5corders",
        "/public/%5C../orders",
        "/orders\0",
        "/orders%00",
        "/orders%00.png",
        "/orders%0d%0aX-Auth-Subject:%20admin",
        "/orders%7f",
        "/orders\t",
        "/orders x",
        "/orders#x",
        "/public/%c0%ae%c0%ae/orders", // overlong dots
        "/public%c0%af..%c0%aforders", // overlong slashes
        "/%e0%80%af",
        "/%f0%80%80%af",
        "/%ed%a0%80", // a surrogate
        "/%ff",
        "/%c3", // cut off
        "/%c3/%a9", // torn apart by a slash
        "/örders",
        "/..",
        "/../orders",
        "/a/../../orders",
        "/%2e%2e/orders",
        "/.%2E",
        "//..",
        "/orders%",
        "/orders%2",
        "/orders%2g",
        "/orders%-1",
        "/orders%u002f",
        "",
        "*",
        "orders",
        "http://localhost/orders",
        "/orders?a b",
        "/orders?a#b",
        "/orders?a\r\nX: y",
        "/orders?ä"
      })
  void anAttackOnThePathIsRefused(String target) {
    assertThatThrownBy(() -> RequestPath.parse(target))
        .isInstanceOf(MalformedTargetException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "/, /",
    "/orders, /orders",
    "/orders/, /orders/",
    "//orders, /orders",
    "/orders//7, /orders/7",
    "///, /",
    "/public/../orders, /orders",
    "/public/%2e%2e/orders, /orders",
    "/public/%2E./orders, /orders",
    "/public/.%2e/orders, /orders",
    "/./orders, /orders",
    "/orders/., /orders/",
    "/orders/.., /",
    "/orders/7/.., /orders/",
    "/a/b/../../c, /c",
    "/%6frders, /orders",
    "/%4Frders, /Orders",
    "/a%7eb, /a~b",
    "/a%20b, /a%20b",
    "/caf%c3%a9, /caf%C3%A9",
    "/100%25, /100%25",
    "/%252e%252e/orders, /%252e%252e/orders", // double encoding stays what it is
    "/%25%32%65, /%252e", // what decodes to it, too
    "/a%40b, /a%40b",
    "/a@b:c, /a@b:c",
    "/..., /...",
    "/..a, /..a",
    "/a.., /a..",
    "/.well-known/x, /.well-known/x"
  })
  void aPathIsNormalisedOnce(String sent, String path) throws Exception {
    RequestPath parsed = RequestPath.parse(sent);

    assertThat(parsed.path()).isEqualTo(path);
    assertThat(parsed.target()).isEqualTo(path);
  }

  @Test
  void theQueryIsForwardedAsSent() throws Exception {
    RequestPath parsed = RequestPath.parse("/a/../b?x=%2e%2E/..;\\&y?z=%zz");

    assertThat(parsed.path()).isEqualTo("/b");
    assertThat(parsed.query()).isEqualTo("?x=%2e%2E/..;\\&y?z=%zz");
    assertThat(parsed.target()).isEqualTo("/b?x=%2e%2E/..;\\&y?z=%zz");
  }

  @Test
  void normalisingTwiceChangesNothingAndNothingClimbsWhateverIsSent() {
    String[] pieces = {
      "/", "//", ".", "..", "%2e", "%2E", "%2f", "%5c", "%25", "%252e", "%c3%a9", "%C0%AE", "%",
      "%4", "a", "Orders", ";", "\\", "?", "#", "é", "\0", " ", "~", "@", "*", "%40", "%00", "%zz",
      "%ff"
    };
    Random random = new Random(6);
    int good = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder target = new StringBuilder(random.nextInt(10) == 0 ? "" : "/");
      for (int n = random.nextInt(8); n > 0; n--) {
        target.append(
            random.nextInt(20) == 0
                ? String.valueOf((char) random.nextInt(0x180))
                : pieces[random.nextInt(random.nextBoolean() ? 10 : pieces.length)]);
      }
      try {
        RequestPath once = RequestPath.parse(target.toString());
        assertThat(RequestPath.parse(once.target())).as("%s", target).isEqualTo(once);
        assertThat(once.path()).as("%s", target).startsWith("/").doesNotContain("//");
        assertThat(once.path().split("/")).as("%s", target).doesNotContain(".", "..");
        assertThat(RequestPath.decoded(once.path()).split("/", -1))
            .as("read anew, %s has other segments", target)
            .hasSameSizeAs(once.path().split("/", -1))
            .doesNotContain(".", "..");
        good++;
      } catch (MalformedTargetException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
    assertThat(good).as("targets that got through").isGreaterThan(10_000);
  }
}
