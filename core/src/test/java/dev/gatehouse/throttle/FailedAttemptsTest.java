package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.Time;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {

  private final Time time = new Time();
  private final FailedAttempts attempts = new FailedAttempts(2, time.ticker());

  @Test
  void anAddressWaitsOnceItsFailuresAreSpentAndNoLonger() {
    fail("192.0.2.1");
    assertThat(wait("192.0.2.1")).isZero();
    fail("192.0.2.1");
    assertThat(wait("192.0.2.1")).isEqualTo(Duration.ofSeconds(30));
    assertThat(wait("192.0.2.2")).as("a neighbour").isZero();
    time.pass(Duration.ofSeconds(30));
    assertThat(wait("192.0.2.1")).isZero();
  }

  @Test
  void anIpv6SubscriberCountsAsOneHoweverManyAddressesItHas() {
    fail("2001:db8:0:1::1");
    fail("2001:db8:0:1:ffff::2");

    assertThat(wait("2001:db8:0:1::3")).isPositive();
    assertThat(wait("2001:db8:0:2::3")).isZero();
  }

  @Test
  void askingDoesNotCost() {
    for (int i = 0; i < 100; i++) {
      assertThat(wait("192.0.2.1")).isZero();
    }
  }

  @Test
  void whatIsGivenBackDidNotFail() {
    fail("192.0.2.1");
    fail("192.0.2.1");
    attempts.giveBack(Network.address("192.0.2.1"));

    assertThat(wait("192.0.2.1")).isZero();
    fail("192.0.2.1");
    assertThat(attempts.count(Network.address("192.0.2.1"))).contains(Duration.ofSeconds(30));
  }

  private void fail(String address) {
    attempts.count(Network.address(address));
  }

  private Duration wait(String address) {
    return attempts.mustWait(Network.address(address)).orElse(Duration.ZERO);
  }
}
