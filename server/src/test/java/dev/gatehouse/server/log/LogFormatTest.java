package dev.gatehouse.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/// What the shipped `logback.xml` makes of a line.
class LogFormatTest {

  private static final String SECRET = "Bearer SECRET";

  private static String logged(String logger, java.util.function.Consumer<Logger> lines)
      throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    LoggerContext context = new LoggerContext();
    context.setMDCAdapter(new LogbackMDCAdapter());
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(LogFormatTest.class.getResource("/logback.xml"));
      lines.accept(context.getLogger(logger));
      context.stop();
    } finally {
      System.setErr(before);
    }
    return written.toString(StandardCharsets.UTF_8);
  }

  private static IllegalStateException quoting() {
    return new IllegalStateException(
        "not a header: " + SECRET, new IOException(SECRET, new RuntimeException(SECRET)));
  }

  @Test
  void throwableIsWrittenWithoutItsMessageAndThoseOfItsCauses() throws Exception {
    String log = logged("dev.gatehouse.Some", to -> to.error("It failed on {}", 7, quoting()));

    assertThat(log)
        .doesNotContain(SECRET)
        .contains("ERROR Some It failed on 7", "java.lang.IllegalStateException")
        .contains("\tat dev.gatehouse.server.log.LogFormatTest.quoting")
        .contains("Caused by: java.io.IOException", "Caused by: java.lang.RuntimeException");
  }

  @Test
  void valuesThatALibraryPutsIntoItsLineAreLeftOut() throws Exception {
    String log = logged("io.netty.Some", to -> to.warn("It got {}", SECRET, quoting()));

    assertThat(log).doesNotContain(SECRET).contains("WARN  Some It got {}");
  }
}
