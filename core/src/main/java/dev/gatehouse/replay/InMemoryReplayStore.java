package dev.gatehouse.replay;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// Uses in memory: for tests, and for a program that may accept a signature once more after it was
/// started anew.
public final class InMemoryReplayStore implements ReplayStore {

  private final Limits limits;
  private final Map<Digest, Use> uses = new HashMap<>();
  private final Map<String, Integer> held = new HashMap<>();
  private final Map<Kind, Instant> horizons = new EnumMap<>(Kind.class);

  /// Keeps no more uses than that, and of one holder no more than half of them.
  public InMemoryReplayStore(int maxUses) {
    this(Limits.of(maxUses));
  }

  /// Keeps no more uses than that.
  public InMemoryReplayStore(Limits limits) {
    this.limits = limits;
  }

  @Override
  public synchronized Recorded record(Use use) {
    if (uses.containsKey(use.digest())) {
      return new Recorded.Again();
    }
    Instant horizon = horizons.get(use.kind());
    if (horizon != null && !use.time().isAfter(horizon)) {
      return new Recorded.BeforeHorizon(horizon);
    }
    if (uses.size() >= limits.all()) {
      return new Recorded.Full();
    }
    if (limits.isShareTaken(held.getOrDefault(use.holder(), 0), uses.size())) {
      return new Recorded.ShareTaken();
    }
    uses.put(use.digest(), use);
    held.merge(use.holder(), 1, Integer::sum);
    return new Recorded.First();
  }

  /// The same as [#record]: nothing of this record outlives the process.
  @Override
  public Recorded reserve(Use use) {
    return record(use);
  }

  @Override
  public void confirm(Use use) {
    // It is on record already, for as long as this process lives.
  }

  @Override
  public synchronized void release(Use use) {
    if (uses.remove(use.digest(), use)) {
      giveBack(use);
    }
  }

  @Override
  public synchronized void purge(Instant now, Instant untimed) {
    for (Iterator<Use> all = uses.values().iterator(); all.hasNext(); ) {
      Use use = all.next();
      if (use.until().isBefore(now)
          && (use.kind() != Kind.UNTIMED_EVENT || use.until().isBefore(untimed))) {
        all.remove();
        giveBack(use);
        horizons.merge(use.kind(), use.horizon(), (one, other) -> one.isAfter(other) ? one : other);
      }
    }
  }

  private void giveBack(Use use) {
    held.computeIfPresent(use.holder(), (holder, count) -> count == 1 ? null : count - 1);
  }
}
