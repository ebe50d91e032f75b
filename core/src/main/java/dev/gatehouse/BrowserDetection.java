package dev.gatehouse;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells a person at a browser from a program, by what browsers say of themselves (W3C Fetch
/// Metadata §2.2) and by what the client wants to get (RFC 9110 §12.5.1).
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

  /// Whether a browser shows the answer to a person, so that the answer may be a page, or lead to
  /// one.
  ///
  /// `Sec-Fetch-Mode` decides where it is there. Otherwise, HTML must be preferred to all else, and
  /// the request must show no sign of a program: `X-Requested-With`, or the `User-Agent` of the
  /// JDK's `HttpURLConnection`, which asks for HTML unless told otherwise. Looks at no credential.
  /// Does not block; thread-safe.
  public static boolean isNavigation(AuthRequest request) {
    List<String> modes = request.fields().values("Sec-Fetch-Mode");
    return modes.isEmpty()
        ? !isProgram(request) && prefersHtml(request.fields().values("Accept"))
        : modes.equals(List.of("navigate"));
  }

  // HttpURLConnection ends the User-Agent with its version of Java, also behind a name that the
  // system property http.agent gives.
  private static boolean isProgram(AuthRequest request) {
    return !request.fields().values("X-Requested-With").isEmpty()
        || request.fields().values("User-Agent").stream()
            .anyMatch(agent -> agent.startsWith("Java/") || agent.contains(" Java/"));
  }

  /// Whether a script in a page gets the answer: a `Basic` challenge would open the browser's own
  /// dialogue over that page.
  static boolean isScript(AuthRequest request) {
    return !request.fields().values("X-Requested-With").isEmpty()
        || request.fields().values("Sec-Fetch-Mode").stream()
            .anyMatch(mode -> !mode.equals("navigate"));
  }

  // Browsers name XHTML too, and some weigh images or everything as highly: then only JSON may not
  // be as welcome. Without XHTML, nothing else may be. A list that breaks RFC 9110 prefers nothing.
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
