package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The conditions under which an accepted credential may be used. The gate checks them for every
/// request, also when it remembers the acceptance. Immutable.
///
/// @param expiresAt the first instant at which the credential is refused; null: never
/// @param networks the networks from which it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used in a minute; null: unlimited
/// @param violationReason the reason that a client gets if the network or the certificate is wrong.
///   It must tell somebody who found the credential no more than "invalid"
/// @param expiryReason the reason that a client gets if the credential has expired
/// @param certificate the SHA-256 of the client certificate that must accompany the credential (RFC
///   8705 §3); null: none
public record Conditions(
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute,
    Reason violationReason,
    Reason expiryReason,
    @Nullable Digest certificate) {

  /// The detail that a client gets for a credential that is unknown, revoked, expired or used from
  /// the wrong network. It is the same in all these cases, so that somebody who found a credential
  /// learns nothing about it.
  public static final String UNIFORM_DETAIL =
      "The credential is unknown, expiryReason, revoked, or not valid from here";

  /// Copies the list.
  public Conditions {
    networks = List.copyOf(networks);
  }

  /// Conditions for which a client gets the same reason whichever is violated. No certificate is
  /// needed.
  public Conditions(
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute,
      Reason violationReason) {
    this(expiresAt, networks, requestsPerMinute, violationReason, violationReason, null);
  }

  /// Conditions that need no certificate.
  public Conditions(
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute,
      Reason violationReason,
      Reason expiryReason) {
    this(expiresAt, networks, requestsPerMinute, violationReason, expiryReason, null);
  }

  /// Checks the expiry, the certificate and the networks. Does not check the rate: see
  /// [dev.gatehouse.throttle.RateLimits].
  ///
  /// @return why the request violates the conditions at that instant; null if it meets them
  Outcome.@Nullable Rejected violationBy(AuthRequest request, Instant now) {
    if (expiresAt != null && !now.isBefore(expiresAt)) {
      return new Outcome.Rejected(
          expiryReason, UNIFORM_DETAIL, "the credential expired at " + expiresAt);
    }
    if (certificate != null && !certificate.equals(request.certificates().thumbprint())) {
      return new Outcome.Rejected(
          violationReason, UNIFORM_DETAIL, "the credential is bound to another client certificate");
    }
    if (!networks.isEmpty()) {
      for (Network network : networks) {
        if (network.contains(request.peer())) {
          return null;
        }
      }
      return new Outcome.Rejected(
          violationReason,
          UNIFORM_DETAIL,
          "the credential may not be used from " + request.peer().getHostAddress());
    }
    return null;
  }
}
