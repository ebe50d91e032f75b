package dev.gatehouse.hmac;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/// Uses in memory: for tests, and for a program that may accept a signature once more after it was
/// started anew.
public final class InMemoryUsedSignatures implements UsedSignatures {

  private final int maxUses;
  private final Map<Digest, Use> uses = new HashMap<>();
  private final Map<Kind, Instant> horizons = new EnumMap<>(Kind.class);

  /// Keeps no more uses than that.
  public InMemoryUsedSignatures(int maxUses) {
    this.maxUses = maxUses;
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
    if (uses.size() >= maxUses) {
      return new Recorded.Full();
    }
    uses.put(use.digest(), use);
    return new Recorded.First();
  }

  @Override
  public synchronized void purge(Instant now) {
    for (Iterator<Use> all = uses.values().iterator(); all.hasNext(); ) {
      Use use = all.next();
      if (use.until().isBefore(now)) {
        all.remove();
        horizons.merge(use.kind(), use.horizon(), (one, other) -> one.isAfter(other) ? one : other);
      }
    }
  }
}
