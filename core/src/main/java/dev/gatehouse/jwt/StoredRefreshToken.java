package dev.gatehouse.jwt;

import dev.gatehouse.secret.Digest;
import java.time.Instant;

/// A refresh token as it is stored.
///
/// @param digest of the token, which nobody keeps
/// @param expiresAt the first instant at which it is refused
public record StoredRefreshToken(Digest digest, String family, Instant expiresAt) {}
