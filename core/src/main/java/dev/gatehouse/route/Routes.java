package dev.gatehouse.route;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// All routes, the most specific first: a route with a host before one without, then the longer
/// path, then the route with the earlier literal segment where the other has `*`. Immutable; does
/// not block; thread-safe.
///
/// Servers differ about the case of paths (RFC 3986 §6.2.2.1 distinguishes it, several frameworks
/// do not). So a path must lead to the same route either way: `/ORDERS` next to a route `/orders`
/// matches no route, so that it neither bypasses its policy nor falls under it.
public final class Routes<T> {

  private record Entry<T>(Route<T> route, List<String> segments) {}

  private final List<Entry<T>> entries;

  /// Orders the routes. Throws [IllegalArgumentException] if two of them are for the same host and
  /// path.
  public Routes(List<Route<T>> routes) {
    List<Entry<T>> ordered = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (Route<T> route : routes) {
      List<String> segments = route.segments();
      String inAnyCase = String.join("/", segments).toLowerCase(Locale.ROOT);
      if (!seen.add(route.host() + "/" + inAnyCase)) {
        throw new IllegalArgumentException("two routes are for " + route.path());
      }
      ordered.add(new Entry<>(route, segments));
    }
    ordered.sort(
        Comparator.<Entry<T>>comparingInt(entry -> entry.route.host() == null ? 1 : 0)
            .thenComparingInt(entry -> -entry.segments.size())
            .thenComparing(entry -> wildcards(entry.segments)));
    this.entries = List.copyOf(ordered);
  }

  /// Returns the most specific route for the host (without a port) and the normalized path; empty
  /// if there is none, or if another route would be the most specific without regard to case.
  public Optional<Route<T>> match(String host, String path) {
    String lowerHost = host.toLowerCase(Locale.ROOT);
    if (lowerHost.endsWith(".")) {
      // RFC 3986 §3.2.2: a final dot does not change the host.
      lowerHost = lowerHost.substring(0, lowerHost.length() - 1);
    }
    String read = RequestPath.decoded(path);
    for (Entry<T> entry : entries) {
      String wanted = entry.route.host();
      if ((wanted == null || wanted.equals(lowerHost)) && covers(entry.segments, read, true)) {
        return covers(entry.segments, read, false) ? Optional.of(entry.route) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// Returns all routes, the most specific first.
  public List<Route<T>> all() {
    return entries.stream().map(Entry::route).toList();
  }

  private static boolean covers(List<String> segments, String path, boolean anyCase) {
    int at = 0;
    for (String segment : segments) {
      if (at >= path.length()) {
        return false;
      }
      int start = at + 1; // behind the slash
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      if (segment.equals("*") ? end == start : !sameSegment(segment, path, start, end, anyCase)) {
        return false;
      }
      at = end;
    }
    return true;
  }

  private static boolean sameSegment(
      String segment, String path, int start, int end, boolean anyCase) {
    return end - start == segment.length()
        && path.regionMatches(anyCase, start, segment, 0, segment.length());
  }

  // Literal segments are sorted before wildcards, segment by segment.
  private static String wildcards(List<String> segments) {
    StringBuilder marks = new StringBuilder(segments.size());
    for (String segment : segments) {
      marks.append(segment.equals("*") ? '1' : '0');
    }
    return marks.toString();
  }
}
