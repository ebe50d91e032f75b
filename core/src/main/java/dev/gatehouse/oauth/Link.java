package dev.gatehouse.oauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A link between an account and an identity at a provider. Immutable.
///
/// @param id public: `lnk_` and random characters
/// @param account the id of the person's account
/// @param provider the name of the provider in the configuration, when somebody last signed in by
///   this link
/// @param label the name by which the person knows the identity; visible characters only
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

  /// The prefix of the ids of links.
  static final String ID_PREFIX = "lnk_";

  /// Returns this link after a sign-in.
  Link used(String providerNow, String labelNow, Instant at) {
    return new Link(id, account, providerNow, issuer, subject, labelNow, createdAt, at);
  }
}
