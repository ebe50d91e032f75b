package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Waiting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SingleFlightTest {

  private static final SingleFlight.Usable<String> ALWAYS = (answer, begun) -> true;
  private static final SingleFlight.Usable<String> IF_BEGUN_SINCE =
      (answer, begun) -> begun == SingleFlight.Begun.SINCE;
  private static final SingleFlight.Usable<String> NEVER = (answer, begun) -> false;

  private final SingleFlight<String, String> flights = new SingleFlight<>();
  private final AtomicInteger works = new AtomicInteger();
  private final CompletableFuture<Void> goOn = new CompletableFuture<>();

  private String work() {
    goOn.join();
    return "answer " + works.incrementAndGet();
  }

  private FutureTask<String> asking(SingleFlight.Usable<String> usable) {
    return started(() -> flights.answer("key", this::work, usable));
  }

  // Waits for its own work or for that of another caller when this returns.
  private static <T> FutureTask<T> started(Supplier<T> call) {
    FutureTask<T> task = new FutureTask<>(call::get);
    Thread thread = Thread.ofPlatform().daemon().start(task);
    Waiting.until(thread, Thread.State.WAITING);
    return task;
  }

  @Test
  void callersAtTheSameTimeShareOneAnswer() throws Exception {
    List<FutureTask<String>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(asking(ALWAYS));
    }
    goOn.complete(null);

    for (FutureTask<String> one : all) {
      assertThat(one.get()).isEqualTo("answer 1");
    }
    assertThat(flights.answer("key", this::work, ALWAYS))
        .as("it is not kept")
        .isEqualTo("answer 2");
  }

  @Test
  void thoseWhoCannotUseAnOlderAnswerShareTheNext() throws Exception {
    FutureTask<String> first = asking(ALWAYS);
    List<FutureTask<String>> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(asking(IF_BEGUN_SINCE));
    }
    goOn.complete(null);

    assertThat(first.get()).isEqualTo("answer 1");
    for (FutureTask<String> one : others) {
      assertThat(one.get()).isEqualTo("answer 2");
    }
    assertThat(works).hasValue(2);
  }

  @Test
  void whoCanUseNoOtherAnswerWorksForItself() throws Exception {
    FutureTask<String> first = asking(ALWAYS);
    List<FutureTask<String>> others = List.of(asking(NEVER), asking(NEVER), asking(NEVER));
    goOn.complete(null);

    List<String> answers = new ArrayList<>(List.of(first.get()));
    for (FutureTask<String> one : others) {
      answers.add(one.get());
    }
    assertThat(answers).containsExactlyInAnyOrder("answer 1", "answer 2", "answer 3", "answer 4");
  }

  @Test
  void workThatFailsFailsForItsOwnCallerAlone() throws Exception {
    FutureTask<String> failing =
        started(
            () ->
                flights.answer(
                    "key",
                    () -> {
                      goOn.join();
                      throw new IllegalStateException("broken");
                    },
                    ALWAYS));
    FutureTask<String> other = asking(ALWAYS);
    goOn.complete(null);

    assertThatThrownBy(failing::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("broken");
    assertThat(other.get()).isEqualTo("answer 1");
  }

  @Test
  void otherKeysWaitForNothing() {
    FutureTask<String> first = asking(ALWAYS);

    assertThat(flights.answer("another", () -> "its own", ALWAYS)).isEqualTo("its own");
    assertThat(first).isNotDone();
    goOn.complete(null);
  }
}
