package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A credential that is revoked or changed between the decision and the moment at which the request
/// is sent: here while the request waits for a token of a provider.
@Tag("end-to-end")
class ChangedBeforeSendingTest {

  private static final String REQUEST =
      "GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer good\r\n\r\n";

  private final RawUpstream upstream = new RawUpstream(null);
  private final AtomicInteger questions = new AtomicInteger();
  private volatile Function<Integer, ProviderTokenSource.Found> source =
      question -> new ProviderTokenSource.Found.None();
  private final TestHouse house = house();

  private TestHouse house() {
    Upstream plain = Upstream.of(upstream.base());
    return TestHouse.plan()
        .route(
            TestHouse.guarded(
                new Upstream(
                    plain.base(),
                    plain.connectTimeout(),
                    plain.responseTimeout(),
                    plain.idleTimeout(),
                    false,
                    true,
                    plain.maxBodyBytes(),
                    1,
                    1,
                    Upstream.Queue.DEFAULT,
                    null,
                    (request, principal, then) ->
                        then.accept(source.apply(questions.incrementAndGet())),
                    ClientFields.DEFAULT)))
        .build();
  }

  @AfterEach
  void close() throws IOException {
    house.close();
    upstream.close();
  }

  private RawMessage answer() throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(REQUEST);
    }
  }

  private static ProviderTokenSource.Found token(String value) {
    return new ProviderTokenSource.Found.Token(value);
  }

  @Test
  void requestWhoseCredentialIsRevokedMeanwhileIsNotSent() throws Exception {
    source =
        question -> {
          house.revoke();
          return token("of-the-provider");
        };

    assertThat(answer().status()).isEqualTo(401);
    assertThat(upstream.requests()).isZero();
  }

  @Test
  void requestWhoseCredentialChangesAndIsStillGoodIsSentWithTheTokenOfThen() throws Exception {
    source =
        question -> {
          if (question == 1) {
            house.mention();
          }
          return token("token-" + question);
        };

    assertThat(answer().status()).isEqualTo(200);
    assertThat(upstream.next().fields(ControlledFields.PROVIDER_TOKEN)).containsExactly("token-2");
  }

  @Test
  void requestOfACallerThatHasNoTokenAnyMoreIsSentWithoutOne() throws Exception {
    source =
        question -> {
          if (question == 1) {
            house.mention();
            return token("of-an-identity-that-is-unlinked-meanwhile");
          }
          return new ProviderTokenSource.Found.None();
        };

    assertThat(answer().status()).isEqualTo(200);
    assertThat(upstream.next().fields(ControlledFields.PROVIDER_TOKEN)).isEmpty();
  }

  @Test
  void requestWhoseCredentialChangesEachTimeIs503AndGivesItsPlaceBack() throws Exception {
    source =
        question -> {
          house.mention();
          return token("of-the-provider");
        };

    assertThat(answer().status()).isEqualTo(503);
    assertThat(upstream.requests()).isZero();
    source = question -> token("of-the-provider");
    assertThat(answer().status()).as("there is one place").isEqualTo(200);
  }
}
