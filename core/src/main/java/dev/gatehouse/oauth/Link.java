package dev.gatehouse.oauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Says whose account an identity at a provider is.
///
/// @param id public: `lnk_` and what is random
/// @param account the id of the person's account
/// @param provider what the configuration called it when somebody last signed in by this link
/// @param label what the person knows the identity by; visible characters only
/// @param lastUsedAt when somebody last signed in by it; null: never
public record Link(
    String id,
    String account,
    String provider,
    String issuer,
    String subject,
    String label,
    Instant createdAt,
    @Nullable Instant lastUsedAt) {

  /// What the ids begin with.
  static final String ID_PREFIX = "lnk_";

  /// This link, after somebody signed in by it.
  Link used(String providerNow, String labelNow, Instant at) {
    return new Link(id, account, providerNow, issuer, subject, labelNow, createdAt, at);
  }
}
