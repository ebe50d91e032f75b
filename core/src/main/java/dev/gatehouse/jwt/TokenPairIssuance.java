package dev.gatehouse.jwt;

import dev.gatehouse.Outcome;

/// The result of a sign-in for tokens, or of using a refresh token.
public sealed interface TokenPairIssuance {

  /// A pair of tokens. If a refresh token was used for it, that token is spent.
  record Issued(TokenPair pair) implements TokenPairIssuance {}

  /// No token was issued, and nothing changed, except when the cause is that a refresh token was
  /// used twice: then the family was revoked.
  record Rejected(Outcome.Rejected rejection) implements TokenPairIssuance {}
}
