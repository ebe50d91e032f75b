package dev.gatehouse.route;

import java.util.function.Predicate;

/// Searches the names and values of an untrusted query. Pairs end at `&` and at `;`, since servers
/// differ about the latter. Nothing is decoded.
///
/// A query may have thousands of pairs, and several methods search it: a part that is too short is
/// skipped without copying it. Does not block; thread-safe.
public final class QueryPairs {

  private QueryPairs() {}

  /// The parts of a pair to search.
  public enum Part {
    /// The text before the first equals sign, or the whole pair.
    NAME,
    /// The text after the first equals sign, or the whole pair.
    VALUE,
    /// Both.
    EITHER
  }

  /// Whether a part of the query matches.
  ///
  /// @param minChars the length that a part must have for `wanted` to be asked
  public static boolean any(String query, Part part, int minChars, Predicate<String> wanted) {
    int equals = -1;
    int start = 0;
    for (int at = 0; at <= query.length(); at++) {
      char c = at < query.length() ? query.charAt(at) : '&';
      if (c == '=' && equals < 0) {
        equals = at;
      } else if (c == '&' || c == ';') {
        boolean whole = equals < 0;
        boolean name = part == Part.NAME || (part == Part.EITHER && !whole);
        if ((name && fits(query, start, whole ? at : equals, minChars, wanted))
            || (part != Part.NAME
                && fits(query, whole ? start : equals + 1, at, minChars, wanted))) {
          return true;
        }
        start = at + 1;
        equals = -1;
      }
    }
    return false;
  }

  private static boolean fits(
      String query, int from, int to, int minChars, Predicate<String> wanted) {
    return to - from >= minChars && wanted.test(query.substring(from, to));
  }
}
