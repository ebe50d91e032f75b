package dev.gatehouse.server.cli;

import ch.qos.logback.classic.LoggerContext;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.LoggerFactory;

/// Keeps something running until the process is asked to end (Ctrl-C, SIGTERM), and then ends it in
/// order.
final class Running {

  private Running() {}

  /// Starts it, says so, and returns when it was stopped.
  ///
  /// @param started is told when it runs
  /// @param stop ends it; not called when it did not start
  static <T> void untilStopped(Supplier<T> start, Consumer<T> started, Consumer<T> stop) {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  asked.countDown();
                  try {
                    ended.await();
                  } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                  }
                },
                "stop"));
    try {
      T running = start.get();
      try {
        started.accept(running);
        asked.await();
      } finally {
        stop.accept(running);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      // Whatever waits is written before the process ends.
      if (asked.getCount() == 0 && LoggerFactory.getILoggerFactory() instanceof LoggerContext log) {
        log.stop();
      }
      ended.countDown();
    }
  }
}
