package dev.gatehouse;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The announced end of a method on one route. It is an announcement: the gate goes on to take the
/// method until the route's policy no longer names it.
///
/// @param route what reports call the route: its host, if it has one, and its path
/// @param deprecated from when on nobody should begin to use it; may lie ahead (RFC 9745 §2.1)
/// @param sunset when it is expected to be gone (RFC 8594 §3); null: that is not known yet
/// @param link a page for people that says what to do instead; null: there is none
public record Deprecation(
    String route, Instant deprecated, @Nullable Instant sunset, @Nullable URI link) {

  /// Cuts the times to the second, as fields tell them; throws [IllegalArgumentException] that says
  /// what is wrong.
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
