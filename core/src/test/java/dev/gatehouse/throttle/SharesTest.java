package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class SharesTest {

  private static final int PLACES = 90;

  private final Shares shares = new Shares(PLACES);

  @Test
  void oneCallerGetsAtMostHalfOfThePlaces() {
    assertThat(take(i -> "k_1")).hasSize(PLACES / 2);
    assertThat(shares.tryAcquire(key("k_1"))).isEmpty();
    assertThat(shares.tryAcquire(key("k_2"))).isPresent();
  }

  @Test
  void twoAddressesThatTakeAllTheyGetLeaveAThirdToOthers() {
    assertThat(takeFrom(i -> "192.0.2." + i % 2)).hasSize(PLACES * 2 / 3);
    assertThat(takeFrom(i -> "198.51.100." + i)).hasSize(PLACES / 3);
    assertThat(shares.tryAcquire(address("203.0.113.1"))).as("all are taken").isEmpty();
  }

  @Test
  void lastEighthIsForCallersThatHoldNoPlace() {
    int reserved = PLACES / 8;
    for (int n = 0; n < 3; n++) {
      String flooding = "192.0.2." + n;
      takeFrom(i -> flooding);
    }
    assertThat(takeFrom(i -> "192.0.2." + i % 3)).isEmpty();
    assertThat(takeFrom(i -> "198.51.100." + i % (reserved - 1))).hasSize(reserved - 1);
    assertThat(shares.tryAcquire(key("k_1"))).isPresent();
    assertThat(shares.tryAcquire(key("k_2"))).as("all are taken").isEmpty();
  }

  @Test
  void ipv6SiteHasItsAllowanceOfTheLastEighth() {
    for (int n = 0; n < 3; n++) {
      String flooding = "192.0.2." + n;
      takeFrom(i -> flooding);
    }
    assertThat(takeFrom(i -> "2001:db8:1:" + Integer.toHexString(i * 257) + "::1")).hasSize(4);
    assertThat(takeFrom(i -> "2001:db8:2:1::" + Integer.toHexString(i))).hasSize(1);
  }

  @Test
  void ipv6SiteLeavesPlacesToOthersHoweverManyAddressesItHas() {
    assertThat(takeFrom(i -> "2001:db8:1:" + Integer.toHexString(i * 257) + "::1"))
        .as("four times what is free, at most")
        .hasSize(PLACES * 4 / 5);
    assertThat(shares.tryAcquire(address("2001:db8:2::1"))).isPresent();
    assertThat(shares.tryAcquire(address("192.0.2.1"))).isPresent();
  }

  @Test
  void ipv6SubnetLeavesPlacesToOthersOfItsSite() {
    assertThat(takeFrom(i -> "2001:db8:1:1::" + Integer.toHexString(i))).hasSize(PLACES / 2);
    assertThat(shares.tryAcquire(address("2001:db8:1:1::ffff"))).isEmpty();
    assertThat(takeFrom(i -> "2001:db8:1:" + Integer.toHexString(2 + i % 200) + "::1"))
        .as("the /56 gets twice what is free, at most")
        .hasSize(PLACES * 2 / 3 - PLACES / 2);
    assertThat(shares.tryAcquire(address("2001:db8:1:100::1"))).as("another /56").isPresent();
  }

  @Test
  void placeGrowsUpToTheShareOfItsCallerAndIsReleasedWhole() {
    Shares.Place place = shares.tryAcquire(address("192.0.2.1"), 1).orElseThrow();
    int grown = 1;
    while (place.tryGrow(1)) {
      grown++;
    }
    assertThat(grown).isEqualTo(PLACES / 2);
    assertThat(shares.tryAcquire(address("192.0.2.1"))).isEmpty();
    assertThat(shares.tryAcquire(address("192.0.2.2"))).isPresent();

    place.release();

    assertThat(place.tryGrow(1)).as("it was released").isFalse();
    assertThat(shares.tryAcquire(address("192.0.2.1"), PLACES - 1)).isPresent();
  }

  @Test
  void placeThatIsReleasedIsFreeAgainAndOnlyOnce() {
    List<Shares.Place> taken = take(i -> "k_1");
    taken.getFirst().release();
    taken.getFirst().release();
    assertThat(take(i -> "k_1")).hasSize(1);

    taken.forEach(Shares.Place::release);
    assertThat(take(i -> "k_2")).hasSize(PLACES / 2);
  }

  @Test
  void whoHoldsNothingIsForgotten() {
    for (int i = 0; i < 1_000; i++) {
      shares.tryAcquire(key("k_" + i)).orElseThrow().release();
      shares
          .tryAcquire(address("2001:db8:" + Integer.toHexString(i) + "::"), 3)
          .orElseThrow()
          .release();
    }
    assertThat(shares.holders()).isZero();
  }

  @Test
  void severalPlacesAtOnceAreTakenTogetherOrNotAtAll() {
    assertThat(shares.tryAcquire(key("k_1"), PLACES + 1)).isEmpty();
    Shares.Place many = shares.tryAcquire(key("k_1"), 60).orElseThrow();
    assertThat(shares.tryAcquire(key("k_1"))).isEmpty();
    assertThat(shares.tryAcquire(key("k_2"), 31)).isEmpty();
    assertThat(shares.tryAcquire(key("k_2"), 30)).isPresent();
    many.release();
    assertThat(shares.tryAcquire(key("k_3"), 60)).isPresent();
    assertThatIllegalArgumentException().isThrownBy(() -> shares.tryAcquire(key("k_1"), 0));
  }

  @Test
  void onlyPlaceIsGivenToOneCallerAtATime() {
    Shares one = new Shares(1);
    Shares.Place place = one.tryAcquire(key("k_1")).orElseThrow();
    assertThat(one.tryAcquire(key("k_2"))).isEmpty();
    place.release();
    assertThat(one.tryAcquire(key("k_2"))).isPresent();
    assertThatIllegalArgumentException().isThrownBy(() -> new Shares(0));
  }

  @Test
  void everyPlaceComesBackWhateverThreadsDo() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String address = "2001:db8:1:" + i + "::1";
        work.add(
            () -> {
              for (int n = 0; n < 2_000; n++) {
                shares.tryAcquire(address(address)).ifPresent(Shares.Place::release);
              }
              return null;
            });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
    assertThat(shares.holders()).isZero();
    assertThat(shares.tryAcquire(key("k_1"), PLACES)).isPresent();
  }

  private List<Shares.Place> takeFrom(IntFunction<String> addresses) {
    List<Shares.Place> taken = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      shares.tryAcquire(address(addresses.apply(i))).ifPresent(taken::add);
    }
    return taken;
  }

  private List<Shares.Place> take(IntFunction<String> credentials) {
    List<Shares.Place> taken = new ArrayList<>();
    for (int i = 0; i < 250; i++) {
      shares.tryAcquire(key(credentials.apply(i))).ifPresent(taken::add);
    }
    return taken;
  }

  private static Caller key(String id) {
    return new Caller.Credential("u_1", id);
  }

  private static InetAddress address(String literal) {
    return Network.address(literal);
  }
}
