package dev.gatehouse.jwt;

import dev.gatehouse.Outcome;

/// What came of using a refresh token.
public sealed interface Refresh {

  /// It was good, and is spent; these take its place.
  record Issued(TokenPair pair) implements Refresh {}

  /// It was not.
  record Rejected(Outcome.Rejected rejection) implements Refresh {}
}
