package dev.gatehouse.server.log;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;

/// Formats a throwable in a log line: its class, where it was thrown, and the same for its causes.
/// It never prints a message, because libraries quote what they read, and that may be a secret.
public final class ThrowableWithoutMessage extends ThrowableHandlingConverter {

  private static final int MAX_CAUSES = 10;
  private static final int MAX_FRAMES = 50;

  /// Logback makes it, by its name in `logback.xml`.
  public ThrowableWithoutMessage() {}

  @Override
  public String convert(ILoggingEvent line) {
    StringBuilder text = new StringBuilder();
    IThrowableProxy thrown = line.getThrowableProxy();
    for (int i = 0; thrown != null && i < MAX_CAUSES; i++) {
      text.append(i == 0 ? "" : "Caused by: ")
          .append(thrown.getClassName())
          .append(System.lineSeparator());
      StackTraceElementProxy[] frames = thrown.getStackTraceElementProxyArray();
      for (int frame = 0; frames != null && frame < Math.min(frames.length, MAX_FRAMES); frame++) {
        text.append('\t').append(frames[frame]).append(System.lineSeparator());
      }
      thrown = thrown.getCause();
    }
    return text.toString();
  }
}
