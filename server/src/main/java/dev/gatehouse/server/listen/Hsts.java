package dev.gatehouse.server.listen;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/// The field `Strict-Transport-Security`, by which a browser uses only HTTPS for this host from
/// then on (RFC 6797).
///
/// @param maxAge for how long; 0 makes browsers forget it (RFC 6797 §6.1.1)
/// @param includeSubDomains whether that holds for the host's subdomains too
/// @param allResponses whether it goes along with the responses of upstreams too, in place of their
///   own; otherwise with those of the gate alone
public record Hsts(Duration maxAge, boolean includeSubDomains, boolean allResponses) {

  /// The name of the field.
  public static final CharSequence FIELD = HttpHeaders.createOptimized("Strict-Transport-Security");

  /// What is right for most: a year, for this host and the gate's own responses.
  public static final Hsts DEFAULT = new Hsts(Duration.ofDays(365), false, false);

  String value() {
    return "max-age=" + maxAge.toSeconds() + (includeSubDomains ? "; includeSubDomains" : "");
  }

  // What sends an upstream's response removes the field first, so that it is there once (RFC 6797
  // §7.1) and an upstream's own stays as it is.
  void addTo(HttpServerResponse response) {
    if (allResponses) {
      response.headersEndHandler(head -> response.putHeader(FIELD, value()));
    } else {
      response.putHeader(FIELD, value());
    }
  }
}
