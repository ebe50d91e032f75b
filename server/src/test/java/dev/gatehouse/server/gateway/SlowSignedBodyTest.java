package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Signed requests whose bodies come late, or longer than was announced.
@Timeout(60)
@Tag("end-to-end")
class SlowSignedBodyTest {

  private static final String BODY = "tea";

  private final SignedCalls calls = new SignedCalls();

  @Test
  void replayWhoseBodyIsHeldBackUntilItsUseIsForgottenIsRefused() throws Exception {
    String head = calls.head(BODY, "Expect: 100-continue");
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan()
                .and(calls.authenticator())
                .route(
                    new Route<>(
                        null,
                        "/",
                        Policy.accepting(Method.HMAC),
                        CorsPolicy.NONE,
                        Upstream.of(upstream.base())))
                .build();
        RawClient client = house.connect();
        RawClient slow = house.connect()) {
      upstream.echo();
      client.send(head);
      assertThat(client.read().status()).isEqualTo(100);
      assertThat(client.ask(BODY).status()).isEqualTo(200);

      calls.clock.advance(calls.settings.window());
      slow.send(head);
      assertThat(slow.read().status()).as("its time is good, and its key").isEqualTo(100);
      calls.used.purge(calls.clock.advance(calls.settings.window()));
      RawMessage refused = slow.ask(BODY);

      assertThat(refused.status()).isEqualTo(401);
      assertThat(refused.body()).contains("REQUEST_EXPIRED");
      assertThat(upstream.requests()).isEqualTo(1);
    }
  }

  @Test
  void signedBodyInChunksIsHeldToTheLimitOfTheRoute() throws Exception {
    String head =
        calls
            .head("teapot", "Transfer-Encoding: chunked")
            .replaceAll("Content-Length: \\d+\r\n", "");
    try (RawUpstream upstream = new RawUpstream(null)) {
      Upstream plain = Upstream.of(upstream.base());
      Upstream small =
          new Upstream(
              plain.base(),
              plain.connectTimeout(),
              plain.responseTimeout(),
              plain.idleTimeout(),
              plain.passAuthorization(),
              plain.passHost(),
              5,
              plain.maxRequests(),
              plain.maxWebSockets(),
              plain.trust());
      try (TestHouse house =
              TestHouse.plan()
                  .and(calls.authenticator())
                  .route(
                      new Route<>(null, "/", Policy.accepting(Method.HMAC), CorsPolicy.NONE, small))
                  .build();
          RawClient client = house.connect()) {
        upstream.echo();
        assertThat(client.ask(head + "6\r\nteapot\r\n0\r\n\r\n").status()).isEqualTo(413);
        assertThat(upstream.requests()).isZero();
      }
    }
  }
}
