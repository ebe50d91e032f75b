package dev.gatehouse.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PhaseTest {

  @Test
  void architectureListsEachPhaseAndNoOther() throws IOException {
    List<String> listed =
        Files.readAllLines(Path.of("../ARCHITECTURE.md")).stream()
            .dropWhile(line -> !line.equals("### The phases of an exchange"))
            .dropWhile(line -> !line.startsWith("|---"))
            .skip(1)
            .takeWhile(line -> line.startsWith("| `"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .toList();

    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            phasesOf(Phase.class).map(Class::getSimpleName).toList());
  }

  private static Stream<Class<?>> phasesOf(Class<?> type) {
    return type.isSealed()
        ? Arrays.stream(type.getPermittedSubclasses()).flatMap(PhaseTest::phasesOf)
        : Stream.of(type);
  }
}
