package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;

/// A request target as an administrator may see it: the values of its query may be secrets.
public final class MaskedQuery {

  private static final String MASK = "***";
  private static final int MAX_CHARS = 2_000;

  private MaskedQuery() {}

  /// The target of the request, with a mask in the place of each value of its query.
  public static String target(AuthRequest request) {
    String query = request.query();
    return truncated(
        request.target().indexOf('?') < 0 ? request.path() : request.path() + "?" + of(query));
  }

  /// A query, with a mask in the place of each value.
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
        // Without a name it may be a value.
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
