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

/// Issues, rotates and revokes API keys. Thread-safe; every call may block.
public final class ApiKeys extends Credentials<StoredApiKey> {

  private final ApiKeySettings settings;
  private final ApiKeyStore store;
  private final Clock clock;

  /// Keeps keys in that store.
  public ApiKeys(ApiKeySettings settings, ApiKeyStore store, Accounts accounts, Clock clock) {
    super(StoredApiKey.KIND, store, accounts, clock);
    this.settings = settings;
    this.store = store;
    this.clock = clock;
  }

  /// Issues a key with a new secret of 256 random bits.
  public CredentialIssuance<StoredApiKey> issue(CredentialRequest request) {
    return issue(request, this::made);
  }

  /// Issues a successor with another secret, and with the same owner, scopes, networks and rate;
  /// the key itself works on for the overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: as long after now as the key's own life was
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

  /// What the key of that id stands for now, for the holder of a token that was issued on its
  /// strength; empty when there is none or it was revoked.
  public Optional<ParentCredential> standing(String id) {
    return store
        .byId(id)
        .filter(owned -> owned.credential().revokedAt() == null)
        .map(owned -> owned.standing(StoredApiKey.root(owned.credential())));
  }

  /// Whether this text is a key that would be accepted now, from wherever it may be used.
  public boolean isValid(String text) {
    return PresentedApiKey.parse(text, settings.prefix())
        .flatMap(key -> store.byDigest(key.digest()))
        .filter(owned -> owned.isValid(clock.instant()))
        .isPresent();
  }
}
