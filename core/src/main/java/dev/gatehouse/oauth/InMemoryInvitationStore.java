package dev.gatehouse.oauth;

import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Invitations in memory, for tests and for short-lived programs. Nothing survives the process.
/// Thread-safe; a call waits only for other calls to stores with the same feed.
public final class InMemoryInvitationStore implements InvitationStore {

  private record Kept(Invitation invitation, Digest digest) {}

  private final InMemoryRevocationFeed feed;
  private final TreeMap<String, Kept> byId = new TreeMap<>();

  /// An empty store. The lock of that feed guards it.
  public InMemoryInvitationStore(InMemoryRevocationFeed feed) {
    this.feed = feed;
  }

  @Override
  public void add(Invitation invitation, Digest digest) {
    feed.change(
        change -> {
          if (byId.containsKey(invitation.id()) || find(digest).isPresent()) {
            throw new IllegalArgumentException(
                "the invitation '" + invitation.id() + "' is stored already");
          }
          byId.put(invitation.id(), new Kept(stored(invitation), digest));
          return invitation.id();
        });
  }

  @Override
  public Optional<Invitation> byDigest(Digest digest) {
    return feed.read(() -> find(digest).map(Kept::invitation));
  }

  @Override
  public List<Invitation> list(@Nullable String afterId, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("a page has at least one invitation, not " + limit);
    }
    return feed.read(
        () ->
            (afterId == null ? byId : byId.tailMap(afterId, false))
                .values().stream().limit(limit).map(Kept::invitation).toList());
  }

  @Override
  public boolean withdraw(String id) {
    return feed.change(
        change -> {
          Kept kept = byId.get(id);
          if (kept == null || kept.invitation().acceptedAt() != null) {
            return false;
          }
          byId.remove(id);
          return true;
        });
  }

  @Override
  public void purgeEndedBefore(Instant instant) {
    Instant before = instant.truncatedTo(ChronoUnit.MILLIS);
    feed.read(() -> byId.values().removeIf(kept -> kept.invitation().expiresAt().isBefore(before)));
  }

  /// Whether an invitation with that digest is valid at that time. The caller must hold the feed's
  /// lock.
  boolean isValid(Digest digest, Instant now) {
    return find(digest).filter(kept -> kept.invitation().isValid(now)).isPresent();
  }

  /// Marks the invitation with that digest as accepted. The caller must hold the feed's lock.
  void spend(Digest digest, Instant now, String account) {
    Kept kept = find(digest).orElseThrow();
    byId.put(
        kept.invitation().id(), new Kept(stored(kept.invitation().accepted(now, account)), digest));
  }

  private Optional<Kept> find(Digest digest) {
    return byId.values().stream().filter(kept -> kept.digest().equals(digest)).findFirst();
  }

  /// Returns a copy with the times in milliseconds.
  private static Invitation stored(Invitation invitation) {
    Instant acceptedAt = invitation.acceptedAt();
    return new Invitation(
        invitation.id(),
        invitation.email(),
        invitation.roles(),
        invitation.scopes(),
        invitation.createdAt().truncatedTo(ChronoUnit.MILLIS),
        invitation.expiresAt().truncatedTo(ChronoUnit.MILLIS),
        acceptedAt == null ? null : acceptedAt.truncatedTo(ChronoUnit.MILLIS),
        invitation.account());
  }
}
