package dev.gatehouse.apikey;

import dev.gatehouse.Network;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An API key as it is stored: everything but the secret.
///
/// @param id public: audit records, logs and the upstream name the key by it
/// @param digest SHA-256 of the whole key, which is also the look-up key
/// @param hint the prefix and the first characters, by which a person recognises the key
/// @param owner the id of the account that it acts for
/// @param scopes at most these of the owner's
/// @param expiresAt the first instant at which the key is refused; null: never
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
/// @param lastUsedAt accurate to about a minute; null: never used
/// @param revokedAt null: not revoked
/// @param successor the id of the key that replaced this one; null: none
/// @param origin the id of the key with which its rotations began; null: it replaced none
public record StoredApiKey(
    String id,
    Digest digest,
    String hint,
    String owner,
    String name,
    Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute,
    Instant createdAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt,
    @Nullable String successor,
    @Nullable String origin) {

  /// What a proof by this key rests on, and a token that was obtained with it. During an overlap
  /// its owner holds several keys that replaced each other: they count as one.
  RootCredential root() {
    return RootCredential.ofSecret(origin == null ? id : origin);
  }
}
