package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import picocli.CommandLine;

/// A command that serves a gate, on a thread of this process. What this process writes to its
/// standard error while gates run here counts as what each of them logged.
final class GateThread implements GateProcess.Host {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final List<ByteArrayOutputStream> LOGS = new CopyOnWriteArrayList<>();

  static {
    System.setErr(new PrintStream(new Log(System.err), true, StandardCharsets.UTF_8));
  }

  private final StringWriter out = new StringWriter();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Thread thread;

  /// Begins to run that command line.
  GateThread(String... arguments) {
    LOGS.add(err);
    CommandLine commandLine = Main.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    thread = Thread.ofPlatform().name("gate").start(() -> commandLine.execute(arguments));
  }

  @Override
  public boolean isAlive() {
    return thread.isAlive();
  }

  @Override
  public String out() {
    return out.toString();
  }

  @Override
  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    stop();
  }

  @Override
  public void stop() {
    thread.interrupt();
    try {
      assertThat(thread.join(PATIENCE)).as("it ends").isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      LOGS.remove(err);
    }
  }

  /// To all gates that run, and to the terminal when there is none.
  private static final class Log extends OutputStream {

    private final PrintStream terminal;

    Log(PrintStream terminal) {
      this.terminal = terminal;
    }

    @Override
    public void write(int oneByte) {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) {
      if (LOGS.isEmpty()) {
        terminal.write(bytes, from, length);
      }
      for (ByteArrayOutputStream log : LOGS) {
        log.write(bytes, from, length);
      }
    }

    @Override
    public void flush() {
      terminal.flush();
    }
  }
}
