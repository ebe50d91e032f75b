package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// The names of the methods.
final class MethodNames {

  private static final List<String> ALL = Arrays.stream(Method.values()).map(Method::id).toList();

  private MethodNames() {}

  /// The method of that name; empty, with a problem, when there is none.
  static Optional<Method> known(ScalarNode name, Problems problems) {
    Optional<Method> method = Method.of(name.getValue());
    if (method.isEmpty()) {
      List<String> known = Stream.concat(Stream.of("public"), ALL.stream()).toList();
      problems.add(
          name,
          "unknown method " + Problems.quoted(name.getValue()),
          Nearest.to(name.getValue(), known)
              .map(near -> "did you mean '" + near + "'?")
              .orElse("the methods are " + String.join(", ", ALL)));
    }
    return method;
  }
}
