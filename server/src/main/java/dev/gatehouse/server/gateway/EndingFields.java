package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Adds `Deprecation`, `Sunset` and `Link` to an answer when the method by which the caller was
/// authenticated will end on this route.
///
/// It adds nothing where the upstream announces an end itself: both fields hold one time only (RFC
/// 9745 §2.1, RFC 8594 §3), and the upstream speaks of the whole resource.
final class EndingFields {

  private static final CharSequence DEPRECATION = HttpHeaders.createOptimized("Deprecation");
  private static final CharSequence SUNSET = HttpHeaders.createOptimized("Sunset");
  private static final CharSequence LINK = HttpHeaders.createOptimized("Link");

  // RFC 9110 §5.6.7: IMF-fixdate, with two digits for the day.
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  private final Map<Method, Deprecation> ends;

  EndingFields(Map<Method, Deprecation> ends) {
    this.ends = ends;
  }

  /// Adds what is announced of the methods by which the request was admitted; of several, the
  /// earliest.
  ///
  /// @param answer with the upstream's own fields in it
  void addTo(MultiMap answer, Decision.@Nullable Admitted admitted) {
    if (ends.isEmpty() || admitted == null) {
      return;
    }
    Instant deprecated = null;
    Instant sunset = null;
    for (Decision.Proof proof : admitted.proofs()) {
      Deprecation ending = ends.get(proof.accepted().principal().method());
      if (ending != null) {
        deprecated = earlier(deprecated, ending.deprecated());
        sunset = earlier(sunset, ending.sunset());
        addLinks(answer, ending);
      }
    }
    if (deprecated == null || answer.contains(DEPRECATION) || answer.contains(SUNSET)) {
      return;
    }
    // RFC 9745 §2.1: a Date of structured fields, which is an @ and seconds (RFC 9651 §3.3.7).
    answer.set(DEPRECATION, "@" + deprecated.getEpochSecond());
    if (sunset != null) {
      answer.set(SUNSET, HTTP_DATE.format(sunset)); // RFC 8594 §3: an HTTP-date
    }
  }

  private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
    return one == null || (other != null && other.isBefore(one)) ? other : one;
  }

  // RFC 9745 §3 and RFC 8594 §6: the page says what to do about the one and the other.
  private static void addLinks(MultiMap answer, Deprecation ending) {
    if (ending.link() != null) {
      String target = "<" + ending.link() + ">; rel=";
      answer.add(LINK, target + "\"deprecation\"");
      if (ending.sunset() != null) {
        answer.add(LINK, target + "\"sunset\"");
      }
    }
  }
}
