package dev.gatehouse.route;

import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.ArrayList;
import java.util.List;

/// Paths and queries.
public final class RouteTargets {

  private RouteTargets() {}

  /// A request target. One that is accepted is normalised, and normalising it again changes
  /// nothing.
  public static void path(byte[] input) throws RequestPath.MalformedTargetException {
    String target = Inputs.latin1(input);
    RequestPath parsed;
    try {
      parsed = RequestPath.parse(target);
    } catch (RequestPath.MalformedTargetException refused) {
      return;
    }
    int mark = target.indexOf('?');
    Holds.equal(parsed.query(), mark < 0 ? "" : target.substring(mark));
    Holds.equal(RequestPath.parse(parsed.target()), parsed);
    String path = parsed.path();
    Holds.that(path.startsWith("/"), "begins with a slash");
    Holds.that(path.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\' && c != ';'), "plain");
    String[] segments = path.split("/", -1);
    for (int i = 1; i < segments.length; i++) {
      boolean isLast = i == segments.length - 1;
      Holds.that(!segments[i].equals(".") && !segments[i].equals(".."), "no dot segment");
      Holds.that(isLast || !segments[i].isEmpty(), "no empty segment but the last");
    }
    String read = RequestPath.decoded(path);
    Holds.equal(slashes(read), slashes(path));
    Holds.that(read.indexOf('\ufffd') < 0 || path.contains("%EF%BF%BD"), "no replacement");
  }

  private static long slashes(String text) {
    return text.chars().filter(c -> c == '/').count();
  }

  /// The pairs of a query, compared with a plain reading.
  public static void queryPairs(byte[] input) {
    String query = Inputs.latin1(input);
    for (QueryPairs.Part part : QueryPairs.Part.values()) {
      for (int min : new int[] {0, 3}) {
        List<String> found = new ArrayList<>();
        Holds.that(
            !QueryPairs.any(
                query,
                part,
                min,
                text -> {
                  found.add(text);
                  return false;
                }),
            "none fits");
        Holds.equal(found, plainly(query, part, min));
      }
    }
  }

  private static List<String> plainly(String query, QueryPairs.Part part, int min) {
    List<String> all = new ArrayList<>();
    for (String pair : query.split("[&;]", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 0) {
        all.add(pair);
      } else {
        if (part != QueryPairs.Part.VALUE) {
          all.add(pair.substring(0, equals));
        }
        if (part != QueryPairs.Part.NAME) {
          all.add(pair.substring(equals + 1));
        }
      }
    }
    return all.stream().filter(text -> text.length() >= min).toList();
  }
}
