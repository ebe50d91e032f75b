package dev.gatehouse.jwt;

import dev.gatehouse.secret.Digest;
import java.time.Instant;

/// A refresh token as it is stored. Immutable.
///
/// @param digest the digest of the token, which itself is stored nowhere
/// @param family the id of its family
/// @param expiresAt the first instant at which it is refused
public record StoredRefreshToken(Digest digest, String family, Instant expiresAt) {}
