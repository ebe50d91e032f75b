package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/// The names of the methods, as far as this gate has them.
final class MethodNames {

  private static final List<String> ALL = Arrays.stream(Method.values()).map(Method::id).toList();

  private MethodNames() {}

  /// The method of that name; empty, with a problem, when there is none or it is not built yet.
  static Optional<Method> built(ScalarNode name, Problems problems) {
    Optional<Method> method = Method.of(name.getValue());
    if (method.isEmpty()) {
      List<String> known = Stream.concat(Stream.of("public"), ALL.stream()).toList();
      problems.add(
          name,
          "unknown method " + Problems.quoted(name.getValue()),
          Nearest.to(name.getValue(), known)
              .map(near -> "did you mean '" + near + "'?")
              .orElse("the methods are " + String.join(", ", ALL)));
    } else if (!GatehouseConfig.METHODS.contains(method.get())) {
      problems.add(
          name,
          "the method '" + method.get() + "' is not built yet",
          "use one of "
              + GatehouseConfig.METHODS.stream().map(Method::id).collect(Collectors.joining(", ")));
      return Optional.empty();
    }
    return method;
  }
}
