package dev.gatehouse.apikey;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.CredentialTerms;
import dev.gatehouse.account.Standing;
import dev.gatehouse.secret.RandomIds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Issues, rotates and revokes API keys. Thread-safe; every call may block.
public final class ApiKeys {

  /// How long two keys work side by side when a rotation says nothing else.
  public static final Duration DEFAULT_OVERLAP = CredentialTerms.DEFAULT_OVERLAP;

  private static final String ID_PREFIX = "k_";

  /// What a new key shall be.
  ///
  /// @param owner name or id of the account that it acts for
  /// @param scopes at most the owner's; null: all that the owner has now
  public record Request(
      String owner,
      String name,
      @Nullable Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute) {}

  /// What came of it.
  public sealed interface Issuance {

    /// The key exists; its secret is shown here and never again.
    record Issued(StoredApiKey key, String secret) implements Issuance {

      @Override
      public String toString() {
        return "Issued[" + key.id() + "]";
      }
    }

    /// No key was made.
    record Refused(String why) implements Issuance {}

    /// There is no such key.
    record NotFound() implements Issuance {}
  }

  private final ApiKeySettings settings;
  private final ApiKeyStore store;
  private final Accounts accounts;
  private final Clock clock;

  /// Keeps keys in that store.
  public ApiKeys(ApiKeySettings settings, ApiKeyStore store, Accounts accounts, Clock clock) {
    this.settings = settings;
    this.store = store;
    this.accounts = accounts;
    this.clock = clock;
  }

  /// Issues a key.
  public Issuance issue(Request request) {
    Optional<Account> owner = accounts.find(request.owner());
    if (owner.isEmpty()) {
      return new Issuance.Refused("there is no account '" + request.owner() + "'");
    }
    Scopes granted = accounts.scopesOf(owner.get());
    CredentialTerms terms =
        new CredentialTerms(
            request.name(),
            request.scopes() == null ? granted : request.scopes(),
            request.expiresAt(),
            request.networks(),
            request.requestsPerMinute());
    Optional<String> wrong = terms.wrongFor(owner.get(), granted, clock.instant());
    if (wrong.isPresent()) {
      return new Issuance.Refused(wrong.get());
    }
    PresentedApiKey secret = PresentedApiKey.random(settings.prefix());
    StoredApiKey key = stored(secret, owner.get().id(), terms, null);
    store.add(key);
    return new Issuance.Issued(key, secret.reveal());
  }

  /// Issues a successor with the same owner, scopes and limits; the key itself works on for the
  /// overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: as long after now as the key's own life was
  public Issuance rotate(String id, Duration overlap, @Nullable Instant expiresAt) {
    Optional<String> wrongOverlap = CredentialTerms.wrongOverlap(overlap);
    if (wrongOverlap.isPresent()) {
      return new Issuance.Refused(wrongOverlap.get());
    }
    Optional<StoredApiKey> found = store.byId(id);
    if (found.isEmpty()) {
      return new Issuance.NotFound();
    }
    StoredApiKey old = found.get();
    Instant now = now();
    CredentialTerms terms =
        new CredentialTerms(
            old.name(), old.scopes(), old.expiresAt(), old.networks(), old.requestsPerMinute());
    CredentialTerms renewed = terms.renewed(old.createdAt(), expiresAt, now);
    Optional<String> wrong =
        terms
            .wrongSuccession("the key", old.revokedAt(), old.successor(), now)
            .or(() -> renewed.wrongEnd(now));
    if (wrong.isPresent()) {
      return new Issuance.Refused(wrong.get());
    }
    PresentedApiKey secret = PresentedApiKey.random(settings.prefix());
    String origin = old.origin() == null ? id : old.origin();
    StoredApiKey successor = stored(secret, old.owner(), renewed, origin);
    return store.rotate(id, now.plus(overlap), successor)
        ? new Issuance.Issued(successor, secret.reveal())
        : new Issuance.Refused("the key was revoked or replaced just now");
  }

  private StoredApiKey stored(
      PresentedApiKey secret, String owner, CredentialTerms terms, @Nullable String origin) {
    return new StoredApiKey(
        RandomIds.next(ID_PREFIX),
        secret.digest(),
        secret.hint(settings.prefix()),
        owner,
        terms.name(),
        terms.scopes(),
        terms.expiresAt(),
        terms.networks(),
        terms.requestsPerMinute(),
        now(),
        null,
        null,
        null,
        origin);
  }

  /// What the key of that id stands for now, for whoever holds a token that was issued on its
  /// strength; empty when there is none or it was revoked.
  public Optional<Standing> standing(String id) {
    return store
        .byId(id)
        .filter(key -> key.revokedAt() == null)
        .flatMap(
            key ->
                accounts
                    .find(key.owner())
                    .map(
                        owner ->
                            new Standing(
                                key.root(),
                                owner,
                                key.scopes(),
                                key.expiresAt(),
                                key.networks(),
                                key.requestsPerMinute())));
  }

  /// Revokes the key, at once and for good; false when there is none or it was revoked before.
  public boolean revoke(String id) {
    return store.revoke(id, now());
  }

  /// Whether this text is a key that would be accepted now, from wherever it may be used.
  public boolean isGood(String text) {
    return PresentedApiKey.parse(text, settings.prefix())
        .flatMap(key -> store.byDigest(key.digest()))
        .filter(owned -> owned.key().revokedAt() == null && !owned.owner().disabled())
        .filter(
            owned -> {
              Instant end = owned.key().expiresAt();
              return end == null || clock.instant().isBefore(end);
            })
        .isPresent();
  }

  /// The key of that id.
  public Optional<StoredApiKey> find(String id) {
    return store.byId(id);
  }

  /// Up to `limit` keys, of that owner's id or (null) of all, behind that id, in their order.
  public List<StoredApiKey> list(@Nullable String owner, @Nullable String afterId, int limit) {
    return store.list(owner, afterId, limit);
  }

  /// Notes when keys were last used; ids of anything else are passed over.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> keys = new HashMap<>(lastUsed);
    keys.keySet().removeIf(id -> !id.startsWith(ID_PREFIX));
    if (!keys.isEmpty()) {
      store.touch(keys);
    }
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
