package dev.gatehouse.password;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HashingThreadsTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  private final CountDownLatch end = new CountDownLatch(1);

  @Test
  void pitfall22WhoFindsTheQueueFullIsToldAtOnceAndTheOthersAreServed() throws Exception {
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
      assertThat(threads.run(() -> "later")).isEqualTo("later");
    }
  }

  @Test
  void whatNobodyWaitsForAnyMoreIsNotDone() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (HashingThreads threads = new HashingThreads(1, 1, Duration.ofMillis(1))) {
      CountDownLatch begun = new CountDownLatch(1);
      Caller holder = new Caller(threads, () -> held(begun));
      begun.await();
      for (int i = 0; i < 10; i++) {
        // Never full: what is given up leaves the queue.
        assertThatExceptionOfType(HashingBusyException.class)
            .isThrownBy(() -> threads.run(() -> done.getAndSet(true)))
            .withMessageContaining("within");
      }
      end.countDown();
      assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
          .as("its wait was over too")
          .isThrownBy(holder.answer::get)
          .withCauseInstanceOf(HashingBusyException.class);
      assertThat(eventually(threads)).isEqualTo("free again");
    }
    assertThat(done).isFalse();
  }

  private static String eventually(HashingThreads threads) {
    while (true) {
      try {
        return threads.run(() -> "free again");
      } catch (HashingBusyException late) {
        Thread.onSpinWait();
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
      assertThat(threads.run(() -> "next")).isEqualTo("next");
    }
    assertThat(done).isFalse();
  }

  @Test
  void whoWaitsWhenTheThreadsEndIsTold() throws Exception {
    HashingThreads threads = new HashingThreads(1, 2, LONG);
    busy(threads);
    Caller caller = waiting(threads, () -> "hashed");

    threads.close();
    assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
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
                      () -> {
                        throw new OutOfMemoryError("no room for Argon2");
                      }));
      assertThat(threads.run(() -> "the thread goes on")).isEqualTo("the thread goes on");
    }
  }

  private static void assertBusy(HashingThreads threads, String why) {
    assertThatExceptionOfType(HashingBusyException.class)
        .isThrownBy(() -> threads.run(() -> "never"))
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
    return waiting(() -> threads.run(work));
  }

  private static Caller waiting(Supplier<String> call) {
    Caller caller = new Caller(call);
    while (caller.thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return caller;
  }

  private static final class Caller {

    private final FutureTask<String> answer;
    private final Thread thread;

    Caller(HashingThreads threads, Supplier<String> work) {
      this(() -> threads.run(work));
    }

    Caller(Supplier<String> call) {
      answer = new FutureTask<>(call::get);
      thread = Thread.ofPlatform().daemon().start(answer);
    }
  }
}
