package dev.gatehouse;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells requests of a person at a browser from requests of a program. It uses the fields that
/// browsers set about themselves (W3C Fetch Metadata §2.2) and the media types that the client
/// accepts (RFC 9110 §12.5.1). Programs can imitate browsers: use this only to choose the form of
/// an answer. Does not block; thread-safe.
public final class BrowserDetection {

  private static final Set<String> HTML = Set.of("text/html", "application/xhtml+xml");

  // RFC 9110 §12.5.1 and §12.4.2: a media range and its weight. No browser sends a quoted parameter
  // here.
  private static final Pattern MEDIA_RANGE =
      Pattern.compile(
          "\\s*(?<range>\\*/\\*|[\\w!#$&^.+-]+/(?:\\*|[\\w!#$&^.+-]+))"
              + "(?:\\s*;\\s*(?!q=)[\\w-]+=[\\w.+-]+)*+"
              + "(?:\\s*;\\s*q=(?<weight>0(?:\\.\\d{0,3})?|1(?:\\.0{0,3})?))?\\s*",
          Pattern.CASE_INSENSITIVE);

  private BrowserDetection() {}

  /// Whether a browser will show the answer to a person, so that the answer may be a page or a
  /// redirect to one.
  ///
  /// `Sec-Fetch-Mode` decides if it is present. Otherwise the client must prefer HTML to every
  /// other type, and nothing may show that it is a program: `X-Requested-With`, or the `User-Agent`
  /// of the JDK's `HttpURLConnection`, which accepts HTML by default. Ignores credentials.
  public static boolean isNavigation(AuthRequest request) {
    List<String> modes = request.fields().values("Sec-Fetch-Mode");
    return modes.isEmpty()
        ? !isProgram(request) && prefersHtml(request.fields().values("Accept"))
        : modes.equals(List.of("navigate"));
  }

  // HttpURLConnection appends its Java version to the User-Agent, also after a name that the system
  // property http.agent sets.
  private static boolean isProgram(AuthRequest request) {
    return !request.fields().values("X-Requested-With").isEmpty()
        || request.fields().values("User-Agent").stream()
            .anyMatch(agent -> agent.startsWith("Java/") || agent.contains(" Java/"));
  }

  /// Whether a script in a page gets the answer. A `Basic` challenge would open the browser's
  /// password dialog over that page.
  static boolean isScript(AuthRequest request) {
    return !request.fields().values("X-Requested-With").isEmpty()
        || request.fields().values("Sec-Fetch-Mode").stream()
            .anyMatch(mode -> !mode.equals("navigate"));
  }

  // Browsers also accept XHTML, and some give images or `*/*` the same weight as HTML. For them,
  // only JSON may not have the same weight. For clients that do not accept XHTML, no other type
  // may. A list that breaks RFC 9110 prefers nothing.
  private static boolean prefersHtml(List<String> accepts) {
    double html = 0;
    double json = 0;
    double other = 0;
    boolean xhtml = false;
    for (String accept : accepts) {
      for (String member : accept.split(",", -1)) {
        if (member.isBlank()) {
          continue; // RFC 9110 §5.6.1.2: empty members are ignored
        }
        Matcher range = MEDIA_RANGE.matcher(member);
        if (!range.matches()) {
          return false;
        }
        String type = range.group("range").toLowerCase(Locale.ROOT);
        String weighed = range.group("weight");
        double weight = weighed == null ? 1 : Double.parseDouble(weighed);
        if (HTML.contains(type)) {
          html = Math.max(html, weight);
          xhtml |= type.equals("application/xhtml+xml");
        } else if (type.endsWith("/json") || type.endsWith("+json")) {
          json = Math.max(json, weight);
        } else {
          other = Math.max(other, weight);
        }
      }
    }
    return html > json && (xhtml || html > other);
  }
}
