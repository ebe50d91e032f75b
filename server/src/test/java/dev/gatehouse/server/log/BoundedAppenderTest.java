package dev.gatehouse.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.AppenderBase;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BoundedAppenderTest {

  private static final int QUEUE = 16;

  private final AtomicLong nanos = new AtomicLong();
  private final LoggerContext context = new LoggerContext();
  private final BoundedAppender bounded = new BoundedAppender(nanos::get);
  private final Terminal terminal = new Terminal();

  BoundedAppenderTest() {
    context.setMDCAdapter(new LogbackMDCAdapter());
    terminal.setContext(context);
    terminal.start();
    bounded.setContext(context);
    bounded.setQueueSize(QUEUE);
    bounded.addAppender(terminal);
    bounded.start();
    root().addAppender(bounded);
  }

  @AfterEach
  void stop() {
    terminal.readable.countDown();
    context.stop();
  }

  /// Writes nothing until it is read.
  private static final class Terminal extends AppenderBase<ILoggingEvent> {

    private final CountDownLatch readable = new CountDownLatch(1);
    private final CountDownLatch writing = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent line) {
      writing.countDown();
      try {
        readable.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      lines.add(line.getFormattedMessage());
    }
  }

  private Logger root() {
    return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  private List<String> written() {
    terminal.readable.countDown();
    bounded.stop();
    return List.copyOf(terminal.lines);
  }

  @Test
  void callerDoesNotWaitForATerminalThatIsNotReadAndDroppedLinesAreCounted() throws Exception {
    context.getLogger("a").warn("the first");
    terminal.writing.await();
    for (int i = 0; i < 2 * QUEUE; i++) {
      context.getLogger("dev.gatehouse.audit").warn("line {}", i);
    }
    terminal.readable.countDown();
    while (bounded.getNumberOfElementsInQueue() > 0) {
      Thread.onSpinWait();
    }

    assertThat(written())
        .hasSize(1 + QUEUE + 1)
        .startsWith("the first", "line 0")
        .last()
        .asString()
        .contains("0 came more often", QUEUE + " found the queue full");
  }

  @Test
  void oneStatementIsWrittenAtABoundedRateAndTakesNoLineFromAnother() throws Exception {
    terminal.readable.countDown();
    for (int i = 0; i < 1_000; i++) {
      context.getLogger("a").warn("{} failed", i);
      drain();
    }
    context.getLogger("b").warn("{} failed", "another");
    drain();
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    context.getLogger("a").warn("{} failed", "later");

    List<String> lines = written();
    assertThat(lines).hasSize(BoundedAppender.MAX_LINES_PER_MINUTE + 3);
    assertThat(lines).contains("another failed", "later failed");
    assertThat(lines.getLast()).contains("940 came more often", "0 found the queue full");
  }

  private void drain() {
    while (bounded.getNumberOfElementsInQueue() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void manyStatementsTogetherAreBoundedAndTheAuditLogIsNotAmongThem() {
    terminal.readable.countDown();
    for (int i = 0; i < 1_000; i++) {
      context.getLogger("a").warn("statement " + i);
      drain();
    }
    context.getLogger("dev.gatehouse.audit").warn("refused");
    drain();

    assertThat(written())
        .hasSize(10 * BoundedAppender.MAX_LINES_PER_MINUTE + 2)
        .contains("refused");
  }
}
