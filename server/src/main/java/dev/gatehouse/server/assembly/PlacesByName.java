package dev.gatehouse.server.assembly;

import dev.gatehouse.server.listen.Admissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The places at which requests wait, by what they wait for. They last: a later configuration uses
/// the places of the one before, so that both together have no more. Thread-safe.
final class PlacesByName implements AutoCloseable {

  private final Map<String, Admissions.Places> byName = new ConcurrentHashMap<>();

  /// The places of that name. Their sizes are those with which they were asked for first.
  Admissions.Places of(String name, int maxWaiting, int bodyMemory) {
    return byName.computeIfAbsent(name, first -> new Admissions.Places(maxWaiting, bodyMemory));
  }

  @Override
  public void close() {
    byName.values().forEach(Admissions.Places::close);
  }
}
