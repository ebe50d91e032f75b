package dev.gatehouse.server.tls;

import java.io.IOException;
import java.nio.file.Path;

/// A file that can't be used. The message is to be read after the file's name: it says what is
/// wrong and, after a colon, what to do.
public final class UnusableFileException extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Path file;

  UnusableFileException(Path file, String why) {
    super(why);
    this.file = file;
  }

  UnusableFileException(Path file, String why, IOException cause) {
    super(why, cause);
    this.file = file;
  }

  /// The file that is to blame.
  public Path file() {
    return file;
  }
}
