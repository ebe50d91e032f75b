package dev.gatehouse.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupExceptionTest {

  @Test
  void reasonIsInWordsAndNeverOnlyTheNameOfTheFile() {
    for (IOException failure :
        List.of(
            new AccessDeniedException("/x"),
            new NoSuchFileException("/x"),
            new FileAlreadyExistsException("/x"),
            new NotDirectoryException("/x"),
            new DirectoryNotEmptyException("/x"),
            new FileSystemException("/x"),
            new FileSystemException("/x", null, "No space left on device"),
            new MalformedInputException(1))) {
      assertThat(StartupException.reason(failure))
          .matches("[a-z][a-z 8-]+")
          .doesNotContain("input length");
    }
    assertThat(StartupException.reason(new FileSystemException("/x", null, "No space left")))
        .isEqualTo("no space left");
  }
}
