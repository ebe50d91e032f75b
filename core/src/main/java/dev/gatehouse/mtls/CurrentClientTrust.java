package dev.gatehouse.mtls;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Holds the [ClientTrust] that is in force. It is replaced when CAs or lists of revoked
/// certificates are read again.
///
/// A replacement invalidates everything that was accepted before: remembered results contain the
/// generation, and open streams are checked again. Thread-safe; does not block.
public final class CurrentClientTrust {

  // The name of a feed entry. It is not the id of a credential.
  private static final String RELOAD_ENTRY = "mtls:trust";

  /// A trust, and how many trusts were in force before it.
  record State(ClientTrust trust, long generation) {}

  private final AtomicReference<State> state;
  private volatile @Nullable Revocations revocations;

  /// Starts with this trust, as generation 0.
  public CurrentClientTrust(ClientTrust first) {
    this.state = new AtomicReference<>(new State(first, 0));
  }

  /// Registers the memory of accepted credentials. From now on, [#replace] makes it forget
  /// everything. A second call replaces the first.
  public void notifyOnChange(Revocations remembering) {
    remembering.forgetAllOn(entry -> entry.name().equals(RELOAD_ENTRY));
    revocations = remembering;
  }

  State state() {
    return state.get();
  }

  /// The trust that is in force.
  public ClientTrust current() {
    return state.get().trust();
  }

  /// The generation of the trust in force: how many trusts were in force before it.
  public long generation() {
    return state.get().generation();
  }

  /// Puts a new trust in force. Everything that was accepted before must be verified again.
  ///
  /// @param at the time of the change
  public void replace(ClientTrust next, Instant at) {
    state.updateAndGet(before -> new State(next, before.generation() + 1));
    Revocations remembering = revocations;
    if (remembering != null) {
      remembering.hear(new FeedEntry(0, FeedEntry.Kind.CREDENTIAL, RELOAD_ENTRY, at));
    }
  }

  @Override
  public String toString() {
    return "CurrentClientTrust[" + state.get() + "]";
  }
}
