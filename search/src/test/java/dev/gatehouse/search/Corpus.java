package dev.gatehouse.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The inputs that are kept: one folder for each target, one file for each input.
final class Corpus {

  static final Path FOLDER = Path.of(System.getProperty("basedir", "."), "corpus");

  private Corpus() {}

  /// The files of a target, in the order of their names.
  static List<Path> files(Target target) throws IOException {
    Path folder = FOLDER.resolve(target.id());
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
