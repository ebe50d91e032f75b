package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TurnQueueTest {

  private final TurnQueue<String> queue = new TurnQueue<>();

  @Test
  void addressesHaveTurnsAndEachKeepsItsOrder() {
    add("192.0.2.1", "a1", "a2", "a3");
    add("192.0.2.2", "b1");
    add(null, "own1", "own2");
    assertThat(all()).containsExactly("a1", "b1", "own1", "a2", "own2", "a3");
  }

  @Test
  void sitesHaveTurnsFirstThenTheGroupsWithinThem() {
    add("2001:db8:1:100::1", "56a 64a 1", "56a 64a 1 again");
    add("2001:db8:1:100::2", "56a 64a 2");
    add("2001:db8:1:101::1", "56a 64b");
    add("2001:db8:1:200::1", "56b");
    add("2001:db8:2::1", "other site", "other site again");
    add("192.0.2.1", "ipv4");
    assertThat(all())
        .containsExactly(
            "56a 64a 1",
            "other site",
            "ipv4",
            "56b",
            "other site again",
            "56a 64b",
            "56a 64a 2",
            "56a 64a 1 again");
  }

  @Test
  void largestGroupLosesItsLastElement() {
    add("2001:db8:1:100::1", "first");
    add("2001:db8:1:200::1", "second");
    add("2001:db8:1:200::2", "third");
    add("192.0.2.1", "ipv4");
    assertThat(queue.removeFromLargest(address("192.0.2.1"))).isEqualTo("third");
    assertThat(queue.removeFromLargest(address("192.0.2.1"))).isEqualTo("second");
    assertThat(queue.size()).isEqualTo(2);
  }

  @Test
  void newcomerOfAGroupThatIsAsLargeAsAnyOtherIsItselfRemoved() {
    add("192.0.2.1", "a");
    add("2001:db8:1:100::1", "site 1");
    add("192.0.2.2", "b");
    assertThat(queue.removeFromLargest(address("192.0.2.2"))).isEqualTo("b");
    add("192.0.2.1", "a again");
    assertThat(queue.removeFromLargest(address("192.0.2.1"))).isEqualTo("a again");
    add("2001:db8:1:100::1", "site 2");
    add("2001:db8:1:200::1", "site 3");
    assertThat(queue.removeFromLargest(address("2001:db8:1:200::1")))
        .as("of the same site, the larger part")
        .isEqualTo("site 2");
    assertThat(queue.removeFromLargest(address("2001:db8:1:200::1"))).isEqualTo("site 3");
  }

  @Test
  void elementIsRemovedByItsAddressOnly() {
    add("2001:db8:1:100::1", "a", "b");
    assertThat(queue.remove(address("2001:db8:1:100::2"), "a")).isFalse();
    assertThat(queue.remove(address("192.0.2.1"), "a")).isFalse();
    assertThat(queue.remove(address("2001:db8:1:100::1"), "a")).isTrue();
    assertThat(queue.remove(address("2001:db8:1:100::1"), "a")).isFalse();
    assertThat(all()).containsExactly("b");
  }

  @Test
  void thoseThatMayHaveNoTurnNowKeepTheirPlaces() {
    add("192.0.2.1", "a1", "a2");
    add("192.0.2.2", "b1");
    assertThat(queue.poll(element -> element.startsWith("b"))).isEqualTo("b1");
    assertThat(queue.poll(element -> element.equals("a2"))).as("not the first of its own").isNull();
    assertThat(all()).containsExactly("a1", "a2");
  }

  @Test
  void emptyQueueHasNothing() {
    assertThat(queue.poll()).isNull();
    assertThat(queue.removeFromLargest(address("192.0.2.1"))).isNull();
    add("192.0.2.1", "a");
    add("2001:db8:1:100::1", "b");
    List<String> cleared = new ArrayList<>();
    queue.clear(cleared::add);
    assertThat(cleared).containsExactly("a", "b");
    assertThat(queue.size()).isZero();
  }

  @Test
  void everythingComesOutOnceWhateverIsDone() {
    Random random = new Random(15);
    List<String> left = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      String from =
          random.nextInt(4) == 0
              ? "192.0.2." + random.nextInt(4)
              : "2001:db8:%x:%x::%x"
                  .formatted(random.nextInt(3), random.nextInt(4) * 128, random.nextInt(3));
      String element = from + " " + i;
      switch (left.size() > 50 ? 1 + random.nextInt(3) : random.nextInt(4)) {
        case 0 -> {
          add(from, element);
          left.add(element);
        }
        case 1 -> taken(left, queue.poll());
        case 2 -> taken(left, queue.removeFromLargest(address(from)));
        default -> {
          if (!left.isEmpty()) {
            String some = left.get(random.nextInt(left.size()));
            String its = some.substring(0, some.indexOf(' '));
            assertThat(queue.remove(address(its), some)).isTrue();
            left.remove(some);
          }
        }
      }
      assertThat(queue.size()).isEqualTo(left.size());
    }
    assertThat(all()).containsExactlyInAnyOrderElementsOf(left);
  }

  private static void taken(List<String> left, @Nullable String element) {
    assertThat(element == null ? left.isEmpty() : left.remove(element)).isTrue();
  }

  @Test
  void credentialsHaveTurnsLikeAddresses() {
    Caller first = new Caller.Credential("u_1", "k_1");
    Caller second = new Caller.Credential("u_1", "k_2");
    queue.add(first, "first");
    queue.add(first, "first again");
    queue.add(second, "second");
    add("192.0.2.1", "address");
    assertThat(queue.removeFromLargest(second)).isEqualTo("first again");
    assertThat(queue.remove(second, "first")).isFalse();
    assertThat(all()).containsExactly("first", "second", "address");
  }

  private void add(@Nullable String from, String... elements) {
    for (String element : elements) {
      queue.add(from == null ? null : address(from), element);
    }
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    queue.clear(all::add);
    return all;
  }

  private static Caller address(String literal) {
    return new Caller.Address(Network.address(literal));
  }
}
