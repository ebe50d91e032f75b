package dev.gatehouse.server.config;

import java.time.Duration;
import java.util.List;

/// What a route answers to scripts of other origins (Fetch §3.2).
///
/// @param origins exact origins, as browsers send them
/// @param headers request fields that a script may set
/// @param exposed response fields that it may read
/// @param credentials whether cookies and certificates may come along
/// @param maxAge how long a browser may remember a preflight's answer
public record CorsConfig(
    List<String> origins,
    List<String> headers,
    List<String> exposed,
    boolean credentials,
    Duration maxAge) {

  static final Duration DEFAULT_MAX_AGE = Duration.ofMinutes(10);

  public CorsConfig {
    origins = List.copyOf(origins);
    headers = List.copyOf(headers);
    exposed = List.copyOf(exposed);
  }
}
