package dev.gatehouse.oauth;

import dev.gatehouse.secret.Seal;
import java.util.Optional;

/// Keeps what providers issued, sealed in the row of its link: it goes when the link goes.
/// Thread-safe; every call may block, and throws [dev.gatehouse.StoreUnavailableException] when the
/// store does not answer.
@SuppressWarnings("DoNotCallSuggester") // until they are written
public final class ProviderTokens {

  /// A token, and the link that it is kept by.
  public record Kept(String link, ProviderToken token) {}

  public ProviderTokens(LinkStore store, Seal seal) {}

  /// Keeps the token in the place of any before; nothing happens when the link is gone.
  public void keep(String linkId, ProviderToken token) {
    throw new UnsupportedOperationException();
  }

  /// What is kept of that provider for the account (its id): of several links, of the one that was
  /// used last.
  public Optional<Kept> of(String account, String provider) {
    throw new UnsupportedOperationException();
  }

  /// Forgets what is kept by that link.
  public void forget(String linkId) {
    throw new UnsupportedOperationException();
  }
}
