package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;

/// What tests need to know of a thread before they go on: that it waits.
public final class Waiting {

  private static final int DEADLINE_SECONDS = 20;

  private Waiting() {}

  /// Returns when the thread waits in that way; fails when it has ended, or goes on for long.
  public static void until(Thread thread, Thread.State waits) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
    for (Thread.State now = thread.getState(); now != waits; now = thread.getState()) {
      assertThat(now).as("it was to wait").isNotEqualTo(Thread.State.TERMINATED);
      assertThat(System.nanoTime() - deadline).as("it does not wait").isNegative();
      Thread.onSpinWait();
    }
  }
}
