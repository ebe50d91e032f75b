package dev.gatehouse.server;

import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/// Why the gate cannot start, in one line that a person can act on. It is printed as it stands,
/// without a stack trace, and never holds a secret.
public final class StartupException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /// The line that is printed.
  public StartupException(String message) {
    super(message);
  }

  /// The line that is printed, and what led to it.
  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }

  /// What went wrong with a file, in a few words without the file's name.
  public static String reason(Exception failure) {
    return switch (failure) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "it does not exist";
      case FileAlreadyExistsException _ -> "it exists already";
      case NotDirectoryException _ -> "it is no folder";
      case DirectoryNotEmptyException _ -> "it is not empty";
      case CharacterCodingException _ -> "it is not text in the expected encoding";
      case FileSystemException e when e.getReason() != null -> lowerFirst(e.getReason());
      case FileSystemException _ -> "the file system refused it"; // the message is the file's name
      default -> {
        String message = failure.getMessage();
        yield message == null ? failure.getClass().getSimpleName() : message;
      }
    };
  }

  private static String lowerFirst(String text) {
    return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
