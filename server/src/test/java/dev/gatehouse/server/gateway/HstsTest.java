package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Which responses tell browsers to use HTTPS alone, over the wire.
@Tag("end-to-end")
class HstsTest {

  private static final String FIELD = "Strict-Transport-Security";
  private static final String REFUSED = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  private static final String UNREADABLE = "GET / HTTP/1.1\r\nHost: localhost\r\nA : b\r\n\r\n";
  private static final String PASSED_ON = "GET /public HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final RawUpstream upstream = new RawUpstream(null);

  @AfterEach
  void close() throws IOException {
    upstream.close();
  }

  @Test
  void ownResponsesCarryItByDefaultAndThoseOfUpstreamsTheirOwn() throws Exception {
    try (TestHouse house = house(Hsts.DEFAULT)) {
      assertThat(ask(house, REFUSED).fields(FIELD)).containsExactly("max-age=31536000");
      assertThat(ask(house, UNREADABLE).fields(FIELD)).containsExactly("max-age=31536000");
      answerWith("");
      assertThat(ask(house, PASSED_ON).fields(FIELD)).isEmpty();
      answerWith(FIELD + ": max-age=7\r\n");
      assertThat(ask(house, PASSED_ON).fields(FIELD)).containsExactly("max-age=7");
    }
  }

  // RFC 6797 §7.1: one such field at most.
  @Test
  void allResponsesCarryThatOfTheGateOnce() throws Exception {
    try (TestHouse house = house(new Hsts(Duration.ofDays(1), true, true))) {
      String own = "max-age=86400; includeSubDomains";
      assertThat(ask(house, REFUSED).fields(FIELD)).containsExactly(own);
      assertThat(ask(house, UNREADABLE).fields(FIELD)).containsExactly(own);
      answerWith(FIELD + ": max-age=7\r\n" + FIELD + ": max-age=8\r\n");
      RawMessage answer = ask(house, PASSED_ON);
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.fields(FIELD)).containsExactly(own);
    }
  }

  private TestHouse house(Hsts hsts) {
    Upstream plain = Upstream.of(upstream.base());
    return TestHouse.plan()
        .hsts(hsts)
        .route(TestHouse.guarded(plain))
        .route(TestHouse.open("/public", plain))
        .build();
  }

  private void answerWith(String fields) {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.answer(out, "200 OK", fields, "ok");
          return true;
        });
  }

  private static RawMessage ask(TestHouse house, String request) throws IOException {
    try (RawClient client = house.connect()) {
      return client.ask(request);
    }
  }
}
