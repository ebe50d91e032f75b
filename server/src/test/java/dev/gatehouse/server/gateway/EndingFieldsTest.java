package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Conditions;
import dev.gatehouse.Decision;
import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What callers are told of a method that ends (RFC 9745, RFC 8594), over the wire and at its
/// seams.
@Tag("end-to-end")
class EndingFieldsTest {

  // The example of RFC 9745 §4: Friday, June 30, 2023, and a year later.
  private static final Instant DEPRECATED = Instant.parse("2023-06-30T23:59:59Z");
  private static final Instant SUNSET = Instant.parse("2024-06-30T23:59:59Z");
  private static final URI LINK = URI.create("https://docs.example.com/moving");

  private static RawUpstream upstream;
  private static TestHouse house;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    Policy ending =
        Policy.accepting(Method.API_KEY)
            .requiring(Map.of("GET", Scopes.of("orders:read")))
            .withDeprecations(
                Map.of(Method.API_KEY, new Deprecation("/old", DEPRECATED, SUNSET, LINK)));
    CorsPolicy cors =
        new CorsPolicy(
            Set.of("https://app.example.com"),
            Set.of(),
            Set.of("Deprecation"),
            false,
            Duration.ZERO);
    house =
        TestHouse.plan()
            .route(new Route<>(null, "/old", ending, cors, Upstream.of(upstream.base())))
            .route(
                new Route<>(
                    null,
                    "/gone",
                    ending,
                    CorsPolicy.NONE,
                    Upstream.of(URI.create("http://127.0.0.1:1"))))
            .route(
                new Route<>(
                    null,
                    "/kept",
                    Policy.accepting(Method.API_KEY),
                    CorsPolicy.NONE,
                    Upstream.of(upstream.base())))
            .build();
  }

  @AfterAll
  static void close() throws IOException {
    house.close();
    upstream.close();
  }

  @BeforeEach
  void answerPlainly() {
    answerWith("");
  }

  private static void answerWith(String fields) {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "200 OK", fields, "ok");
          return true;
        });
  }

  private static RawMessage get(String path, String... fields) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(
          "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + String.join("", fields) + "\r\n");
    }
  }

  @Test
  void whoeverComesByAMethodThatEndsIsToldWhetherItWasRecalledOrAskedFor() throws Exception {
    for (String key : List.of("good", "asked")) {
      RawMessage answer = get("/old", "X-API-Key: " + key + "\r\n");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.fields("Deprecation")).containsExactly("@1688169599");
      assertThat(answer.fields("Sunset")).containsExactly("Sun, 30 Jun 2024 23:59:59 GMT");
      assertThat(answer.fields("Link"))
          .containsExactly(
              "<https://docs.example.com/moving>; rel=\"deprecation\"",
              "<https://docs.example.com/moving>; rel=\"sunset\"");
    }
  }

  @Test
  void nobodyElseIs() throws Exception {
    assertThat(get("/kept", "X-API-Key: good\r\n").names())
        .doesNotContain("deprecation", "sunset", "link");
    RawMessage refused = get("/old");
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.names()).doesNotContain("deprecation", "sunset", "link");
  }

  @Test
  void anAnswerInPlaceOfTheUpstreamsTellsItToo() throws Exception {
    RawMessage answer = get("/gone", "X-API-Key: good\r\n");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.fields("Deprecation")).containsExactly("@1688169599");
  }

  @Test
  void whatTheUpstreamSaysOfItsOwnEndStaysAndStaysAlone() throws Exception {
    answerWith("deprecation: @1\r\nLink: </new>; rel=\"successor-version\"\r\n");
    RawMessage answer = get("/old", "X-API-Key: good\r\n");
    assertThat(answer.fields("Deprecation")).containsExactly("@1");
    assertThat(answer.fields("Sunset")).as("it may be before that of the resource").isEmpty();
    assertThat(answer.fields("Link")).hasSize(3).startsWith("</new>; rel=\"successor-version\"");

    answerWith("Sunset: Sat, 01 Jan 2000 00:00:00 GMT\r\n");
    answer = get("/old", "X-API-Key: good\r\n");
    assertThat(answer.fields("Sunset")).containsExactly("Sat, 01 Jan 2000 00:00:00 GMT");
    assertThat(answer.fields("Deprecation")).isEmpty();
  }

  @Test
  void scriptsOfOtherOriginsReadWhatTheRouteExposes() throws Exception {
    RawMessage answer = get("/old", "X-API-Key: good\r\n", "Origin: https://app.example.com\r\n");
    assertThat(answer.fields("Access-Control-Expose-Headers")).containsExactly("Deprecation");
    assertThat(answer.fields("Deprecation")).containsExactly("@1688169599");
  }

  @Test
  void aWebSocketIsOpenedWithTheWordToo() throws Exception {
    upstream.serve(
        (head, in, out) -> {
          List<String> switching =
              List.of(
                  "HTTP/1.1 101 Switching Protocols",
                  "Upgrade: websocket",
                  "Connection: Upgrade",
                  "Sec-WebSocket-Accept: x");
          RawUpstream.write(out, String.join("\r\n", switching) + "\r\n\r\n");
          return false;
        });
    try (RawClient client = house.connect()) {
      List<String> head =
          List.of(
              "GET /old HTTP/1.1",
              "Host: localhost",
              "X-API-Key: good",
              "Connection: Upgrade",
              "Upgrade: websocket",
              "Sec-WebSocket-Version: 13",
              "Sec-WebSocket-Key: x");
      client.send(String.join("\r\n", head) + "\r\n\r\n");
      assertThat(RawMessage.readHead(client.in()))
          .startsWith("HTTP/1.1 101 ")
          .containsIgnoringCase("deprecation: @1688169599");
    }
  }

  @Test
  void ofSeveralMethodsThatEndTheEarliestCounts() {
    EndingFields fields =
        new EndingFields(
            Map.of(
                Method.MTLS,
                new Deprecation("/old", DEPRECATED, SUNSET.plusSeconds(60), null),
                Method.HMAC,
                new Deprecation("/old", DEPRECATED.plusSeconds(60), SUNSET, LINK),
                Method.BASIC,
                new Deprecation(
                    "/old", DEPRECATED.minusSeconds(60), SUNSET.minusSeconds(60), null)));
    MultiMap answer = HttpHeaders.headers();

    fields.addTo(answer, admitted(Method.MTLS, Method.HMAC));

    assertThat(answer.getAll("Deprecation")).containsExactly("@1688169599");
    assertThat(answer.getAll("Sunset")).containsExactly("Sun, 30 Jun 2024 23:59:59 GMT");
    assertThat(answer.getAll("Link")).hasSize(2);

    MultiMap other = HttpHeaders.headers();
    fields.addTo(other, admitted(Method.SESSION));
    fields.addTo(other, Decision.Admitted.ANONYMOUS);
    fields.addTo(other, null);
    assertThat(other).isEmpty();
  }

  @Test
  void theDayOfAnHttpDateHasTwoDigitsAndNoSunsetIsNoneAtAll() {
    MultiMap answer = HttpHeaders.headers();
    Instant first = Instant.parse("2027-02-03T04:05:06Z");
    new EndingFields(Map.of(Method.JWT, new Deprecation("/old", first, first, null)))
        .addTo(answer, admitted(Method.JWT));
    assertThat(answer.get("Sunset")).isEqualTo("Wed, 03 Feb 2027 04:05:06 GMT");

    MultiMap open = HttpHeaders.headers();
    new EndingFields(Map.of(Method.JWT, new Deprecation("/old", first, null, LINK)))
        .addTo(open, admitted(Method.JWT));
    assertThat(open.names()).containsExactlyInAnyOrder("Deprecation", "Link");
    assertThat(open.getAll("Link")).containsExactly("<" + LINK + ">; rel=\"deprecation\"");
  }

  private static Decision.Admitted admitted(Method... methods) {
    return new Decision.Admitted(
        Arrays.stream(methods)
            .map(
                method ->
                    new Decision.Proof(
                        new Outcome.Accepted(
                            new Principal("u_1", method, "c_1", Scopes.NONE),
                            new Conditions(null, List.of(), null, Reason.INVALID_TOKEN),
                            RootCredential.ofSecret("c_1")),
                        0))
            .toList());
  }
}
