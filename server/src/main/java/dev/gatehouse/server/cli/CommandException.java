package dev.gatehouse.server.cli;

/// Why a command could not be carried out, in one line for a person. Printed without a stack trace.
final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  CommandException(String message) {
    super(message);
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}
