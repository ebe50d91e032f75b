package dev.gatehouse.server.admin;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.usage.UsageStore;
import dev.gatehouse.usage.UsageWriter;
import java.util.List;
import java.util.Optional;

/// Who used which method, for an administrator who asks.
///
/// @param writer writes down what was noted until now, before anybody reads it
/// @param announced what the routes announce
public record MethodUsage(UsageStore store, UsageWriter writer, List<Announced> announced) {

  /// That a route announces the end of a method.
  public record Announced(Method method, Deprecation ending) {}

  /// Copies the list.
  public MethodUsage {
    announced = List.copyOf(announced);
  }

  /// What the route of that name announces of the method, if it still does.
  Optional<Deprecation> ending(String route, Method method) {
    return announced.stream()
        .filter(one -> one.method == method && one.ending.route().equals(route))
        .map(Announced::ending)
        .findFirst();
  }
}
