package dev.gatehouse;

import java.util.List;

/// Tells a person who follows a link from a program: what browsers say of themselves (W3C Fetch
/// Metadata §2.2).
final class Browsing {

  private Browsing() {}

  /// Whether a browser shows the answer to a person.
  static boolean isNavigation(AuthRequest request) {
    List<String> modes = request.fields().values("Sec-Fetch-Mode");
    return modes.isEmpty()
        ? request.fields().values("Accept").stream()
                .anyMatch(accept -> accept.contains("text/html"))
            && request.fields().values("X-Requested-With").isEmpty()
        : modes.equals(List.of("navigate"));
  }

  /// Whether a script in a page gets the answer: a `Basic` challenge would open the browser's own
  /// dialogue over that page.
  static boolean isScript(AuthRequest request) {
    return !request.fields().values("X-Requested-With").isEmpty()
        || request.fields().values("Sec-Fetch-Mode").stream()
            .anyMatch(mode -> !mode.equals("navigate"));
  }
}
