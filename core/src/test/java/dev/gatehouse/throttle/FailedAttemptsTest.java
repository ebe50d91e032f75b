package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.Time;
import java.net.InetAddress;
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
  void ipv6SubnetCountsAsOneHoweverManyAddressesItHas() {
    fail("2001:db8:0:1::1");
    fail("2001:db8:0:1:ffff::2");

    assertThat(wait("2001:db8:0:1::3")).isPositive();
    assertThat(wait("2001:db8:0:2::3")).isZero();
  }

  @Test
  void ipv6SiteHasFourTimesAndASmallSiteTwiceTheAllowanceOfASubnet() {
    for (int subnet = 0; subnet < 1_000; subnet++) {
      fail("2001:db8:1:" + Integer.toHexString(subnet % 256) + "::1");
    }
    assertThat(wait("2001:db8:1:ff::1")).as("of the /56").isEqualTo(Duration.ofSeconds(15));
    assertThat(wait("2001:db8:1:100::1")).as("another /56").isZero();

    for (int subnet = 0; subnet < 1_000; subnet++) {
      fail("2001:db8:1:" + Integer.toHexString(subnet * 64) + "::1");
    }
    assertThat(wait("2001:db8:1:ffff::1")).as("of the /48").isPositive();
    assertThat(wait("2001:db8:2::1")).as("another /48").isZero();
  }

  @Test
  void ipv6SiteFailsNoMoreOftenThanItsAllowanceWhateverAddressesItUses() {
    int failed = 0;
    for (int second = 0; second < 600; second++) {
      for (int i = 0; i < 10; i++) {
        String subnet = Integer.toHexString((second * 10 + i) * 37 % 65536);
        InetAddress address = Network.address("2001:db8:1:" + subnet + "::1");
        failed += attempts.count(address).isEmpty() ? 1 : 0;
      }
      time.pass(Duration.ofSeconds(1));
    }
    assertThat(failed).as("8 at once, and 8 a minute").isBetween(80, 88);
  }

  @Test
  void subnetThatMustWaitTakesNothingFromItsSite() {
    for (int i = 0; i < 100; i++) {
      fail("2001:db8:1:1::1");
    }
    assertThat(wait("2001:db8:1:1::1")).isPositive();
    assertThat(wait("2001:db8:1:2::1")).as("a neighbour in the /56").isZero();
    fail("2001:db8:1:2::1");
    assertThat(wait("2001:db8:1:2::1")).isZero();
  }

  @Test
  void whatIsGivenBackIsGivenBackToEachGroup() {
    for (int i = 0; i < 100; i++) {
      InetAddress address = Network.address("2001:db8:1:" + Integer.toHexString(i * 256) + "::1");
      assertThat(attempts.count(address)).isEmpty();
      attempts.giveBack(address);
    }
  }

  @Test
  void floodOfSubnetsMakesTheGateForgetNoAddressThatMustWait() {
    for (int i = 0; i < 100; i++) {
      fail("192.0.2.1");
    }
    for (int i = 0; i < 60_000; i++) {
      fail("2001:db8:" + Integer.toHexString(i) + "::1");
    }
    assertThat(wait("192.0.2.1")).isPositive();
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
