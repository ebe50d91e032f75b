package dev.gatehouse.route;

import java.time.Duration;
import java.util.Set;

/// Which other origins' pages may call a route (Fetch standard, CORS protocol).
///
/// @param origins exact: scheme, host and port as browsers send them, with any scheme
///   (`chrome-extension://…` is the origin of an extension); never `*`
/// @param requestFields fields that a page may send beside the safelisted ones, in lower case
/// @param exposedFields fields of the answer that a page may read
/// @param credentials whether cookies and the like may be sent along
/// @param maxAge how long a browser may remember a preflight
public record CorsPolicy(
    Set<String> origins,
    Set<String> requestFields,
    Set<String> exposedFields,
    boolean credentials,
    Duration maxAge) {

  /// Checks the origins; throws [IllegalArgumentException] that names the wrong one.
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

  /// No other origin.
  public static final CorsPolicy NONE =
      new CorsPolicy(Set.of(), Set.of(), Set.of(), false, Duration.ZERO);
}
