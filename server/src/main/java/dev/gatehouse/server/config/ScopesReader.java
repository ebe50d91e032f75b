package dev.gatehouse.server.config;

import dev.gatehouse.Scopes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads scopes, and which scopes each HTTP method of a route requires.
final class ScopesReader {

  private static final List<String> HTTP_METHODS =
      List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "*");

  private static final Pattern HTTP_METHOD = Pattern.compile("\\*|[A-Z][A-Z-]{0,31}");

  private final Problems problems;

  ScopesReader(Problems problems) {
    this.problems = problems;
  }

  /// The scopes that `require` names, by HTTP method; `*` is every other method.
  Map<String, Scopes> required(Section require) {
    Map<String, Scopes> read = new LinkedHashMap<>();
    for (ScalarNode key : require.keys()) {
      String name = key.getValue();
      httpMethod(key);
      require
          .take(name)
          .ifPresent(
              node -> read.put(name, scopes(node, "'" + Problems.quoted(name) + "'", problems)));
    }
    if (require.keys().isEmpty()
        && require.node() instanceof org.snakeyaml.engine.v2.nodes.MappingNode) {
      problems.add(
          require.node(),
          "'require' is empty, which would refuse every request",
          "remove it, or write GET: some:scope");
    }
    return read;
  }

  private void httpMethod(ScalarNode key) {
    String name = key.getValue();
    if (name.equals("HEAD")) {
      problems.add(key, "HEAD counts as GET", "write what it needs under GET");
    } else if (!HTTP_METHODS.contains(name)) {
      // An unknown method is accepted, unless it looks like a misspelled one.
      boolean slip =
          HTTP_METHODS.stream()
              .anyMatch(known -> !known.equals("*") && Nearest.distance(name, known) == 1);
      Optional<String> near = Nearest.to(name, HTTP_METHODS);
      if (!HTTP_METHOD.matcher(name).matches() || slip) {
        problems.add(
            key,
            Problems.quoted(name) + " is no HTTP method",
            near.map(known -> "did you mean '" + known + "'?")
                .orElse("write it in capitals, as in GET, or \"*\" for the rest"));
      }
    }
  }

  /// One scope, or a list of them.
  static Scopes scopes(Node node, String name, Problems problems) {
    List<Node> items = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
    Scopes scopes = Scopes.NONE;
    for (Node item : items) {
      scopes =
          scopes.union(
              Section.parsed(item, "a scope of " + name, ScopesReader::scope, problems)
                  .orElse(Scopes.NONE));
    }
    return scopes;
  }

  private static Scopes scope(String text) {
    try {
      return Scopes.of(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no scope token: write 1 to 128 visible ASCII characters without spaces, quotes or"
              + " backslash; several scopes are a list",
          e);
    }
  }
}
