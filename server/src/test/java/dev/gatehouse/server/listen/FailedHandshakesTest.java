package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedHandshakesTest {

  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  private static InetAddress address(int last) throws Exception {
    return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
  }

  @Test
  void siteWithManySubnetsHasOneLineAMinute() throws Exception {
    FailedHandshakes handshakes = new FailedHandshakes();

    assertThat(handshakes.mayTell(InetAddress.getByName("2001:db8:1:1::1"), MINUTE)).isTrue();
    assertThat(handshakes.mayTell(InetAddress.getByName("2001:db8:1:ff02::2"), MINUTE)).isFalse();
    assertThat(handshakes.mayTell(InetAddress.getByName("2001:db8:2::1"), MINUTE)).isTrue();
  }

  @Test
  void addressHasOneLineAMinuteAndAllTogetherHaveFew() throws Exception {
    FailedHandshakes handshakes = new FailedHandshakes();
    for (long minute : new long[] {5, 6}) {
      long nanos = minute * MINUTE;
      assertThat(handshakes.mayTell(address(0), nanos)).isTrue();
      assertThat(handshakes.mayTell(address(0), nanos + MINUTE - 1)).isFalse();
      for (int i = 1; i < FailedHandshakes.MAX_LINES_A_MINUTE; i++) {
        assertThat(handshakes.mayTell(address(i), nanos)).isTrue();
      }
      assertThat(handshakes.mayTell(address(200), nanos)).isFalse();
    }
  }
}
