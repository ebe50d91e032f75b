package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;

/// Writes request targets for explanations to administrators. Each value of the query is masked,
/// because it may be a secret. The path and the names of parameters are shown. A text longer than
/// 2,000 characters is cut. Thread-safe; does not block.
public final class MaskedQuery {

  private static final String MASK = "***";
  private static final int MAX_CHARS = 2_000;

  private MaskedQuery() {}

  /// Returns the path of the request, and the query with `***` in place of each value.
  public static String target(AuthRequest request) {
    String query = request.query();
    return truncated(
        request.target().indexOf('?') < 0 ? request.path() : request.path() + "?" + of(query));
  }

  /// Returns a query with `***` in place of each value. A parameter without an equals sign is
  /// masked as a whole.
  public static String of(String query) {
    StringBuilder masked = new StringBuilder(query.length());
    int from = 0;
    while (from <= query.length()) {
      int end = query.indexOf('&', from);
      end = end < 0 ? query.length() : end;
      int equals = query.indexOf('=', from);
      if (equals >= 0 && equals < end) {
        masked.append(query, from, equals + 1).append(equals + 1 < end ? MASK : "");
      } else {
        // A text without an equals sign may be a value.
        masked.append(from < end ? MASK : "");
      }
      if (end < query.length()) {
        masked.append('&');
      }
      from = end + 1;
    }
    return truncated(masked.toString());
  }

  private static String truncated(String text) {
    return text.length() <= MAX_CHARS ? text : text.substring(0, MAX_CHARS) + "…";
  }
}
