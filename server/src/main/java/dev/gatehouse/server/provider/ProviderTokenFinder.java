package dev.gatehouse.server.provider;

import dev.gatehouse.oauth.ProviderToken;
import dev.gatehouse.oauth.ProviderTokens;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Finds the access token that a provider issued to act for a person, and refreshes it when it is
/// about to expire. Thread-safe; every call may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
public final class ProviderTokenFinder {

  // An upstream gets no token that expires before it can use it.
  private static final Duration MIN_REMAINING_LIFETIME = Duration.ofSeconds(30);

  private final ProviderTokens tokens;
  private final Map<String, Provider> providers;
  private final Clock clock;

  // The refreshes in progress, by their link. A refresh token may be valid for one use only, so
  // callers that need it at the same time share the answer.
  private final ConcurrentHashMap<String, CompletableFuture<Refreshed>> underWay =
      new ConcurrentHashMap<>();

  // Null: the provider issues none any more.
  private record Refreshed(@Nullable ProviderToken token) {

    @Override
    public String toString() {
      return "Refreshed";
    }
  }

  /// @param providers by what the configuration calls them, of which tokens may be kept
  public ProviderTokenFinder(ProviderTokens tokens, Map<String, Provider> providers, Clock clock) {
    this.tokens = tokens;
    this.providers = Map.copyOf(providers);
    this.clock = clock;
  }

  /// The access token of that provider that is stored for an account (its id). Empty if there is
  /// none, if it lacks one of the scopes, or if it has expired and the provider issues no other. A
  /// token belongs to its issuer: if the provider's name in the configuration now stands for
  /// another issuer, the token is sent neither to the upstream nor to that issuer.
  ///
  /// Throws [ProviderException] if a new token is needed and the provider can't be reached.
  public Optional<String> find(String account, String provider, Collection<String> scopes)
      throws ProviderException {
    Provider known = providers.get(provider);
    if (known == null) {
      return Optional.empty();
    }
    Optional<ProviderTokens.Kept> kept = tokens.of(account, known.issuer());
    if (kept.isEmpty() || !kept.get().token().scopes().containsAll(scopes)) {
      return Optional.empty();
    }
    ProviderToken token = kept.get().token();
    if (isValid(token)) {
      return Optional.of(token.accessToken());
    }
    if (token.refreshToken() == null) {
      return Optional.empty();
    }
    ProviderToken fresh = refreshed(account, known, kept.get().link());
    return fresh == null || !fresh.scopes().containsAll(scopes)
        ? Optional.empty()
        : Optional.of(fresh.accessToken());
  }

  private boolean isValid(ProviderToken token) {
    Instant end = token.expiresAt();
    return end == null || clock.instant().plus(MIN_REMAINING_LIFETIME).isBefore(end);
  }

  private @Nullable ProviderToken refreshed(String account, Provider provider, String link)
      throws ProviderException {
    CompletableFuture<Refreshed> mine = new CompletableFuture<>();
    CompletableFuture<Refreshed> others = underWay.putIfAbsent(link, mine);
    if (others != null) {
      try {
        return others.join().token;
      } catch (CompletionException failed) {
        throw ProviderException.unavailable("another token could not be obtained", failed);
      }
    }
    try {
      Refreshed refreshed = new Refreshed(refresh(account, provider, link));
      mine.complete(refreshed);
      return refreshed.token;
    } catch (ProviderException | RuntimeException failed) {
      mine.completeExceptionally(failed);
      throw failed;
    } finally {
      underWay.remove(link, mine);
    }
  }

  private @Nullable ProviderToken refresh(String account, Provider provider, String link)
      throws ProviderException {
    // Another caller may have refreshed the token just before.
    ProviderTokens.Kept kept = kept(account, provider, link);
    if (kept == null || isValid(kept.token())) {
      return kept == null ? null : kept.token();
    }
    ProviderToken fresh = null;
    try {
      fresh = provider.refresh(kept.token());
    } catch (ProviderException refused) {
      if (refused.kind() == ProviderException.Kind.UNAVAILABLE) {
        throw refused;
      }
      // The token is removed: the person signs in again.
    }
    if (tokens.replace(kept, provider.issuer(), fresh)) {
      return fresh;
    }
    // The person signed in anew while the provider was asked, or unlinked it.
    ProviderTokens.Kept newer = kept(account, provider, link);
    return newer != null && isValid(newer.token()) ? newer.token() : null;
  }

  private ProviderTokens.@Nullable Kept kept(String account, Provider provider, String link) {
    return tokens
        .of(account, provider.issuer())
        .filter(kept -> kept.link().equals(link))
        .orElse(null);
  }
}
