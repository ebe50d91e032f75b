package dev.gatehouse.server.config;

import java.nio.file.Path;

/// One mistake in a configuration. Never holds a secret.
///
/// @param file the file that was read
/// @param line the line, counted from 1
/// @param column the column, counted from 1
/// @param message what is wrong
/// @param advice what to do
public record ConfigProblem(Path file, int line, int column, String message, String advice) {

  /// `gatehouse.yaml:7:5: unknown key 'uptream'; did you mean 'upstream'?`, in one line.
  @Override
  public String toString() {
    return file + ":" + line + ":" + column + ": " + message + "; " + advice;
  }
}
