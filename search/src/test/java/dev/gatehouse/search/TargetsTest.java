package dev.gatehouse.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The parsers of what comes from outside, with the inputs of the corpus and with inputs that are
/// made of them.
class TargetsTest {

  private static final int CASES = 400;
  private static final int MAX_BYTES = 64 * 1024;

  @ParameterizedTest
  @EnumSource
  void everyInputOfTheCorpusKeepsTheProperty(Target target) throws IOException {
    List<Path> files = Corpus.files(target);
    assertThat(files).isNotEmpty();
    for (Path file : files) {
      try {
        target.check(Files.readAllBytes(file));
      } catch (Exception | Error failure) {
        throw new AssertionError("The property does not hold for " + file, failure);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyChangedInputKeepsTheProperty(Target target) throws IOException {
    List<byte[]> corpus =
        Corpus.files(target).stream()
            .map(TargetsTest::bytes)
            .filter(bytes -> bytes.length < 4096)
            .toList();
    Cases.check(CASES, random -> target.check(changed(corpus, random)));
  }

  @ParameterizedTest
  @EnumSource
  void everyDeeplyNestedInputKeepsTheProperty(Target target) throws Exception {
    for (String one : List.of("(", "[", "{\"a\":", "[{\"a\":", "0\u0080", "a=(", "%25", "//..")) {
      String text = one.repeat(MAX_BYTES / one.length());
      target.check(text.getBytes(StandardCharsets.ISO_8859_1));
      target.check(("{\"iss\":" + text).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void theCorpusHasNoFolderOfAnotherName() throws IOException {
    try (Stream<Path> folders = Files.list(Corpus.FOLDER)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()).sorted())
          .containsExactlyElementsOf(
              Arrays.stream(Target.values()).map(Target::id).sorted().toList());
    }
  }

  @Test
  void aPropertyThatDoesNotHoldIsFoundAndItsCaseRepeated() {
    assertThatThrownBy(
            () -> Cases.check(10_000, random -> Holds.that(random.nextInt(100) != 0, "not 0")))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("-Dsearch.seed=")
        .hasRootCauseMessage("not 0");
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  // An input of the corpus with a few changes: a byte, a part of another input, a repetition, a
  // cut. Now and then bytes without a pattern.
  private static byte[] changed(List<byte[]> corpus, RandomGenerator random) {
    if (corpus.isEmpty() || random.nextInt(20) == 0) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      return bytes;
    }
    byte[] bytes = corpus.get(random.nextInt(corpus.size()));
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      byte[] other = corpus.get(random.nextInt(corpus.size()));
      bytes = changedOnce(bytes, other, random);
    }
    return bytes;
  }

  private static byte[] changedOnce(byte[] bytes, byte[] other, RandomGenerator random) {
    int at = random.nextInt(bytes.length + 1);
    int end = at + random.nextInt(Math.min(bytes.length - at, 16) + 1);
    byte[] inserted =
        switch (random.nextInt(5)) {
          case 0 -> new byte[] {(byte) random.nextInt(256)};
          case 1 -> new byte[] {SPECIAL[random.nextInt(SPECIAL.length)]};
          case 2 -> Arrays.copyOfRange(bytes, at, end);
          case 3 -> {
            int from = random.nextInt(other.length + 1);
            yield Arrays.copyOfRange(other, from, from + random.nextInt(other.length - from + 1));
          }
          default -> new byte[0];
        };
    boolean replaces = random.nextBoolean();
    byte[] head = Arrays.copyOf(bytes, at);
    byte[] tail = Arrays.copyOfRange(bytes, replaces ? end : at, bytes.length);
    byte[] changed = Arrays.copyOf(head, at + inserted.length + tail.length);
    System.arraycopy(inserted, 0, changed, at, inserted.length);
    System.arraycopy(tail, 0, changed, at + inserted.length, tail.length);
    return changed;
  }

  private static final byte[] SPECIAL =
      " \t\r\n\0\"'\\/:;,.=&?#%+-_~@()[]{}<>*0159afAFzZ\u007f\u0080\u00ff"
          .getBytes(StandardCharsets.ISO_8859_1);
}
