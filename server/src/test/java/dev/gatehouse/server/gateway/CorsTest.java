package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("end-to-end")
class CorsTest {

  private static final String APP = "https://app.example.com";

  private static RawUpstream upstream;
  private static TestHouse house;

  @BeforeAll
  static void open() {
    upstream = new RawUpstream(null);
    CorsPolicy cors =
        new CorsPolicy(
            Set.of(APP),
            Set.of("x-api-key", "content-type"),
            Set.of("x-total"),
            true,
            Duration.ofMinutes(10));
    house =
        TestHouse.plan()
            .route(
                new Route<>(
                    null,
                    "/cors",
                    Policy.accepting(Method.API_KEY)
                        .requiring(
                            Map.of("GET", Scopes.of("orders:read"), "POST", Scopes.of("a:b"))),
                    cors,
                    Upstream.of(upstream.base())))
            .route(TestHouse.open("/none", Upstream.of(upstream.base())))
            .build();
  }

  @AfterAll
  static void close() throws IOException {
    house.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.forget();
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(
              out,
              "200 OK",
              String.join(
                  "\r\n",
                  "Access-Control-Allow-Origin: *",
                  "access-control-allow-methods: EVIL",
                  "Vary: Accept",
                  ""),
              "ok");
          return true;
        });
  }

  @Test
  void aPreflightOfAListedOriginIsAnsweredByTheGate() throws Exception {
    RawMessage answer = preflight("/cors", APP);
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.fields("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(answer.fields("Access-Control-Allow-Methods")).containsExactly("GET, HEAD, POST");
    assertThat(answer.fields("Access-Control-Allow-Headers"))
        .containsExactly("content-type, x-api-key");
    assertThat(answer.fields("Access-Control-Allow-Credentials")).containsExactly("true");
    assertThat(answer.fields("Access-Control-Max-Age")).containsExactly("600");
    assertThat(answer.fields("Vary")).contains("Origin");
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void aPreflightOfAnotherOriginIsToldNothing() throws Exception {
    for (String origin :
        new String[] {
          "https://evil.example.com",
          "null",
          APP + ".evil.com",
          "http://app.example.com",
          APP + "/",
          "HTTPS://APP.EXAMPLE.COM",
          APP + ", " + APP
        }) {
      RawMessage answer = preflight("/cors", origin);
      assertThat(answer.names()).noneMatch(name -> name.startsWith("access-control"));
      assertThat(answer.fields("Vary")).contains("Origin");
    }
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void refusalsCarryTheFieldsTooSoThatThePageCanReadThem() throws Exception {
    RawMessage answer = ask("GET /cors HTTP/1.1\r\nHost: localhost\r\nOrigin: " + APP + "\r\n\r\n");
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.fields("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(answer.fields("Access-Control-Allow-Credentials")).containsExactly("true");
    assertThat(answer.fields("Vary")).contains("Origin");
  }

  @Test
  void theUpstreamsOwnFieldsAreReplaced() throws Exception {
    RawMessage answer =
        ask(
            "GET /cors HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\nOrigin: "
                + APP
                + "\r\n\r\n");
    assertThat(answer.fields("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(answer.fields("Access-Control-Allow-Methods")).isEmpty();
    assertThat(answer.fields("Access-Control-Expose-Headers")).containsExactly("x-total");
    assertThat(answer.fields("Vary")).contains("Accept", "Origin");

    RawMessage stranger =
        ask(
            "GET /cors HTTP/1.1\r\nHost: localhost\r\nX-API-Key: good\r\nOrigin: "
                + "https://evil"
                + "\r\n\r\n");
    assertThat(stranger.names()).noneMatch(name -> name.startsWith("access-control"));
  }

  @Test
  void withoutAPolicyTheUpstreamDecides() throws Exception {
    RawMessage answer = preflight("/none", APP);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.fields("Access-Control-Allow-Origin")).containsExactly("*");
    assertThat(upstream.requests()).isEqualTo(1);
  }

  private static RawMessage preflight(String path, String origin) throws IOException {
    return ask(
        "OPTIONS "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nOrigin: "
            + origin
            + "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  }

  private static RawMessage ask(String request) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(request);
    }
  }
}
