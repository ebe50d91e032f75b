package dev.gatehouse.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Policy;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

  private static final String HOST = "api.example.com";

  private final Routes<String> routes =
      new Routes<>(
          List.of(
              route(null, "/"),
              route(null, "/orders"),
              route(null, "/orders/*/items"),
              route(null, "/orders/special/items"),
              route(null, "/*/admin"),
              route(null, "/@me"),
              route(null, "/café menu"),
              route("Admin.Example.com", "/"),
              route("admin.example.com", "/orders")));

  @Test
  void theLongestPathWins() throws Exception {
    assertThat(matched("/orders/7")).isEqualTo("/orders");
    assertThat(matched("/orders/7/items/1")).isEqualTo("/orders/*/items");
    assertThat(matched("/x/admin")).isEqualTo("/*/admin");
    assertThat(matched("/x")).isEqualTo("/");
  }

  @Test
  void aLiteralSegmentWinsOverAStar() throws Exception {
    assertThat(matched("/orders/special/items")).isEqualTo("/orders/special/items");
  }

  @Test
  void aPrefixEndsAtASegment() throws Exception {
    assertThat(matched("/orders2")).isEqualTo("/");
    assertThat(matched("/order")).isEqualTo("/");
    assertThat(matched("/orders/")).isEqualTo("/orders");
  }

  @Test
  void aStarIsForExactlyOneSegment() throws Exception {
    assertThat(matched("/orders/items")).isEqualTo("/orders");
    assertThat(matched("/orders/a/b/items")).isEqualTo("/orders");
    assertThat(matched("/admin")).isEqualTo("/");
  }

  @Test
  void theCaseOfAPathLeadsToOneRouteOrToNone() throws Exception {
    for (String target : List.of("/ORDERS/7", "/%4fRDERS/7", "/orderS")) {
      assertThat(routes.match("other", RequestPath.parse(target).path())).as(target).isEmpty();
    }
    assertThat(matched("/orders/AB")).as("behind the route's own part").isEqualTo("/orders");
    assertThat(matched("/Elsewhere")).isEqualTo("/");
  }

  @Test
  void anEncodingDoesNotSlipPastThePolicyOfWhatItStandsFor() throws Exception {
    assertThat(matched("/@me/secrets")).isEqualTo("/@me");
    assertThat(matched("/%40me/secrets")).isEqualTo("/@me");
    assertThat(matched("/caf%c3%a9%20menu")).isEqualTo("/café menu");
    assertThat(matched("/%2540me")).as("double encoding is another name").isEqualTo("/");
  }

  @Test
  void aRouteWithAHostWinsOverOneWithout() {
    assertThat(routes.match("admin.example.com", "/orders").orElseThrow().destination())
        .isEqualTo("admin.example.com/orders");
    assertThat(routes.match("ADMIN.example.COM", "/x").orElseThrow().destination())
        .isEqualTo("Admin.Example.com/");
    assertThat(routes.match("other", "/orders").orElseThrow().destination()).isEqualTo("/orders");
  }

  @Test
  void aFinalDotNamesTheSameHost() {
    assertThat(routes.match("admin.example.com.", "/x").orElseThrow().destination())
        .isEqualTo("Admin.Example.com/");
  }

  @Test
  void whatNoRouteIsForMatchesNothing() {
    Routes<String> few = new Routes<>(List.of(route(null, "/orders"), route(HOST, "/x")));

    assertThat(few.match(HOST, "/")).isEmpty();
    assertThat(few.match("other", "/x")).isEmpty();
  }

  @Test
  void twoRoutesForTheSameAreRefused() {
    assertThatThrownBy(() -> new Routes<>(List.of(route(null, "/orders"), route(null, "/Orders/"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("/Orders/");
  }

  @Test
  void theMostSpecificComesFirstWhateverTheOrder() {
    List<String> paths = Stream.of("/*/*", "/*/b", "/a/*", "/a/b", "/a", "/").sorted().toList();
    Routes<String> sorted = new Routes<>(paths.stream().map(path -> route(null, path)).toList());

    assertThat(sorted.all().stream().map(Route::path))
        .containsExactly("/a/b", "/a/*", "/*/b", "/*/*", "/a", "/");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "orders",
        "//orders",
        "/a/../b",
        "/a/.",
        "/a;b",
        "/a%20b",
        "/a?b",
        "/a#b",
        "/a\\b"
      })
  void aPathThatCanMatchNothingIsRefused(String path) {
    assertThatThrownBy(() -> route(null, path)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost:8443", "https://x", "x/y", "*.example.com", "x."})
  void aHostThatCanMatchNothingIsRefused(String host) {
    assertThatThrownBy(() -> route(host, "/")).isInstanceOf(IllegalArgumentException.class);
  }

  private String matched(String target) throws Exception {
    return routes.match(HOST, RequestPath.parse(target).path()).orElseThrow().destination();
  }

  private static Route<String> route(@Nullable String host, String path) {
    return new Route<>(
        host, path, Policy.openToAll(), CorsPolicy.NONE, (host == null ? "" : host) + path);
  }
}
