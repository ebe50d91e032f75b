package dev.gatehouse;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One method of proving who calls. Thread-safe.
public interface Authenticator {

  /// The method that this is.
  Method method();

  /// The header fields, beside `Authorization` and the cookie, in which its credentials stand. They
  /// are for the gate alone: no server passes them on.
  Set<String> fields();

  /// The schemes of `Authorization` that are its own (RFC 9110 §11.1).
  Set<String> schemes();

  /// Why the request is refused on every route, open ones too: it shows a credential of this method
  /// where none may stand, as in a URL; null when it does not. Parses only.
  Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request);

  /// What the request holds of this method. Parses only: asks no store and never blocks.
  ///
  /// @param policy of the route that it is for
  Presented find(AuthRequest request, Policy policy);

  /// The challenge for a 401 on a route that takes this method (RFC 9110 §11.6.1).
  ///
  /// @param rejected why the request was refused; null when it held no credential
  Challenge challenge(@Nullable Reason rejected);

  /// The same, where it says something of the request's own.
  default Challenge challenge(AuthRequest request, @Nullable Reason rejected) {
    return challenge(rejected);
  }

  /// The header fields that go with the challenge and say more of it.
  ///
  /// @param policy of the route that was asked for
  default Map<String, String> challengeFields(Policy policy) {
    return Map.of();
  }

  /// The challenge for a 403: a good credential of this method lacks a scope. Empty where the
  /// method has none for that.
  ///
  /// @param required null when no scope would do
  default Optional<Challenge> insufficientScope(@Nullable Scopes required) {
    return Optional.empty();
  }
}
