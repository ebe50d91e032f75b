package dev.gatehouse.server.assembly;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// Daemon threads for long computations, such as password hashes. On Linux, they run with a lower
/// priority than the other threads of the process. So when all cores are busy, an event loop gets
/// its core at once and does not wait until a computation's time slice ends.
///
/// The JVM ignores the priorities of Java threads on Linux, so each thread calls `nice(2)` for
/// itself. POSIX lowers the priority of the whole process by that call; on Linux it lowers that of
/// the calling thread alone (setpriority(2), "C library/kernel differences"). On other systems the
/// threads keep the usual priority.
final class BackgroundThreads implements ThreadFactory {

  // The scheduler gives such a thread about a tenth of the time that a usual one gets beside it.
  private static final int NICE_INCREMENT = 10;

  // A wrong signature would harm the JVM; this one is that of nice(2).
  @SuppressWarnings("restricted")
  private static final Optional<MethodHandle> NICE =
      System.getProperty("os.name").equals("Linux")
          ? Linker.nativeLinker()
              .defaultLookup()
              .find("nice")
              .map(
                  nice ->
                      Linker.nativeLinker()
                          .downcallHandle(
                              nice,
                              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)))
          : Optional.empty();

  private final ThreadFactory usual;

  /// Names the threads with that prefix and a number.
  BackgroundThreads(String prefix) {
    this.usual = Thread.ofPlatform().daemon().name(prefix, 0).factory();
  }

  @Override
  public Thread newThread(Runnable work) {
    return usual.newThread(
        () -> {
          NICE.ifPresent(BackgroundThreads::lowerPriority);
          work.run();
        });
  }

  private static void lowerPriority(MethodHandle nice) {
    try {
      var _ = (int) nice.invokeExact(NICE_INCREMENT);
    } catch (Throwable e) {
      throw new IllegalStateException("nice(2) could not be called", e);
    }
  }
}
