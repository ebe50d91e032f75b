package dev.gatehouse.jwt;

import dev.gatehouse.Scopes;
import java.time.Duration;

/// What a client gets: shown here and never again.
///
/// @param expiresIn for how long the access token is good, in whole seconds
/// @param scopes what the access token allows
public record TokenPair(
    String accessToken, String refreshToken, Duration expiresIn, Scopes scopes) {

  @Override
  public String toString() {
    return "TokenPair[…]";
  }
}
