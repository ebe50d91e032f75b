package dev.gatehouse.credential;

import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Credentials of one kind in memory, for tests and for programs with few callers. Nothing survives
/// the process. Thread-safe; a call waits only for other calls to stores with the same feed.
///
/// @param <M> the material: see [CredentialKind]
public class InMemoryCredentialStore<M> implements CredentialStore<M> {

  private final CredentialKind<M> kind;
  private final InMemoryAccountStore accounts;
  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, IssuedCredential<M>> byId = new TreeMap<>();
  private final Map<Object, String> idsByUniqueValue = new HashMap<>();

  /// An empty store whose credentials belong to those accounts. It writes to their feed.
  public InMemoryCredentialStore(CredentialKind<M> kind, InMemoryAccountStore accounts) {
    this.kind = kind;
    this.accounts = accounts;
    this.feed = accounts.feed();
  }

  @Override
  public final void add(IssuedCredential<M> credential) {
    feed.change(
        change -> {
          checkNew(credential);
          put(credential);
          forgetSharedName(change, credential);
          return credential.id();
        });
  }

  @Override
  public final Optional<OwnedCredential<M>> byId(String id) {
    return feed.read(() -> Optional.ofNullable(byId.get(id)).map(this::owned));
  }

  @Override
  public final List<IssuedCredential<M>> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one credential, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream()
                    .filter(credential -> owner == null || owner.equals(credential.owner()))
                    .limit(limit)
                    .toList());
  }

  /// Returns all credentials that match, with their owners, in the order of their ids. Reads all
  /// credentials.
  protected final List<OwnedCredential<M>> find(Predicate<IssuedCredential<M>> fits) {
    return feed.read(() -> byId.values().stream().filter(fits).map(this::owned).toList());
  }

  /// Returns the credential that has that value now, with its owner.
  ///
  /// @param value see [CredentialKind#uniqueValue]
  protected final Optional<OwnedCredential<M>> findUnique(Object value) {
    return feed.read(
        () -> Optional.ofNullable(idsByUniqueValue.get(value)).map(byId::get).map(this::owned));
  }

  @Override
  public final boolean revoke(String id, Instant at) {
    return feed.change(
        change -> {
          IssuedCredential<M> revoked = byId.get(id);
          if (revoked == null || revoked.revokedAt() != null) {
            return false;
          }
          for (IssuedCredential<M> each : revokedWith(revoked)) {
            put(each.revoked(at));
            change.forget(FeedEntry.Kind.CREDENTIAL, each.id());
          }
          forgetSharedName(change, revoked);
          return true;
        });
  }

  private List<IssuedCredential<M>> revokedWith(IssuedCredential<M> revoked) {
    String shared = kind.sharedName(revoked.material());
    return shared == null
        ? List.of(revoked)
        : byId.values().stream()
            .filter(each -> each.revokedAt() == null)
            .filter(each -> shared.equals(kind.sharedName(each.material())))
            .toList();
  }

  @Override
  public final boolean rotate(String id, Instant endsAt, IssuedCredential<M> successor) {
    return feed.change(
        change -> {
          IssuedCredential<M> old = byId.get(id);
          if (old == null || old.revokedAt() != null || old.successor() != null) {
            return false;
          }
          checkNew(successor);
          put(successor);
          put(old.succeededBy(successor.id(), endsAt));
          change.forget(FeedEntry.Kind.CREDENTIAL, id);
          return true;
        });
  }

  @Override
  public final void touch(Map<String, Instant> lastUsed) {
    feed.read(
        () -> {
          lastUsed.forEach(this::touch);
          return lastUsed;
        });
  }

  private void touch(String id, Instant at) {
    IssuedCredential<M> credential = byId.get(id);
    if (credential != null
        && (credential.lastUsedAt() == null || credential.lastUsedAt().isBefore(at))) {
      put(credential.used(at));
    }
  }

  @Override
  public final void purgeEnded(EndedRetention retention) {
    feed.read(
        () -> {
          Instant before =
              retention.forgottenBefore(
                  byId.values().stream().flatMap(one -> Stream.ofNullable(kind.end(one))));
          List<IssuedCredential<M>> over =
              byId.values().stream()
                  .filter(one -> isBefore(kind.end(one), before) && !isSuccessor(one.id()))
                  .toList();
          over.forEach(this::remove);
          return over;
        });
  }

  private static boolean isBefore(@Nullable Instant end, Instant before) {
    return end != null && end.isBefore(before);
  }

  private boolean isSuccessor(String id) {
    return byId.values().stream().anyMatch(one -> id.equals(one.successor()));
  }

  private void remove(IssuedCredential<M> credential) {
    byId.remove(credential.id());
    Object value = kind.uniqueValue(credential);
    if (value != null) {
      idsByUniqueValue.remove(value);
    }
  }

  private void put(IssuedCredential<M> credential) {
    IssuedCredential<M> before = byId.get(credential.id());
    if (before != null) {
      remove(before);
    }
    byId.put(credential.id(), credential);
    Object value = kind.uniqueValue(credential);
    if (value != null) {
      idsByUniqueValue.put(value, credential.id());
    }
  }

  private void checkNew(IssuedCredential<M> credential) {
    if (accounts.byId(credential.owner()).isEmpty()) {
      throw new IllegalArgumentException(
          "no account '" + credential.owner() + "' owns the new " + kind.noun());
    }
    Object value = kind.uniqueValue(credential);
    if (byId.containsKey(credential.id())
        || (value != null && idsByUniqueValue.containsKey(value))) {
      throw new IllegalArgumentException(
          "the " + kind.noun() + " '" + credential.id() + "' is stored already");
    }
  }

  private void forgetSharedName(
      InMemoryRevocationFeed.Change change, IssuedCredential<M> credential) {
    String shared = kind.sharedName(credential.material());
    if (shared != null) {
      change.forget(FeedEntry.Kind.CREDENTIAL, shared);
    }
  }

  private OwnedCredential<M> owned(IssuedCredential<M> credential) {
    return new OwnedCredential<>(credential, accounts.byId(credential.owner()).orElseThrow());
  }
}
