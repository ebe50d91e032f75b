package dev.gatehouse;

import dev.gatehouse.Method.Ambience;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Recognizes requests that a page of another site may have made a browser send (cross-site request
/// forgery, CSRF).
///
/// A browser adds ambient credentials to requests that any page causes. It also says where the
/// request comes from, in fields that a page cannot set: `Origin` (RFC 6454 §7) and
/// `Sec-Fetch-Site` (W3C Fetch Metadata §2.3). A sibling subdomain (`same-site`) and a sandbox
/// (`Origin: null`) are not this origin. A request whose evidence is contradictory is treated as
/// coming from another site. No method blocks; thread-safe.
public final class CsrfCheck {

  // RFC 9110 §9.2.1: safe methods, which only ask for an answer.
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  private static final List<String> SAME_ORIGIN = List.of("same-origin");
  private static final List<String> NO_SITE = List.of("none");
  private static final List<String> WITHHELD = List.of("null");

  private CsrfCheck() {}

  /// What one part of a request shows about where it comes from.
  public enum Evidence {
    /// It shows nothing.
    NONE,
    /// A page of this origin sent the request.
    OWN,
    /// It comes from another place, or the part cannot be understood.
    OTHER
  }

  /// Whether a page of another site may have made a browser send this request, and the request
  /// would change something or open a WebSocket. Use it also for requests without a credential,
  /// such as a sign-in. Safe methods (RFC 9110 §9.2.1) are never forged in this sense.
  ///
  /// @param token what the request's CSRF token shows
  public static boolean mayBeForged(AuthRequest request, Evidence token) {
    return mayBeForged(request, token, Ambience.IN_BROWSERS);
  }

  /// The same for a credential that is ambient to that degree.
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
    // Every browser sends one of the fields. If both are missing, only a session cookie shows that
    // a browser sent the request.
    return ambience == Ambience.ALWAYS || !origins.isEmpty() || !sites.isEmpty();
  }

  // RFC 6454 §7.3: the value null hides the origin.
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

  // W3C Fetch Metadata §2.3: the value none is for a request that no page caused.
  private static Evidence ofSite(List<String> sites) {
    if (sites.isEmpty() || sites.equals(NO_SITE)) {
      return Evidence.NONE;
    }
    return sites.equals(SAME_ORIGIN) ? Evidence.OWN : Evidence.OTHER;
  }

  /// Whether a page of this origin made a browser send this request, whatever its method.
  ///
  /// At least one of `Sec-Fetch-Site`, `Origin` and `Referer` (RFC 9110 §10.1.3) must be present,
  /// and each that is present must name this origin. A navigation by GET has no `Origin`, so
  /// `Referer` is the evidence of a browser without Fetch Metadata. `Sec-Fetch-Site: none` is not
  /// enough: then a person typed the address, or a program other than a page opened it. Ignores
  /// credentials and tokens.
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

  // RFC 6454 §6.2: in lower case, without the scheme's default port.
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

  // RFC 6455 §4.1: the handshake is a GET, but the WebSocket that it opens can carry anything.
  private static boolean opensWebSocket(AuthRequest request) {
    for (String upgrade : request.fields().values("Upgrade")) {
      if (upgrade.toLowerCase(Locale.ROOT).contains("websocket")) {
        return true;
      }
    }
    return false;
  }
}
