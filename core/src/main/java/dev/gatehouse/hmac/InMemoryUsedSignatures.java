package dev.gatehouse.hmac;

import dev.gatehouse.secret.Digest;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/// Uses in memory: for tests, and for a program that may accept a signature once more after it was
/// started anew.
public final class InMemoryUsedSignatures implements UsedSignatures {

  private final int maxUses;
  private final Map<Digest, Instant> untilByUse = new HashMap<>();

  /// Keeps no more uses than that.
  public InMemoryUsedSignatures(int maxUses) {
    this.maxUses = maxUses;
  }

  @Override
  public synchronized Recorded record(Digest use, Instant until) {
    if (untilByUse.containsKey(use)) {
      return Recorded.AGAIN;
    }
    if (untilByUse.size() >= maxUses) {
      return Recorded.FULL;
    }
    untilByUse.put(use, until);
    return Recorded.FIRST;
  }

  @Override
  public synchronized void purge(Instant now) {
    untilByUse.values().removeIf(until -> until.isBefore(now));
  }
}
