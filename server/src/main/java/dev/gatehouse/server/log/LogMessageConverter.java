package dev.gatehouse.server.log;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/// Formats the message of a log line. For a line of a library, it is the text without the values
/// that the library inserts, since those may come from a client.
public final class LogMessageConverter extends ClassicConverter {

  private static final String OWN = "dev.gatehouse.";

  /// Logback makes it, by its name in `logback.xml`.
  public LogMessageConverter() {}

  @Override
  public String convert(ILoggingEvent line) {
    return line.getLoggerName().startsWith(OWN) ? line.getFormattedMessage() : line.getMessage();
  }
}
