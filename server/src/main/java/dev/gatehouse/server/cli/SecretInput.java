package dev.gatehouse.server.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A secret that a person types or a script pipes in: never an argument, which every process on the
/// machine can read.
final class SecretInput {

  private static final int MAX_CHARS = 4_096;

  private SecretInput() {}

  // Since JDK 22 there is a console also where standard input is a file or pipe.
  @SuppressWarnings("SystemConsoleNull") // there is none where the module jdk.internal.le is not
  private static @Nullable Console terminal() {
    Console console = System.console();
    return console != null && console.isTerminal() ? console : null;
  }

  /// Asks on the terminal, without an echo; or reads the first line of standard input where there
  /// is no terminal.
  static String read(String what) {
    Console console = terminal();
    if (console != null) {
      char[] typed = console.readPassword("%s: ", what);
      if (typed == null || typed.length == 0) {
        throw new CommandException("nothing was typed");
      }
      return new String(typed);
    }
    try {
      BufferedReader input =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      StringBuilder line = new StringBuilder();
      for (int c = input.read(); c >= 0 && c != '\n'; c = input.read()) {
        line.append((char) c);
        if (line.length() > MAX_CHARS) {
          throw new CommandException("the first line of standard input is too long for a secret");
        }
      }
      if (!line.isEmpty() && line.charAt(line.length() - 1) == '\r') {
        line.setLength(line.length() - 1);
      }
      if (line.isEmpty()) {
        throw new CommandException("pipe the secret in, as the first line of standard input");
      }
      return line.toString();
    } catch (IOException failed) {
      throw new CommandException("standard input can't be read: " + failed.getMessage(), failed);
    }
  }
}
