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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A signed request whose body is held back until its signature is too old and its use forgotten.
@Timeout(60)
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
}
