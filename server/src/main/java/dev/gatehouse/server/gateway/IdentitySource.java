package dev.gatehouse.server.gateway;

import dev.gatehouse.Principal;

/// Makes the token that tells an upstream who is calling. Thread-safe; never blocks.
@FunctionalInterface
public interface IdentitySource {

  /// The value of `Gatehouse-Identity`.
  ///
  /// @param audience the upstream that alone should take it
  String token(Principal principal, String audience);
}
