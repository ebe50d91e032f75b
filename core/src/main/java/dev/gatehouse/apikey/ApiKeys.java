package dev.gatehouse.apikey;

import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.Credentials;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Issues, rotates and revokes API keys. Thread-safe; every method may block, and throws
/// [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class ApiKeys extends Credentials<StoredApiKey> {

  private final ApiKeySettings settings;
  private final ApiKeyStore store;
  private final Clock clock;

  /// @param store where keys are stored
  /// @param accounts the owners of keys
  public ApiKeys(ApiKeySettings settings, ApiKeyStore store, Accounts accounts, Clock clock) {
    super(StoredApiKey.KIND, store, accounts, clock);
    this.settings = settings;
    this.store = store;
    this.clock = clock;
  }

  /// Issues a key with a new secret of 256 random bits. The secret is returned here only.
  public CredentialIssuance<StoredApiKey> issue(CredentialRequest request) {
    return issue(request, this::made);
  }

  /// Issues a successor with another secret and with the same owner, scopes, networks and rate. The
  /// old key stays valid for the overlap, and then ends.
  ///
  /// @param overlap from 0 to 90 days
  /// @param expiresAt when the successor expires; null: after the time for which the old key was
  ///   issued
  public CredentialIssuance<StoredApiKey> rotate(
      String id, Duration overlap, @Nullable Instant expiresAt) {
    return rotate(id, overlap, expiresAt, (old, draft) -> made(draft));
  }

  private NewMaterial<StoredApiKey> made(Draft draft) {
    PresentedApiKey secret = PresentedApiKey.random(settings.prefix());
    return new NewMaterial.Made<>(
        new StoredApiKey(secret.digest(), secret.hint(settings.prefix())),
        draft.terms(),
        secret.reveal());
  }

  /// Returns the current state of the key of that id, for a token that was issued for it; empty if
  /// there is no such key or it was revoked.
  public Optional<ParentCredential> standing(String id) {
    return store
        .byId(id)
        .filter(owned -> owned.credential().revokedAt() == null)
        .map(owned -> owned.standing(StoredApiKey.root(owned.credential())));
  }

  /// Whether this text is a key that would be accepted now. Does not check networks and rate.
  public boolean isValid(String text) {
    return PresentedApiKey.parse(text, settings.prefix())
        .flatMap(key -> store.byDigest(key.digest()))
        .filter(owned -> owned.isValid(clock.instant()))
        .isPresent();
  }
}
