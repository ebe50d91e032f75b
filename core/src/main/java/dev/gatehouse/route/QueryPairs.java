package dev.gatehouse.route;

import java.util.function.Predicate;

/// Looks for something in the names and values of a query, as strangers sent it. Pairs end at `&`
/// and at `;`, since servers differ about the latter. Nothing is decoded.
///
/// A query may have thousands of pairs, and several methods look into each: what is too short is
/// passed over without a copy of it. Does not block; thread-safe.
public final class QueryPairs {

  private QueryPairs() {}

  /// Which parts of a pair are looked at.
  public enum Part {
    /// What stands before the first equals sign, or the whole pair.
    NAME,
    /// What stands behind the first equals sign, or the whole pair.
    VALUE,
    /// Both.
    EITHER
  }

  /// Whether some such part of the query fits.
  ///
  /// @param minChars that a part must have for `wanted` to be asked
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
