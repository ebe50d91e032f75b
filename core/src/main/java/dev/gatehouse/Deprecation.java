package dev.gatehouse;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The announced end of a method on one route. It is only an announcement: the gate accepts the
/// method as long as the route's policy names it. Immutable.
///
/// @param route the name of the route in reports: its host, if it has one, and its path
/// @param deprecated from when no client should start to use the method; may be in the future (RFC
///   9745 §2.1)
/// @param sunset when the method is expected to end (RFC 8594 §3); null: not known yet
/// @param link a page for people that says what to use instead; null: there is none
public record Deprecation(
    String route, Instant deprecated, @Nullable Instant sunset, @Nullable URI link) {

  /// Truncates the times to seconds, which is the precision of the fields. Throws
  /// [IllegalArgumentException] if the route has no name, or if the sunset is before the
  /// deprecation.
  public Deprecation {
    deprecated = deprecated.truncatedTo(ChronoUnit.SECONDS);
    sunset = sunset == null ? null : sunset.truncatedTo(ChronoUnit.SECONDS);
    if (route.isEmpty()) {
      throw new IllegalArgumentException("the route of an announcement has a name");
    }
    // RFC 9745 §4: the sunset must not be earlier.
    if (sunset != null && sunset.isBefore(deprecated)) {
      throw new IllegalArgumentException(
          "the sunset " + sunset + " is before the deprecation " + deprecated);
    }
  }
}
