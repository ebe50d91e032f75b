package dev.gatehouse.jwt;

import dev.gatehouse.Outcome;

/// What came of signing in, or of using a refresh token.
public sealed interface TokenPairIssuance {

  /// A pair of tokens; a refresh token that was used for it is spent.
  record Issued(TokenPair pair) implements TokenPairIssuance {}

  /// None, and nothing began. Unless it says that a refresh token was used twice, nothing ended
  /// either.
  record Rejected(Outcome.Rejected rejection) implements TokenPairIssuance {}
}
