package dev.gatehouse.mtls;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What is trusted now, while CAs and lists of revoked certificates are read again. Thread-safe.
///
/// What was accepted under an earlier trust is forgotten: memory is keyed by the generation, and
/// open streams are asked again.
public final class CurrentClientTrust {

  // No credential has such an id.
  private static final String RELOAD_ENTRY = "mtls:trust";

  /// A trust, and how many came before it.
  record State(ClientTrust trust, long generation) {}

  private final AtomicReference<State> state;
  private volatile @Nullable Revocations revocations;

  /// Trusts that, for now.
  public CurrentClientTrust(ClientTrust first) {
    this.state = new AtomicReference<>(new State(first, 0));
  }

  /// Tells what is remembered there, from now on, when the trust changes.
  public void notifyOnChange(Revocations remembering) {
    remembering.forgetAllOn(entry -> entry.name().equals(RELOAD_ENTRY));
    revocations = remembering;
  }

  State state() {
    return state.get();
  }

  /// What is trusted now.
  public ClientTrust current() {
    return state.get().trust();
  }

  /// How many trusts came before the one that is in force now.
  public long generation() {
    return state.get().generation();
  }

  /// Trusts that from now on: nothing that was accepted before counts any more.
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
