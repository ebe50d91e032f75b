package dev.gatehouse.server.gateway;

import dev.gatehouse.FailureText;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import dev.gatehouse.StoreUnavailableException;
import java.util.Optional;

/// Every key that signs identity tokens and that this process knows was revoked. Waits until the
/// store has told the new one.
final class AwaitingIdentityKey extends Placed {

  private final Principal caller;

  AwaitingIdentityKey(Placed before, Principal caller) {
    super(before);
    this.caller = caller;
  }

  /// Asks the store.
  @Override
  public void begin() {
    exchange.loop.gateway.admissions.work(
        exchange.arrival.auth(),
        this::refusalWithoutKey,
        Optional::of,
        refusal -> exchange.handle(this, () -> goOn(refusal)));
  }

  private void goOn(Optional<Refusal> refusal) {
    if (refusal.isPresent()) {
      exchange.refuse(refusal.get());
    } else {
      exchange.connect(this);
    }
  }

  // On a virtual thread.
  private Optional<Refusal> refusalWithoutKey() {
    try {
      exchange.loop.gateway.identities.awaitToken(caller, upstream().audience());
      return Optional.empty();
    } catch (StoreUnavailableException unavailable) {
      return Optional.of(
          admission.refusal(
              Reason.UNAVAILABLE,
              "The upstream can't be told now who is calling: try again",
              "no signing key: " + FailureText.of(unavailable)));
    }
  }

  @Override
  public void sweep(long now) {
    // the store bounds how long it takes
  }
}
