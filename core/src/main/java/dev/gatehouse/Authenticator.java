package dev.gatehouse;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One method of authenticating a caller. The [Gate] has at most one authenticator for each
/// [Method].
///
/// An authenticator finds the credential of its method in a request ([#find]). The credential that
/// it returns verifies itself ([Presented.Credential#verify]). An implementation must be
/// thread-safe. No method of this interface may block or ask a store; only verifying may.
public interface Authenticator {

  /// The method that this authenticator implements.
  Method method();

  /// The header fields that carry credentials of this method, other than `Authorization` and
  /// `Cookie`. These fields are for the gate only, so no server forwards them.
  Set<String> fields();

  /// The `Authorization` schemes of this method (RFC 9110 §11.1).
  Set<String> schemes();

  /// Rejects a request that has a credential of this method in a place where no credential may be,
  /// such as the URL. The gate asks this on every route, also on open ones. Parses only.
  ///
  /// @return null if there is no such credential
  Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request);

  /// Finds the credential of this method in the request. Parses only: does not verify it, asks no
  /// store and never blocks.
  ///
  /// @param policy the policy of the route that the request is for
  /// @return [Presented.None] if there is no credential of this method, and [Presented.Malformed]
  ///   if what is there cannot be one
  Presented find(AuthRequest request, Policy policy);

  /// The challenge in a 401 of a route that accepts this method (RFC 9110 §11.6.1).
  ///
  /// @param rejected why this method's credential was rejected; null if it was not
  Challenge challenge(@Nullable Reason rejected);

  /// As [#challenge(Reason)], for a method whose challenge depends on the request.
  default Challenge challenge(AuthRequest request, @Nullable Reason rejected) {
    return challenge(rejected);
  }

  /// Further header fields that accompany the challenge.
  ///
  /// @param policy the policy of the route that was requested
  default Map<String, String> challengeFields(Policy policy) {
    return Map.of();
  }

  /// The challenge in a 403 for a valid credential of this method that lacks a scope; empty if the
  /// method has no such challenge.
  ///
  /// @param required the scopes that the request needs; null if no scope would be enough
  default Optional<Challenge> insufficientScope(@Nullable Scopes required) {
    return Optional.empty();
  }
}
