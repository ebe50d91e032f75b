package dev.gatehouse;

import java.util.List;

/// Reads the options of the `Connection` fields of a message (RFC 9110 §7.6.1). Names are compared
/// without regard to case. Does not block; thread-safe; allocates nothing for an option.
public final class ConnectionOptions {

  private ConnectionOptions() {}

  /// Whether the request's `Connection` fields list a field of that name. Such a field is for the
  /// next hop only and is not forwarded.
  public static boolean isListed(HeaderFields fields, String field) {
    return contains(fields.values("Connection"), field);
  }

  /// Whether the `Connection` fields contain that option. The name of a field that is for the
  /// connection only is such an option.
  ///
  /// @param lines the values of the `Connection` fields
  public static boolean contains(List<String> lines, String option) {
    for (int line = 0; line < lines.size(); line++) {
      String options = lines.get(line);
      int from = 0;
      while (from <= options.length()) {
        int comma = options.indexOf(',', from);
        int end = comma < 0 ? options.length() : comma;
        int next = end + 1;
        while (from < end && isBlank(options.charAt(from))) {
          from++;
        }
        while (end > from && isBlank(options.charAt(end - 1))) {
          end--;
        }
        if (end - from == option.length()
            && options.regionMatches(true, from, option, 0, end - from)) {
          return true;
        }
        from = next;
      }
    }
    return false;
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }
}
