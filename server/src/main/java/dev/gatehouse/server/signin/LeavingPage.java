package dev.gatehouse.server.signin;

import java.net.URI;

/// Leads to a provider after a form was posted. A redirect would not do everywhere: Chromium holds
/// the page's `form-action 'self'` against the redirects of its forms too, and a list of all
/// providers there would let a forged form of ours be sent to any of them.
///
/// @param provider as people know it
/// @param to the provider's page, with the request for it in its query
public record LeavingPage(String provider, URI to) {

  /// Throws [IllegalArgumentException] for what is no page of the web.
  public LeavingPage {
    if (!"https".equals(to.getScheme()) && !"http".equals(to.getScheme())) {
      throw new IllegalArgumentException("a provider's page is on the web");
    }
  }

  /// Without the query, which holds the state.
  @Override
  public String toString() {
    return "LeavingPage[" + to.getHost() + "]";
  }
}
