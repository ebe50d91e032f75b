package dev.gatehouse.oauth;

import java.time.Instant;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What a provider issued to act for a person there. It has no text form.
///
/// @param scopes that the provider granted
/// @param expiresAt of the access token; null: the provider did not say
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
