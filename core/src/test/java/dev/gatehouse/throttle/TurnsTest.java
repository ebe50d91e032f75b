package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.Waiting;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnsTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final InetAddress ONE = Network.address("192.0.2.1");
  private static final InetAddress TWO = Network.address("192.0.2.2");
  private static final InetAddress THIRD = Network.address("192.0.2.3");

  private final Turns turns = new Turns(4, 4);
  private final List<String> decided = new ArrayList<>();

  @Test
  void twoAddressesThatNeverEndLeaveATurnToAThird() throws Exception {
    for (InetAddress flooding : List.of(ONE, ONE, TWO)) {
      assertThat(turns.take(flooding, Duration.ZERO)).isPresent();
    }
    List<Waiter> flood = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      flood.add(new Waiter(turns, i % 2 == 0 ? ONE : TWO));
    }
    assertThat(turns.take(ONE, Duration.ZERO)).isEmpty();
    assertThat(turns.take(THIRD, Duration.ZERO)).isPresent();
    assertThat(flood).noneMatch(waiter -> waiter.turn.isDone());
  }

  @Test
  void turnThatIsOverIsTheNextOnes() throws Exception {
    List<Turns.Turn> taken = new ArrayList<>();
    for (InetAddress from : List.of(ONE, ONE, TWO, THIRD)) {
      taken.add(turns.take(from, Duration.ZERO).orElseThrow());
    }
    Waiter first = new Waiter(turns, Network.address("203.0.113.1"));
    Waiter second = new Waiter(turns, Network.address("203.0.113.2"));
    taken.getFirst().close();
    Turns.Turn its = first.turn.get().orElseThrow();
    assertThat(second.turn.isDone()).isFalse();
    its.close();
    its.close();
    assertThat(second.turn.get()).isPresent();
    assertThat(turns.take(ONE, Duration.ZERO)).as("closed twice, and free once").isEmpty();
  }

  @Test
  void fullQueueTurnsAwayTheLastOfTheLargestGroup() throws Exception {
    for (int i = 1; i <= 4; i++) {
      assertThat(turns.take(Network.address("198.51.100." + i), Duration.ZERO)).isPresent();
    }
    List<Waiter> flood = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      flood.add(new Waiter(turns, Network.address("2001:db8:1:" + i + "00::1")));
    }
    Waiter other = new Waiter(turns, THIRD);
    assertThat(flood.getLast().turn.get()).isEmpty();
    assertThat(other.turn.isDone()).isFalse();
  }

  @Test
  void whoWaitsTooLongOrIsInterruptedTakesNoTurn() throws Exception {
    List<Turns.Turn> taken = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      taken.add(turns.take(Network.address("198.51.100." + i), Duration.ZERO).orElseThrow());
    }
    assertThat(turns.take(ONE, Duration.ofMillis(1))).isEmpty();
    Waiter interrupted = new Waiter(turns, ONE);
    interrupted.thread.interrupt();
    assertThat(interrupted.turn.get()).isEmpty();

    taken.forEach(Turns.Turn::close);
    assertThat(turns.take(ONE, Duration.ZERO)).isPresent();
    assertThat(turns.take(ONE, Duration.ZERO)).isPresent();
    assertThat(turns.take(TWO, Duration.ZERO)).isPresent();
  }

  @Test
  void turnThatIsAskedForIsDecidedOnceAndClosedOnce() {
    List<Turns.Turn> taken = new ArrayList<>();
    for (int i = 1; i <= 4; i++) {
      taken.add(ask("k_" + i, "taken"));
    }
    assertThat(taken).allMatch(Turns.Turn::hasBegun);
    Turns.Turn first = ask("k_5", "first");
    Turns.Turn givenUp = ask("k_6", "given up");
    Turns.Turn second = ask("k_7", "second");
    assertThat(List.of(first, givenUp, second)).allMatch(Turns.Turn::isWaiting);
    givenUp.close();
    taken.get(0).close();
    taken.get(0).close();
    assertThat(first.hasBegun()).isTrue();
    assertThat(second.isWaiting()).isTrue();
    taken.get(1).close();
    assertThat(second.hasBegun()).isTrue();
    assertThat(decided).containsExactly("first", "second");
  }

  @Test
  void fullQueueTurnsAwayWhoWaitsMostAndAtOnceWhoAskedLast() {
    for (int i = 1; i <= 4; i++) {
      ask("k_" + i, "taken");
    }
    List<Turns.Turn> flood = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      flood.add(ask("k_5", "flood " + i));
    }
    Turns.Turn tooMany = ask("k_5", "too many");
    assertThat(tooMany.isWaiting() || tooMany.hasBegun()).isFalse();
    assertThat(ask("k_6", "other").isWaiting()).isTrue();
    assertThat(flood.subList(0, 3)).allMatch(Turns.Turn::isWaiting);
    assertThat(flood.getLast().isWaiting() || flood.getLast().hasBegun()).isFalse();
    assertThat(decided).containsExactly("flood 3");
  }

  private Turns.Turn ask(String key, String name) {
    return turns.ask(new Caller.Credential("u_1", key), () -> decided.add(name));
  }

  private static final class Waiter {

    private final FutureTask<Optional<Turns.Turn>> turn;
    private final Thread thread;

    Waiter(Turns turns, InetAddress from) {
      turn = new FutureTask<>(() -> turns.take(from, LONG));
      thread = Thread.ofPlatform().daemon().start(turn);
      Waiting.until(thread, Thread.State.TIMED_WAITING);
    }
  }
}
