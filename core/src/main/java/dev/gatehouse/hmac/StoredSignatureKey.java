package dev.gatehouse.hmac;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A key that requests are signed with, as it is stored.
///
/// @param id public: requests, audit records and the upstream name the key by it
/// @param material the secret, sealed; of a public key its SubjectPublicKeyInfo in Base64
/// @param webhook the name of the webhook whose events it signs, and nothing else; null: requests
/// @param owner the id of the account that it acts for
/// @param hosts that it is good for, in lower case; empty: the gate's own
/// @param scopes at most these of the owner's
/// @param expiresAt the first instant at which the key is refused; null: never
/// @param networks from where it may be used; empty: from anywhere
/// @param requestsPerMinute how often it may be used; null: unlimited
/// @param lastUsedAt accurate to about a minute; null: never used
/// @param revokedAt null: not revoked
/// @param successor the id of the key that replaced this one; null: none
public record StoredSignatureKey(
    String id,
    SignatureAlgorithm algorithm,
    String material,
    @Nullable String webhook,
    String owner,
    String name,
    Set<String> hosts,
    Scopes scopes,
    @Nullable Instant expiresAt,
    List<Network> networks,
    @Nullable Integer requestsPerMinute,
    Instant createdAt,
    @Nullable Instant lastUsedAt,
    @Nullable Instant revokedAt,
    @Nullable String successor) {

  /// Copies the collections.
  public StoredSignatureKey {
    hosts = Set.copyOf(hosts);
    networks = List.copyOf(networks);
  }

  /// Names the key, and nothing of its material.
  @Override
  public String toString() {
    return "StoredSignatureKey[" + id + "]";
  }
}
