package dev.gatehouse.server.cli;

import java.util.regex.Pattern;

/// The script that started this process.
final class Launcher {

  /// How commands of this script are written where it is in the working directory.
  static final String HERE = "./gatehouse";

  private static final String PROPERTY = "gatehouse.launcher";
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+-]+");

  private Launcher() {}

  /// As it was called, for a shell in the same working directory.
  static String command() {
    return command(System.getProperty(PROPERTY, HERE));
  }

  static String command(String called) {
    return PLAIN.matcher(called).matches() ? called : DemoCommand.quoted(called);
  }
}
