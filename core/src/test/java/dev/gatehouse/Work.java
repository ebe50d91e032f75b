package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/// Counts the work that something takes in the bytes that it allocates: what parses or copies a
/// text again allocates again. No clock is asked, so it does not matter what else the machine does.
public final class Work {

  /// How many times the work of a plain request the dearest one of a stranger may take.
  public static final int MAX_FACTOR = 3;

  private static final int RUNS = 5;

  private Work() {}

  /// The bytes that one run of it allocates, without what only the first runs do.
  public static long of(Runnable task) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int run = 0; run < RUNS; run++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      task.run();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  /// Fails when that takes more than [#MAX_FACTOR] times the work of the plain one.
  public static void isBounded(String what, Runnable dear, Runnable plain) {
    assertThat(of(dear)).as(what).isLessThanOrEqualTo(MAX_FACTOR * of(plain));
  }
}
