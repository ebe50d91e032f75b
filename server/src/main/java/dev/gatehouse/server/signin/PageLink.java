package dev.gatehouse.server.signin;

import java.util.regex.Pattern;

/// A link to a path on this origin.
///
/// @param label what it says
/// @param href the path, perhaps with a query
public record PageLink(String label, String href) {

  // A browser reads // and /\ as the beginning of a host, also with a tab between (WHATWG URL,
  // relative slash state).
  private static final Pattern OWN_PATH = Pattern.compile("/(?!/)[!-~&&[^\\\\]]*");

  /// Throws [IllegalArgumentException] where the path may lead to another origin.
  public PageLink {
    requireOwnPath(href);
  }

  /// Throws [IllegalArgumentException] where that may lead to another origin.
  static void requireOwnPath(String href) {
    if (!OWN_PATH.matcher(href).matches()) {
      throw new IllegalArgumentException("a link on a page leads to a path on this origin");
    }
  }

  /// Without its query, which may hold a token.
  @Override
  public String toString() {
    return "PageLink[" + href.split("\\?", 2)[0] + "]";
  }
}
