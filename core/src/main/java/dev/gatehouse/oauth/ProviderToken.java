package dev.gatehouse.oauth;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The tokens that a provider issued to act for a person there. Immutable; the text form contains
/// no token.
///
/// @param scopes the scopes that the provider granted
/// @param expiresAt when the access token expires; null: the provider did not say
public record ProviderToken(
    String accessToken,
    @Nullable String refreshToken,
    SortedSet<String> scopes,
    @Nullable Instant expiresAt) {

  /// Copies the set.
  public ProviderToken {
    scopes = Collections.unmodifiableSortedSet(new TreeSet<>(scopes));
  }

  @Override
  public String toString() {
    return "ProviderToken[…]";
  }
}
