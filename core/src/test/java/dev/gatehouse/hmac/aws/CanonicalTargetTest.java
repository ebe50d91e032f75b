package dev.gatehouse.hmac.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.route.RequestPath;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalTargetTest {

  @ParameterizedTest
  @CsvSource({
    "/,/,''",
    "/orders,/orders,''",
    "/orders/,/orders/,''",
    "/a%20b,/a%2520b,''",
    "/a%2520b,/a%252520b,''",
    "/caf%C3%A9,/caf%25C3%25A9,''",
    "/a:b@c$d!e,/a%3Ab%40c%24d%21e,''",
    "/./a//b/../c,/a/c,''",
    "/orders?b=2&a=1,/orders,a=1&b=2",
    "/orders?a=1&a=2,/orders,a=1&a=2",
    "/orders?a-b=1&a=2,/orders,a=2&a-b=1",
    "/orders?a,/orders,a=",
    "/orders?a=b=c,/orders,a=b%3Dc",
    "/orders?since=2026-01-01T00:00:00Z,/orders,since=2026-01-01T00%3A00%3A00Z",
    "/orders?q=%e2%82%ac%7e,/orders,q=%E2%82%AC~",
    "/orders?q=a%20b%2Bc,/orders,q=a%20b%2Bc",
    "/orders?,/orders,''",
  })
  void targetsCanonicalFormIsAmazons(String target, String path, String query) throws Exception {
    assertThat(CanonicalTarget.parse(target)).isEqualTo(new CanonicalTarget(path, query));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/a/%2e%2e/../b",
        "/y/x/%2E%2e/../a",
        "/%2e/../a",
        "/a/../../b",
        "/a%2fb",
        "/a;b",
        "/a\\b",
        "/a%zz",
        "/a b",
        "/\u1234",
        "orders",
        "*",
        "",
        "https://gate.example/orders",
      })
  void pathThatIsNotTheSignedOneForEverybodyIsRefused(String target) {
    assertThatThrownBy(() -> CanonicalTarget.parse(target))
        .isInstanceOf(MalformedSignatureException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=2&a=1",
        "a=1&b=1&a=0",
        "a=b+c",
        "a+b=c",
        "a=1;b=2",
        "a=%",
        "a=%2",
        "a=%2x",
        "a=1&&b=2",
        "&a=1",
        "a=1&",
        "a=b#c",
        "a=\u00e9",
      })
  void queryThatTheSignatureDoesNotSettleIsRefused(String query) {
    assertThatThrownBy(() -> CanonicalTarget.parse("/orders?" + query))
        .isInstanceOf(MalformedSignatureException.class);
  }

  @Test
  void queryOfTooManyParametersIsRefused() {
    assertThatThrownBy(() -> CanonicalTarget.parse("/orders?" + "a=1&".repeat(500) + "a=1"))
        .isInstanceOf(MalformedSignatureException.class);
  }

  // Every path of up to five of these segments: whoever changes one for another with the same
  // signature gets the same path forwarded.
  @Test
  void pathsOfOneSignatureAreForwardedAlike() throws Exception {
    List<String> segments =
        List.of("a", "%61", "A", "%2e", "%2E%2e", ".", "..", "", "%252e", "b%20", "b%2520");
    List<String> paths = List.of("");
    Map<String, String> forwarded = new HashMap<>();
    int taken = 0;
    for (int length = 1; length <= 5; length++) {
      List<String> longer = new ArrayList<>();
      for (String path : paths) {
        for (String segment : segments) {
          longer.add(path + "/" + segment);
        }
      }
      for (String path : longer) {
        CanonicalTarget signed;
        try {
          signed = CanonicalTarget.parse(path);
        } catch (MalformedSignatureException refused) {
          continue;
        }
        taken++;
        String target = RequestPath.parse(path).target();
        assertThat(forwarded.merge(signed.path(), target, (one, other) -> one)).isEqualTo(target);
      }
      paths = longer;
    }
    assertThat(taken).isGreaterThan(50_000);
  }
}
