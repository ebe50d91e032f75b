package dev.gatehouse.server.assembly;

import dev.gatehouse.Principal;
import dev.gatehouse.server.listen.Arrival;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Which [ConfiguredParts] are in force. What lasts asks here each time, and keeps no configured
/// part: listeners for each request, chores for each round. Thread-safe.
final class Current {

  private volatile @Nullable ConfiguredParts inForce;

  /// The parts in force. Throws [NullPointerException] before there are any.
  ConfiguredParts get() {
    return Objects.requireNonNull(inForce, "no configuration is in force yet");
  }

  /// Puts other parts in force: each request that arrives from now on is theirs. Requests that have
  /// begun stay with the parts before. Does not block.
  ///
  /// @return the parts before; null: there were none
  @Nullable ConfiguredParts replace(ConfiguredParts next) {
    ConfiguredParts before = inForce;
    inForce = next;
    return before;
  }

  /// Handlers for the main listener: each event loop gets one, which hands every request to the
  /// gateway that is in force when the request arrives.
  Supplier<Arrival.Handler> gatewayHandlers() {
    return OnEventLoop::new;
  }

  /// The handler of the admin listener.
  Arrival.Handler adminHandler() {
    return arrival -> get().adminListener().handle(arrival);
  }

  /// Tells each store of credentials when its own were last used: see
  /// [dev.gatehouse.usage.UsageWriter]. What one of them can't write keeps none of the others from
  /// writing; then the first failure is thrown.
  void touch(Map<String, Instant> lastUsed) {
    RuntimeException first = null;
    for (Consumer<Map<String, Instant>> store : get().methods().touched()) {
      try {
        store.accept(lastUsed);
      } catch (RuntimeException failed) {
        first = first == null ? failed : first;
      }
    }
    if (first != null) {
      throw first;
    }
  }

  /// Whether the caller's credential comes and goes: rows for each of these would fill the store,
  /// so their uses are counted for the owner only.
  boolean comesAndGoes(Principal principal) {
    return get().methods().comesAndGoes(principal);
  }

  /// Belongs to one event loop.
  private final class OnEventLoop implements Arrival.Handler {

    private ConfiguredParts seen = get();
    private Arrival.Handler handler = seen.gateway().get();

    @Override
    public void handle(Arrival arrival) {
      ConfiguredParts now = get();
      if (now != seen) {
        handler = now.gateway().get();
        seen = now;
      }
      handler.handle(arrival);
    }
  }
}
