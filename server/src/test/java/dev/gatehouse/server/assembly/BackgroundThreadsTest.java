package dev.gatehouse.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
class BackgroundThreadsTest {

  @Test
  void lowersThePriorityOfItsThreadsAndOfNoOther() throws Exception {
    int before = niceOf();

    FutureTask<Integer> background = run(BackgroundThreadsTest::niceOf);

    assertThat(background.get()).isEqualTo(Math.min(before + 10, 19));
    assertThat(niceOf()).isEqualTo(before);
  }

  @Test
  void namesDaemonThreads() throws Exception {
    FutureTask<Thread> background = run(Thread::currentThread);

    assertThat(background.get().getName()).isEqualTo("test-0");
    assertThat(background.get().isDaemon()).isTrue();
  }

  private static <T> FutureTask<T> run(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    new BackgroundThreads("test-").newThread(task).start();
    return task;
  }

  // proc_pid_stat(5): the nice value is field 19, and the name in field 2 may hold spaces.
  private static int niceOf() throws Exception {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    return Integer.parseInt(
        List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ")).get(19 - 3));
  }
}
