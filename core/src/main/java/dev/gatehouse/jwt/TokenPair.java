package dev.gatehouse.jwt;

import java.time.Duration;

/// What a client gets: shown here and never again.
///
/// @param expiresIn for how long the access token is good, in whole seconds
public record TokenPair(String accessToken, String refreshToken, Duration expiresIn) {

  @Override
  public String toString() {
    return "TokenPair[…]";
  }
}
