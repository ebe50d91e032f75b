package dev.gatehouse.server.config;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// One mapping of the file. Each known key is read once. A key that was never read is unknown
/// ([#refuseUnknown]).
///
/// If a value is wrong, the problem is added and the default is returned, so that reading continues
/// and finds further mistakes. Not thread-safe.
final class Section {

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(KiB|MiB|GiB)?");
  private static final Pattern INTEGER = Pattern.compile("-?[0-9]{1,9}");

  private final Node at;
  private final Problems problems;
  private final Map<String, NodeTuple> entries = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  private Section(Node at, Problems problems) {
    this.at = at;
    this.problems = problems;
  }

  /// The mapping at this node; an empty one, with a problem, when it is something else.
  static Section of(Node node, String name, Problems problems) {
    Section section = new Section(node, problems);
    if (!(node instanceof MappingNode mapping)) {
      problems.add(node, name + " is not a mapping", "write 'key: value' lines below it");
      return section;
    }
    for (NodeTuple entry : mapping.getValue()) {
      if (!(entry.getKeyNode() instanceof ScalarNode key)) {
        problems.add(entry.getKeyNode(), "a key is not a word", "write 'key: value'");
        continue;
      }
      NodeTuple first = section.entries.putIfAbsent(key.getValue(), entry);
      if (first != null) {
        int line = first.getKeyNode().getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
        problems.add(
            key,
            "the key " + Problems.quoted(key.getValue()) + " is repeated here",
            "keep one; the first is on line " + line);
      }
    }
    return section;
  }

  /// Where it begins.
  Node node() {
    return at;
  }

  /// The keys of the mapping.
  List<ScalarNode> keys() {
    List<ScalarNode> keys = new ArrayList<>();
    for (NodeTuple entry : entries.values()) {
      if (entry.getKeyNode() instanceof ScalarNode key) {
        keys.add(key);
      }
    }
    return keys;
  }

  /// The value of a key; empty if the key is not there. Also empty, with a problem, if the key has
  /// no value.
  Optional<Node> take(String key) {
    known.add(key);
    NodeTuple entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.getValueNode().getTag().equals(Tag.NULL)) {
      problems.add(
          entry.getKeyNode(),
          "there is no value for " + Problems.quoted(key),
          "give it a value, or remove the key");
      return Optional.empty();
    }
    return Optional.of(entry.getValueNode());
  }

  /// The value of a key that must be there; empty, with a problem, when it is missing.
  ///
  /// @param what the report calls this section
  /// @param example what to add
  Optional<Node> required(String what, String key, String example) {
    if (at instanceof MappingNode && !entries.containsKey(key)) {
      problems.add(at, what + " has no '" + key + "'", "add " + example);
    }
    return take(key);
  }

  /// The mapping of a key.
  Optional<Section> section(String key) {
    return take(key).map(node -> of(node, "'" + key + "'", problems));
  }

  /// The items of a list; none when the key is not there, or with a problem when it is no list.
  List<Node> list(String key) {
    return list(key, "write it as [one, two]");
  }

  /// The same, with what to do when it is no list.
  List<Node> list(String key, String advice) {
    return take(key).map(node -> items(node, "'" + key + "'", advice, problems)).orElse(List.of());
  }

  static List<Node> items(Node node, String name, Problems problems) {
    return items(node, name, "write it as [one, two]", problems);
  }

  private static List<Node> items(Node node, String name, String advice, Problems problems) {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue();
    }
    problems.add(node, name + " is not a list", advice);
    return List.of();
  }

  /// A text that `parse` accepts. The message of its [IllegalArgumentException] is shown to the
  /// user behind the key's name, in the form `what is wrong: what to do`.
  <T> Optional<T> parsed(String key, Function<String, T> parse) {
    return take(key).flatMap(node -> parsed(node, "'" + key + "'", parse, problems));
  }

  static <T> Optional<T> parsed(
      Node node, String name, Function<String, T> parse, Problems problems) {
    return text(node, name, problems)
        .flatMap(
            text -> {
              try {
                return Optional.of(parse.apply(text));
              } catch (IllegalArgumentException e) {
                String[] told = String.valueOf(e.getMessage()).split(": ", 2);
                problems.add(node, name + " " + told[0], told.length > 1 ? told[1] : "correct it");
                return Optional.empty();
              }
            });
  }

  static Optional<String> text(Node node, String name, Problems problems) {
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
      return Optional.of(scalar.getValue());
    }
    boolean word = node instanceof ScalarNode;
    problems.add(
        node,
        name + (word ? " is a number or a yes/no, not text" : " is not one text"),
        word ? "put it in quotes if it is meant so" : "write one value behind the key");
    return Optional.empty();
  }

  boolean flag(String key, boolean otherwise) {
    return take(key)
        .map(
            node -> {
              if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.BOOL)) {
                return scalar.getValue().equalsIgnoreCase("true");
              }
              problems.add(node, "'" + key + "' is not true or false", "write true or false");
              return otherwise;
            })
        .orElse(otherwise);
  }

  int integer(String key, int otherwise, int least, int most) {
    return take(key)
        .map(
            node -> {
              if (node instanceof ScalarNode scalar
                  && scalar.getTag().equals(Tag.INT)
                  && INTEGER.matcher(scalar.getValue()).matches()) {
                int value = Integer.parseInt(scalar.getValue());
                if (value >= least && value <= most) {
                  return value;
                }
              }
              problems.add(
                  node,
                  "'" + key + "' is no number from " + least + " to " + most,
                  "the default is " + otherwise);
              return otherwise;
            })
        .orElse(otherwise);
  }

  /// A size in bytes: `512`, `16KiB`, `1MiB`, `2GiB`.
  Optional<Long> size(String key, long least, long most) {
    return take(key)
        .flatMap(
            node -> {
              Matcher size = SIZE.matcher(node instanceof ScalarNode s ? s.getValue() : "");
              if (size.matches()) {
                String unit = size.group(2) == null ? "" : size.group(2);
                int shift =
                    switch (unit) {
                      case "KiB" -> 10;
                      case "MiB" -> 20;
                      case "GiB" -> 30;
                      default -> 0;
                    };
                // At most 12 digits and 30 bits: it cannot overflow beyond 2^63 unnoticed.
                long number = Long.parseLong(size.group(1));
                if (number <= most >> shift && number << shift >= least) {
                  return Optional.of(number << shift);
                }
              }
              problems.add(
                  node,
                  "'" + key + "' is no size from " + least + " to " + most + " bytes",
                  "write bytes, or a number with KiB, MiB or GiB, as in 16KiB");
              return Optional.empty();
            });
  }

  /// A time: `500ms`, `10s`, `5m`, `1h`, `7d`.
  Duration duration(String key, Duration otherwise, Duration least, Duration most) {
    return take(key)
        .map(
            node -> {
              Matcher time = DURATION.matcher(node instanceof ScalarNode s ? s.getValue() : "");
              if (time.matches()) {
                long number = Long.parseLong(time.group(1));
                Duration value =
                    switch (time.group(2)) {
                      case "ms" -> Duration.ofMillis(number);
                      case "s" -> Duration.ofSeconds(number);
                      case "m" -> Duration.ofMinutes(number);
                      case "h" -> Duration.ofHours(number);
                      default -> Duration.ofDays(number);
                    };
                if (value.compareTo(least) >= 0 && value.compareTo(most) <= 0) {
                  return value;
                }
              }
              problems.add(
                  node,
                  "'" + key + "' is no time from " + written(least) + " to " + written(most),
                  "write a number with ms, s, m, h or d, as in " + written(otherwise));
              return otherwise;
            })
        .orElse(otherwise);
  }

  private static String written(Duration time) {
    if (time.toMillisPart() != 0) {
      return time.toMillis() + "ms";
    }
    if (time.toSecondsPart() != 0 || time.isZero()) {
      return time.toSeconds() + "s";
    }
    if (time.toMinutesPart() != 0) {
      return time.toMinutes() + "m";
    }
    return time.toHoursPart() != 0 || time.toDays() < 2
        ? time.toHours() + "h"
        : time.toDays() + "d";
  }

  /// Notes a problem for every key that was never asked for. Call it when all were.
  void refuseUnknown() {
    for (ScalarNode key : keys()) {
      if (!known.contains(key.getValue())) {
        problems.add(
            key,
            "unknown key " + Problems.quoted(key.getValue()),
            Nearest.to(key.getValue(), known)
                .map(near -> "did you mean '" + near + "'?")
                .orElse("known here: " + String.join(", ", known)));
      }
    }
  }

  /// What a report calls an item of a list.
  static String item(Node node, String key) {
    String what = node instanceof ScalarNode word ? Problems.quoted(word.getValue()) : "an entry";
    return what + " in '" + key + "'";
  }
}
