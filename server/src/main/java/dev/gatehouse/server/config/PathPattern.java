package dev.gatehouse.server.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The path of a route as a pattern of segments, in which `*` stands for any one segment. A pattern
/// matches a path and all paths below it; upper and lower case count as the same.
record PathPattern(List<String> segments) {

  /// A segment that stands for any other.
  static final String ANY_SEGMENT = "*";

  PathPattern {
    segments = List.copyOf(segments);
  }

  /// The pattern of that route.
  static PathPattern of(RouteConfig route) {
    return new PathPattern(
        route.path().equals("/") ? List.of() : List.of(route.path().substring(1).split("/", -1)));
  }

  /// Whether its last segment stands for any.
  boolean endsInWildcard() {
    return !segments.isEmpty() && segments.getLast().equals(ANY_SEGMENT);
  }

  /// The pattern without its last segment.
  PathPattern parent() {
    return new PathPattern(segments.subList(0, segments.size() - 1));
  }

  /// The paths that match both patterns, as a pattern; empty if there are none.
  Optional<PathPattern> intersect(PathPattern other) {
    List<String> both = new ArrayList<>();
    for (int i = 0; i < Math.max(segments.size(), other.segments.size()); i++) {
      String first = i < segments.size() ? segments.get(i) : ANY_SEGMENT;
      String second = i < other.segments.size() ? other.segments.get(i) : ANY_SEGMENT;
      if (first.equals(ANY_SEGMENT)) {
        both.add(second);
      } else if (second.equals(ANY_SEGMENT) || second.equalsIgnoreCase(first)) {
        both.add(first);
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(new PathPattern(both));
  }

  /// Whether every path that matches the other pattern matches this one, too.
  boolean covers(PathPattern other) {
    for (int i = 0; i < segments.size(); i++) {
      boolean same =
          i < other.segments.size() && segments.get(i).equalsIgnoreCase(other.segments.get(i));
      if (i >= other.segments.size() || !(same || segments.get(i).equals(ANY_SEGMENT))) {
        return false;
      }
    }
    return true;
  }

  /// The pattern as the path of a route.
  @Override
  public String toString() {
    return "/" + String.join("/", segments);
  }
}
