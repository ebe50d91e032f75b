package dev.gatehouse.server.log;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.throttle.RateLimits;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Hands lines to a thread that writes them. It never waits for that thread, since event loops log
/// too.
///
/// Each kind of line (one log statement) is written at most [#MAX_LINES_PER_MINUTE] times a minute,
/// and all kinds together at most ten times as often. The lines of the audit log have separate
/// rates ([dev.gatehouse.RefusalLog]). When the queue is full, because the reader of the log is
/// slow, further lines are dropped. Every [#SUMMARY_INTERVAL_SECONDS] seconds, a line says how many
/// lines are missing. Thread-safe.
public final class BoundedAppender extends AsyncAppender {

  /// How many lines of one kind are written in a minute.
  static final int MAX_LINES_PER_MINUTE = 60;

  static final int SUMMARY_INTERVAL_SECONDS = 10;

  private static final int MAX_TOTAL_LINES_PER_MINUTE = 10 * MAX_LINES_PER_MINUTE;
  private static final String ALL = "";
  private static final int MAX_KIND_LENGTH = 200;
  private static final String AUDIT = "dev.gatehouse.audit";
  private static final String OWN = BoundedAppender.class.getName();

  private final RateLimits rates;
  private final AtomicLong beyondRate = new AtomicLong();
  private final AtomicLong dropped = new AtomicLong();
  private @Nullable ScheduledFuture<?> summaries;

  /// Logback makes it, by its name in `logback.xml`.
  public BoundedAppender() {
    this(Ticker.systemTicker());
  }

  BoundedAppender(Ticker ticker) {
    this.rates = new RateLimits(ticker);
    setNeverBlock(true);
    // Only a full queue makes Logback ask isDiscardable().
    setDiscardingThreshold(1);
  }

  @Override
  public void start() {
    super.start();
    if (isStarted()) {
      summaries =
          getContext()
              .getScheduledExecutorService()
              .scheduleWithFixedDelay(
                  this::summarise,
                  SUMMARY_INTERVAL_SECONDS,
                  SUMMARY_INTERVAL_SECONDS,
                  TimeUnit.SECONDS);
    }
  }

  /// Writes the waiting lines and the last summary. Waits at most one second for that.
  @Override
  public void stop() {
    if (summaries != null) {
      summaries.cancel(false);
    }
    if (isStarted()) {
      summarise();
    }
    super.stop();
  }

  @Override
  protected void append(ILoggingEvent line) {
    if (line.getLoggerName().equals(AUDIT) || isWithinRates(line)) {
      super.append(line);
    } else {
      beyondRate.incrementAndGet();
    }
  }

  private boolean isWithinRates(ILoggingEvent line) {
    String statement = line.getLoggerName() + " " + line.getMessage();
    String kind = statement.substring(0, Math.min(statement.length(), MAX_KIND_LENGTH));
    return rates.take(kind, MAX_LINES_PER_MINUTE).isZero()
        && rates.take(ALL, MAX_TOTAL_LINES_PER_MINUTE).isZero();
  }

  /// Logback calls this when the queue is full. The line is dropped.
  @Override
  protected boolean isDiscardable(ILoggingEvent line) {
    dropped.incrementAndGet();
    return true;
  }

  /// Logs how many lines are missing since the last summary, if any are.
  void summarise() {
    long often = beyondRate.getAndSet(0);
    long late = dropped.getAndSet(0);
    if (often + late > 0) {
      super.append(
          new LoggingEvent(
              OWN,
              ((LoggerContext) getContext()).getLogger(OWN),
              Level.WARN,
              "Lines are missing here: {} came more often than their kind may, and {} found the"
                  + " queue full, as the log is read too slowly",
              null,
              new Object[] {often, late}));
    }
  }
}
