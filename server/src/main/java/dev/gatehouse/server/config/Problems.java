package dev.gatehouse.server.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/// Collects the mistakes in one file, so that all are reported at once. Not thread-safe.
final class Problems {

  private static final int MAX_QUOTE_LENGTH = 60;

  private final Path file;
  private final List<ConfigProblem> found = new ArrayList<>();

  Problems(Path file) {
    this.file = file;
  }

  void add(Node node, String message, String advice) {
    add(node.getStartMark(), message, advice);
  }

  /// Without a mark, the problem concerns the whole file and is reported at its first line.
  void add(Optional<Mark> mark, String message, String advice) {
    add(
        mark.map(Mark::getLine).orElse(0) + 1,
        mark.map(Mark::getColumn).orElse(0) + 1,
        message,
        advice);
  }

  void add(int line, int column, String message, String advice) {
    found.add(new ConfigProblem(file, line, column, message, advice));
  }

  List<ConfigProblem> inOrder() {
    return found.stream()
        .sorted(
            Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column))
        .toList();
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /// The text in quotes, on one line and of a bounded length.
  static String quoted(String text) {
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .limit(MAX_QUOTE_LENGTH)
        .forEach(c -> shown.appendCodePoint(isPlain(c) ? c : '?'));
    return "'" + shown + (text.length() > MAX_QUOTE_LENGTH ? "…'" : "'");
  }

  private static boolean isPlain(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
