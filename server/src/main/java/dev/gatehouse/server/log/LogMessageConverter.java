package dev.gatehouse.server.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/// The text of a line of the log. Of a library's line it is the text without the values that the
/// library puts into it: those may be what a client sent.
public final class LogMessageConverter extends ClassicConverter {

  private static final String OWN = "dev.gatehouse.";

  /// Logback makes it, by its name in `logback.xml`.
  public LogMessageConverter() {}

  @Override
  public String convert(ILoggingEvent line) {
    return line.getLoggerName().startsWith(OWN) ? line.getFormattedMessage() : line.getMessage();
  }
}
