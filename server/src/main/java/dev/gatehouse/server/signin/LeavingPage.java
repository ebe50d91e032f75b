package dev.gatehouse.server.signin;

/// Leads to a provider after a form was posted. A redirect does not work in every browser: Chromium
/// applies the page's `form-action 'self'` to redirects after a form, too. A list of all providers
/// in that directive would let a forged form send people to any of them.
///
/// @param provider as people know it
/// @param to the absolute URL of the next page, as it is written: what a browser sends may be no
///   URI
public record LeavingPage(String provider, String to) {

  /// Throws [IllegalArgumentException] for what is no page of the web.
  public LeavingPage {
    if (!startsWith(to, "https://") && !startsWith(to, "http://")) {
      throw new IllegalArgumentException("a provider's page is on the web");
    }
  }

  // RFC 3986 §3.1: schemes are compared without regard to case.
  private static boolean startsWith(String url, String scheme) {
    return url.regionMatches(true, 0, scheme, 0, scheme.length());
  }

  /// Without the query, which holds the state.
  @Override
  public String toString() {
    int query = to.indexOf('?');
    return "LeavingPage[" + (query < 0 ? to : to.substring(0, query)) + "]";
  }
}
