package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.gatehouse.Network;
import dev.gatehouse.Waiting;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HashingThreadsTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final InetAddress ONE = Network.address("192.0.2.1");
  private static final InetAddress OTHER = Network.address("192.0.2.2");
  private static final InetAddress THIRD = Network.address("192.0.2.3");

  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void whoFindsTheQueueFullIsToldAtOnceAndTheOthersAreServed() throws Exception {
    try (HashingThreads threads = new HashingThreads(1, 2, LONG)) {
      List<Caller> callers = new ArrayList<>();
      callers.add(busy(threads));
      callers.add(waiting(threads, () -> "second"));
      callers.add(waiting(threads, () -> "third"));

      for (int i = 0; i < 100; i++) {
        assertBusy(threads, "wait to be hashed");
      }
      end.countDown();
      for (Caller caller : callers) {
        assertThat(caller.answer.get()).isNotNull();
      }
      assertThat(threads.run(ONE, () -> "later")).isEqualTo("later");
    }
  }

  @Test
  void whoeverComesBesideAFloodFromOneAddressIsServedAfterOneOfIt() throws Exception {
    List<String> served = new CopyOnWriteArrayList<>();
    try (HashingThreads threads = new HashingThreads(1, 100, LONG)) {
      List<Caller> callers = new ArrayList<>();
      callers.add(busy(threads));
      for (int i = 1; i <= 4; i++) {
        callers.add(waiting(threads, ONE, noted(served, "flood " + i)));
      }
      callers.add(waiting(threads, OTHER, noted(served, "other 1")));
      callers.add(waiting(threads, OTHER, noted(served, "other 2")));
      callers.add(waiting(threads, THIRD, noted(served, "third")));

      end.countDown();
      for (Caller caller : callers) {
        caller.answer.get();
      }
    }
    assertThat(served)
        .containsExactly("flood 1", "other 1", "third", "flood 2", "other 2", "flood 3", "flood 4");
  }

  @Test
  void aFullQueueTurnsAwayTheNewestOfWhoeverHasMost() throws Exception {
    try (HashingThreads threads = new HashingThreads(1, 3, LONG)) {
      busy(threads);
      Caller first = waiting(threads, ONE, () -> "flood 1");
      Caller second = waiting(threads, ONE, () -> "flood 2");
      Caller third = waiting(threads, ONE, () -> "flood 3");

      Caller other = waiting(threads, OTHER, () -> "other");
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(third.answer::get)
          .withCauseInstanceOf(HashingBusyException.class)
          .withMessageContaining("wait to be hashed");
      assertBusy(threads, "wait to be hashed");
      assertThatExceptionOfType(HashingBusyException.class)
          .as("who would have as many is turned away himself")
          .isThrownBy(() -> threads.run(OTHER, () -> "never"));

      end.countDown();
      assertThat(first.answer.get()).isEqualTo("flood 1");
      assertThat(second.answer.get()).isEqualTo("flood 2");
      assertThat(other.answer.get()).isEqualTo("other");
    }
  }

  @Test
  void siteWithManySubnetsHasOneTurnAndLosesItsLastWhenTheQueueIsFull() throws Exception {
    List<String> served = new CopyOnWriteArrayList<>();
    try (HashingThreads threads = new HashingThreads(1, 4, LONG)) {
      busy(threads);
      List<Caller> flood = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        InetAddress subnet = Network.address("2001:db8:1:" + i + "00::1");
        flood.add(waiting(threads, subnet, noted(served, "flood " + i)));
      }
      Caller other = waiting(threads, OTHER, noted(served, "other"));
      assertThatExceptionOfType(ExecutionException.class)
          .isThrownBy(() -> flood.getLast().answer.get())
          .withCauseInstanceOf(HashingBusyException.class);
      end.countDown();
      assertThat(other.answer.get()).isEqualTo("other");
      for (int i = 0; i < 3; i++) {
        flood.get(i).answer.get();
      }
    }
    assertThat(served).containsExactly("flood 1", "other", "flood 2", "flood 3");
  }

  @Test
  void asManyAtOnceAsThereAreThreads() throws Exception {
    try (HashingThreads threads = new HashingThreads(2, 10, LONG)) {
      busy(threads);
      busy(threads);
      Caller caller = waiting(threads, OTHER, () -> "served");
      assertThat(caller.answer.isDone()).isFalse();
      end.countDown();
      assertThat(caller.answer.get()).isEqualTo("served");
    }
  }

  private static Supplier<String> noted(List<String> served, String who) {
    return () -> {
      served.add(who);
      return who;
    };
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotDone() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (HashingThreads threads = new HashingThreads(1, 1, Duration.ofMillis(1))) {
      CountDownLatch begun = new CountDownLatch(1);
      Caller holder = new Caller(() -> heldOnceItBegins(threads, begun));
      begun.await();
      for (int i = 0; i < 10; i++) {
        // Never full: what is given up leaves the queue.
        assertThatExceptionOfType(HashingBusyException.class)
            .isThrownBy(() -> threads.run(ONE, () -> done.getAndSet(true)))
            .withMessageContaining("within");
      }
      end.countDown();
      assertThatExceptionOfType(ExecutionException.class)
          .as("its wait was over too")
          .isThrownBy(holder.answer::get)
          .withCauseInstanceOf(HashingBusyException.class);
      assertThat(eventually(threads)).isEqualTo("free again");
    }
    assertThat(done).isFalse();
  }

  // On a busy machine the short wait may be over before the work begins: then it never does.
  private String heldOnceItBegins(HashingThreads threads, CountDownLatch begun) {
    while (true) {
      try {
        return threads.run(ONE, () -> held(begun));
      } catch (HashingBusyException late) {
        if (begun.getCount() == 0) {
          throw late;
        }
      }
    }
  }

  private static String eventually(HashingThreads threads) {
    while (true) {
      try {
        return threads.run(ONE, () -> "free again");
      } catch (HashingBusyException late) {
        assertThat(Thread.currentThread().isInterrupted()).as("in vain").isFalse();
      }
    }
  }

  @Test
  void anInterruptedWaitHashesNothingAndStaysInterrupted() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (HashingThreads threads = new HashingThreads(1, 1, LONG)) {
      busy(threads);
      AtomicBoolean interrupted = new AtomicBoolean();
      Caller caller =
          waiting(
              () -> {
                try {
                  return threads.run(
                      ONE,
                      () -> {
                        done.set(true);
                        return "hashed";
                      });
                } catch (HashingBusyException given) {
                  interrupted.set(Thread.currentThread().isInterrupted());
                  return "given up";
                }
              });
      caller.thread.interrupt();
      assertThat(caller.answer.get()).isEqualTo("given up");
      assertThat(interrupted).isTrue();
      end.countDown();
      assertThat(threads.run(ONE, () -> "next")).isEqualTo("next");
    }
    assertThat(done).isFalse();
  }

  @Test
  void whoWaitsWhenTheThreadsEndIsTold() throws Exception {
    HashingThreads threads = new HashingThreads(1, 2, LONG);
    busy(threads);
    Caller caller = waiting(threads, () -> "hashed");

    threads.close();
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(caller.answer::get)
        .withCauseInstanceOf(HashingBusyException.class);
    assertBusy(threads, "");
    end.countDown();
  }

  @Test
  void aFailureIsNoAnswer() {
    try (HashingThreads threads = new HashingThreads(1, 1, LONG)) {
      assertThatExceptionOfType(HashingBusyException.class)
          .isThrownBy(
              () ->
                  threads.run(
                      ONE,
                      () -> {
                        throw new OutOfMemoryError("no room for Argon2");
                      }));
      assertThat(threads.run(ONE, () -> "the thread goes on")).isEqualTo("the thread goes on");
    }
  }

  private static void assertBusy(HashingThreads threads, String why) {
    assertThatExceptionOfType(HashingBusyException.class)
        .isThrownBy(() -> threads.run(ONE, () -> "never"))
        .withMessageContaining(why);
  }

  private Caller busy(HashingThreads threads) throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    Caller caller = new Caller(threads, () -> held(begun));
    begun.await();
    return caller;
  }

  private String held(CountDownLatch begun) {
    begun.countDown();
    try {
      end.await();
      return "first";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  private static Caller waiting(HashingThreads threads, Supplier<String> work) {
    return waiting(threads, ONE, work);
  }

  private static Caller waiting(HashingThreads threads, InetAddress whose, Supplier<String> work) {
    return waiting(() -> threads.run(whose, work));
  }

  private static Caller waiting(Supplier<String> call) {
    Caller caller = new Caller(call);
    Waiting.until(caller.thread, Thread.State.TIMED_WAITING);
    return caller;
  }

  private static final class Caller {

    private final FutureTask<String> answer;
    private final Thread thread;

    Caller(HashingThreads threads, Supplier<String> work) {
      this(() -> threads.run(ONE, work));
    }

    Caller(Supplier<String> call) {
      answer = new FutureTask<>(call::get);
      thread = Thread.ofPlatform().daemon().start(answer);
    }
  }
}
