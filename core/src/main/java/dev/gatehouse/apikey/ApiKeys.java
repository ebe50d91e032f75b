package dev.gatehouse.apikey;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
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
  public static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  private static final Duration MAX_OVERLAP = Duration.ofDays(90);
  private static final Instant LATEST_END = Instant.parse("9999-12-31T23:59:59Z");
  private static final String ID_PREFIX = "k_";
  private static final int MAX_NAME = 100;
  private static final int MAX_NETWORKS = 64;
  private static final int MAX_PER_MINUTE = 10_000_000;

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
    Scopes scopes = request.scopes() == null ? granted : request.scopes();
    Optional<String> wrong = wrongWith(request, owner.get(), scopes, granted);
    if (wrong.isPresent()) {
      return new Issuance.Refused(wrong.get());
    }
    PresentedApiKey secret = PresentedApiKey.random(settings.prefix());
    StoredApiKey key =
        new StoredApiKey(
            RandomIds.next(ID_PREFIX),
            secret.digest(),
            secret.hint(settings.prefix()),
            owner.get().id(),
            request.name(),
            scopes,
            request.expiresAt() == null ? null : request.expiresAt().truncatedTo(ChronoUnit.MILLIS),
            request.networks(),
            request.requestsPerMinute(),
            now(),
            null,
            null,
            null);
    store.add(key);
    return new Issuance.Issued(key, secret.reveal());
  }

  /// Issues a successor with the same owner, scopes and limits; the key itself works on for the
  /// overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: as long after now as the key's own life was
  public Issuance rotate(String id, Duration overlap, @Nullable Instant expiresAt) {
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      return new Issuance.Refused("an overlap lasts from 0 to " + MAX_OVERLAP.toDays() + " days");
    }
    Optional<StoredApiKey> found = store.byId(id);
    if (found.isEmpty()) {
      return new Issuance.NotFound();
    }
    StoredApiKey old = found.get();
    Instant now = now();
    if (old.expiresAt() != null && !now.isBefore(old.expiresAt())) {
      return new Issuance.Refused("the key expired at " + old.expiresAt() + "; issue a new one");
    }
    Optional<String> wrongEnd = wrongWith(expiresAt);
    if (wrongEnd.isPresent()) {
      return new Issuance.Refused(wrongEnd.get());
    }
    PresentedApiKey secret = PresentedApiKey.random(settings.prefix());
    StoredApiKey successor =
        new StoredApiKey(
            RandomIds.next(ID_PREFIX),
            secret.digest(),
            secret.hint(settings.prefix()),
            old.owner(),
            old.name(),
            old.scopes(),
            expiresAt == null ? sameLifeAs(old, now) : expiresAt.truncatedTo(ChronoUnit.MILLIS),
            old.networks(),
            old.requestsPerMinute(),
            now,
            null,
            null,
            null);
    return store.rotate(id, now.plus(overlap), successor)
        ? new Issuance.Issued(successor, secret.reveal())
        : new Issuance.Refused("the key is revoked, or has a successor already");
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

  private Optional<String> wrongWith(
      Request request, Account owner, Scopes scopes, Scopes granted) {
    if (owner.disabled()) {
      return Optional.of("the account '" + owner.name() + "' is disabled");
    }
    if (request.name().isBlank()
        || request.name().length() > MAX_NAME
        || request.name().chars().anyMatch(Character::isISOControl)) {
      return Optional.of("a key's name has 1 to " + MAX_NAME + " characters");
    }
    if (!granted.containsAll(scopes)) {
      return Optional.of(
          "'" + owner.name() + "' has not the scope " + scopes.minus(granted) + " itself");
    }
    Optional<String> wrongEnd = wrongWith(request.expiresAt());
    if (wrongEnd.isPresent()) {
      return wrongEnd;
    }
    if (request.networks().size() > MAX_NETWORKS) {
      return Optional.of("a key has at most " + MAX_NETWORKS + " networks");
    }
    Integer perMinute = request.requestsPerMinute();
    if (perMinute != null && (perMinute < 1 || perMinute > MAX_PER_MINUTE)) {
      return Optional.of("a rate limit is 1 to " + MAX_PER_MINUTE + " requests a minute");
    }
    return Optional.empty();
  }

  private Optional<String> wrongWith(@Nullable Instant expiresAt) {
    if (expiresAt == null) {
      return Optional.empty();
    }
    if (!expiresAt.truncatedTo(ChronoUnit.MILLIS).isAfter(clock.instant())) {
      return Optional.of("the expiry lies in the past");
    }
    return expiresAt.isAfter(LATEST_END)
        ? Optional.of("the expiry lies behind the year 9999")
        : Optional.empty();
  }

  private static @Nullable Instant sameLifeAs(StoredApiKey old, Instant now) {
    Instant end = old.expiresAt();
    if (end == null) {
      return null;
    }
    Instant later = now.plus(Duration.between(old.createdAt(), end));
    return later.isAfter(LATEST_END) ? LATEST_END : later;
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
