package dev.gatehouse.oauth;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Denials in memory, for tests and for programs that do not store any. Nothing survives the
/// process. Thread-safe; a call waits only for other calls to stores with the same feed.
public final class InMemoryDeniedTokenStore implements DeniedTokenStore {

  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, DeniedToken> byId = new TreeMap<>();

  /// An empty store that writes to that feed.
  public InMemoryDeniedTokenStore(InMemoryRevocationFeed feed) {
    this.feed = feed;
  }

  @Override
  public void add(DeniedToken denied) {
    feed.change(
        change -> {
          if (byId.containsKey(denied.id())) {
            throw new IllegalArgumentException("the id " + denied.id() + " is taken");
          }
          byId.put(denied.id(), denied);
          change.forget(FeedEntry.Kind.CREDENTIAL, denied.id());
          return denied.id();
        });
  }

  @Override
  public Optional<DeniedToken> denying(
      String issuer, String subject, @Nullable String tokenId, Instant now) {
    return feed.read(
        () ->
            byId.values().stream()
                .filter(
                    denied ->
                        denied.holdsAt(now)
                            && denied.issuer().equals(issuer)
                            && (subject.equals(denied.subject())
                                || (tokenId != null && tokenId.equals(denied.tokenId()))))
                .findFirst());
  }

  @Override
  public List<DeniedToken> list(@Nullable String afterId, int limit) {
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream().limit(limit).toList());
  }

  @Override
  public boolean remove(String id) {
    return feed.read(() -> byId.remove(id) != null);
  }

  @Override
  public void purge(Instant now) {
    feed.read(() -> byId.values().removeIf(denied -> !denied.holdsAt(now)));
  }
}
