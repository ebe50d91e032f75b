package dev.gatehouse;

import java.util.List;

/// The list of options that the `Connection` fields of a message make up (RFC 9110 §7.6.1).
public final class ConnectionOptions {

  private ConnectionOptions() {}

  /// Whether a request says that a field of that name is for the next hop alone: then it is not
  /// forwarded.
  public static boolean isListed(HeaderFields fields, String field) {
    return contains(fields.values("Connection"), field);
  }

  /// Whether the list has that option, which is also how a field is named that belongs to the
  /// connection.
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
