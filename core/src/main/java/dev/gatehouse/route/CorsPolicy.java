package dev.gatehouse.route;

import java.time.Duration;
import java.util.Set;

/// Which origins' pages may call a route (CORS protocol of the Fetch standard). Immutable.
///
/// @param origins exact origins: scheme, host and port as browsers send them. Any scheme is
///   possible (`chrome-extension://…` is the origin of an extension). Never `*`
/// @param requestFields the fields that a page may send in addition to the safelisted ones, in
///   lower case
/// @param exposedFields the fields of the response that a page may read
/// @param credentials whether cookies and other credentials may be sent
/// @param maxAge how long a browser may cache a preflight
public record CorsPolicy(
    Set<String> origins,
    Set<String> requestFields,
    Set<String> exposedFields,
    boolean credentials,
    Duration maxAge) {

  /// Copies the sets. Throws [IllegalArgumentException] that names an origin that is malformed.
  public CorsPolicy {
    origins = Set.copyOf(origins);
    requestFields = Set.copyOf(requestFields);
    exposedFields = Set.copyOf(exposedFields);
    for (String origin : origins) {
      if (!origin.matches("[a-z][a-z0-9+.-]*://[^/*\\s]+")) {
        throw new IllegalArgumentException(
            "'" + origin + "' is no origin: write https://app.example.com, without a path or *");
      }
    }
  }

  /// No other origin may call the route.
  public static final CorsPolicy NONE =
      new CorsPolicy(Set.of(), Set.of(), Set.of(), false, Duration.ZERO);
}
