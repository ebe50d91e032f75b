package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What must hold for each request, beside the proof itself: judged anew every time, from memory or
/// not.
///
/// @param expiresAt the first instant at which the credential is refused; null: never
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
/// @param violationReason what a client is told when the network is wrong; it says no more to one who found
///   a key than "invalid"
/// @param expiryReason what it is told when the time is
/// @param certificate the SHA-256 of the client certificate that must come along (RFC 8705 §3);
///   null: none
public record Conditions(
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute,
    Reason violationReason,
    Reason expiryReason,
    @Nullable Digest certificate) {

  /// What a client is told of a credential that is unknown, revoked, expired or used from
  /// elsewhere: always the same, so that one who found it learns nothing about it.
  public static final String UNIFORM_DETAIL =
      "The credential is unknown, expiryReason, revoked, or not valid from here";

  /// Copies the list.
  public Conditions {
    networks = List.copyOf(networks);
  }

  /// Conditions of which a client is told the same whichever is broken.
  public Conditions(
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute,
      Reason violationReason) {
    this(expiresAt, networks, requestsPerMinute, violationReason, violationReason, null);
  }

  /// Conditions that hold with any certificate and without one.
  public Conditions(
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute,
      Reason violationReason,
      Reason expiryReason) {
    this(expiresAt, networks, requestsPerMinute, violationReason, expiryReason, null);
  }

  /// Why the request does not meet the conditions at that instant; null when it does.
  Outcome.@Nullable Rejected violationBy(AuthRequest request, Instant now) {
    if (expiresAt != null && !now.isBefore(expiresAt)) {
      return new Outcome.Rejected(expiryReason, UNIFORM_DETAIL, "the credential expired at " + expiresAt);
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
