package dev.gatehouse;

import dev.gatehouse.Method.Ambience;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Tells requests that a page of another site may have made a browser send (CSRF).
///
/// A browser sends ambient credentials along with whatever any page asks of it. It also says, in
/// fields that no page can set, from where it was asked: `Origin` (RFC 6454 §7) and
/// `Sec-Fetch-Site` (W3C Fetch Metadata §2.3). A sibling subdomain (`same-site`) and a sandbox
/// (`Origin: null`) do not count as this origin. A request whose signs contradict each other is
/// taken for another site's.
public final class CsrfCheck {

  // RFC 9110 §9.2.1: what asks for nothing but an answer.
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  private static final List<String> SAME_ORIGIN = List.of("same-origin");
  private static final List<String> NO_SITE = List.of("none");
  private static final List<String> WITHHELD = List.of("null");

  private CsrfCheck() {}

  /// What one part of a request says of where it comes from.
  public enum Evidence {
    /// Nothing.
    NONE,
    /// A page of this origin.
    OWN,
    /// Another place, or it can't be understood.
    OTHER
  }

  /// Whether a browser may have sent this on behalf of another site's page, and it would change
  /// something: also for requests without a credential, as a sign-in is.
  ///
  /// @param token what the request's CSRF token says
  public static boolean mayBeForged(AuthRequest request, Evidence token) {
    return mayBeForged(request, token, Ambience.IN_BROWSERS);
  }

  /// The same for a credential of that ambience.
  static boolean mayBeForged(AuthRequest request, Evidence token, Ambience ambience) {
    if (ambience == Ambience.NEVER
        || (SAFE.contains(request.method()) && !opensWebSocket(request))) {
      return false;
    }
    List<String> origins = request.fields().values("Origin");
    List<String> sites = request.fields().values("Sec-Fetch-Site");
    Evidence origin = ofOrigin(origins, request);
    Evidence site = ofSite(sites);
    if (token == Evidence.OTHER || origin == Evidence.OTHER || site == Evidence.OTHER) {
      return true; // also if another sign contradicts it
    }
    if (token == Evidence.OWN || origin == Evidence.OWN || site == Evidence.OWN) {
      return false;
    }
    // Every browser sends one of the fields: without both, nothing but a cookie speaks of one.
    return ambience == Ambience.ALWAYS || !origins.isEmpty() || !sites.isEmpty();
  }

  // RFC 6454 §7.3: null withholds the origin.
  private static Evidence ofOrigin(List<String> origins, AuthRequest request) {
    if (origins.isEmpty() || origins.equals(WITHHELD)) {
      return Evidence.NONE;
    }
    return !request.authority().isEmpty()
            && origins.size() == 1
            && origins.getFirst().equals(origin(request))
        ? Evidence.OWN
        : Evidence.OTHER;
  }

  // W3C Fetch Metadata §2.3: none is for what no page asked for.
  private static Evidence ofSite(List<String> sites) {
    if (sites.isEmpty() || sites.equals(NO_SITE)) {
      return Evidence.NONE;
    }
    return sites.equals(SAME_ORIGIN) ? Evidence.OWN : Evidence.OTHER;
  }

  /// Whether a page of this origin made a browser send this, whatever the method.
  ///
  /// At least one of `Sec-Fetch-Site`, `Origin` and `Referer` (RFC 9110 §10.1.3) must be there, and
  /// each that is there must name this origin. A navigation by GET has no `Origin`, so `Referer` is
  /// what a browser without Fetch Metadata shows. `Sec-Fetch-Site: none` does not count: a person
  /// typed the address, or a program that is no page opened it. Looks at no credential and no
  /// token. Does not block; thread-safe.
  public static boolean isFromThisOrigin(AuthRequest request) {
    List<String> sites = request.fields().values("Sec-Fetch-Site");
    List<String> origins = request.fields().values("Origin");
    List<String> referers = request.fields().values("Referer");
    String own = origin(request);
    boolean shown = !sites.isEmpty() || !origins.isEmpty() || !referers.isEmpty();
    return shown
        && !request.authority().isEmpty()
        && (sites.isEmpty() || sites.equals(SAME_ORIGIN))
        && (origins.isEmpty() || origins.equals(List.of(own)))
        && (referers.isEmpty()
            || (referers.size() == 1 && referers.getFirst().startsWith(own + "/")));
  }

  // RFC 6454 §6.2: lower case, without the scheme's own port.
  private static String origin(AuthRequest request) {
    String authority = request.authority().toLowerCase(Locale.ROOT);
    String port =
        switch (request.scheme()) {
          case "https" -> ":443";
          case "http" -> ":80";
          default -> "";
        };
    return request.scheme()
        + "://"
        + (authority.endsWith(port)
            ? authority.substring(0, authority.length() - port.length())
            : authority);
  }

  // RFC 6455 §4.1: a GET, but what it opens is good for everything.
  private static boolean opensWebSocket(AuthRequest request) {
    for (String upgrade : request.fields().values("Upgrade")) {
      if (upgrade.toLowerCase(Locale.ROOT).contains("websocket")) {
        return true;
      }
    }
    return false;
  }
}
