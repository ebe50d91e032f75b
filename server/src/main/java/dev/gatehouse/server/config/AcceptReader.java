package dev.gatehouse.server.config;

import dev.gatehouse.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/// Reads `accept`: by which methods a route may be passed.
final class AcceptReader {

  private static final Set<Method> IN_AUTHORIZATION_ONLY =
      Set.of(Method.BASIC, Method.JWT, Method.OAUTH);

  private final Problems problems;

  AcceptReader(Problems problems) {
    this.problems = problems;
  }

  /// The ways in; empty, with a problem, when one of them is wrong.
  Optional<RouteConfig.Accept> read(Node node) {
    List<Node> items = Section.items(node, "'accept'", problems);
    if (items.isEmpty()) {
      if (node instanceof SequenceNode) {
        problems.add(node, "'accept' is empty", "name a method, or public");
      }
      return Optional.empty();
    }
    List<List<Method>> alternatives = new ArrayList<>();
    boolean complete = true;
    for (Node item : items) {
      if (item instanceof ScalarNode name && name.getValue().equals("public")) {
        if (items.size() == 1) {
          return Optional.of(new RouteConfig.Public());
        }
        problems.add(
            item,
            "'public' beside a method makes the route public",
            "write accept: [public], or the methods alone");
        complete = false;
        continue;
      }
      List<Method> all = allOf(item);
      complete &= !all.isEmpty();
      if (!all.isEmpty() && alternatives.contains(all)) {
        problems.add(item, "this alternative is listed twice", "keep one");
      }
      alternatives.add(all);
    }
    return complete ? Optional.of(new RouteConfig.AnyOf(alternatives)) : Optional.empty();
  }

  /// The methods of one alternative; none, with a problem, when one of them is wrong.
  private List<Method> allOf(Node item) {
    List<Node> names = item instanceof SequenceNode sequence ? sequence.getValue() : List.of(item);
    if (names.isEmpty()) {
      problems.add(item, "this alternative is empty", "name the methods that must all pass");
    }
    List<Method> methods = new ArrayList<>();
    boolean complete = true;
    for (Node node : names) {
      if (!(node instanceof ScalarNode name)) {
        problems.add(node, "this is no method's name", "write a name, or a list of names");
        complete = false;
        continue;
      }
      if (name.getValue().equals("public")) {
        problems.add(node, "'public' cannot be part of an all-of list", "remove it");
        complete = false;
        continue;
      }
      Optional<Method> method = MethodNames.known(name, problems);
      if (method.isEmpty()) {
        complete = false;
      } else if (methods.contains(method.get())) {
        problems.add(node, "'" + method.get() + "' is listed twice", "keep one");
        complete = false;
      } else {
        methods.add(method.get());
      }
    }
    List<Method> ofOneField = methods.stream().filter(IN_AUTHORIZATION_ONLY::contains).toList();
    if (ofOneField.size() > 1) {
      problems.add(
          item,
          "no request holds both "
              + ofOneField.get(0)
              + " and "
              + ofOneField.get(1)
              + ", which come in the one Authorization field",
          "keep one");
      complete = false;
    }
    return complete ? methods : List.of();
  }
}
