package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import java.time.Duration;

/// The tokens that a client gets. They are shown here and never again.
///
/// @param expiresIn how long the access token is valid, in whole seconds
/// @param scopes the scopes of the access token
public record TokenPair(
    String accessToken, String refreshToken, Duration expiresIn, Scopes scopes) {

  @Override
  public String toString() {
    return "TokenPair[…]";
  }
}
