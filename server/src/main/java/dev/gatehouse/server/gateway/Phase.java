package dev.gatehouse.server.gateway;

import org.jspecify.annotations.Nullable;

/// Where one request stands. A phase holds what only a request in this phase has, and handles the
/// events that concern it. [Exchange] lists the phases and makes every transition.
///
/// A callback that a phase gave away may come when the exchange is in another phase already. Then
/// it does nothing but give back what it brings: see [Exchange#isIn]. A phase is equal to itself
/// only. Phases belong to the event loop of their exchange.
sealed interface Phase permits Judging, Preparing, Placed, Phase.Over {

  /// The answer is complete, or the exchange was ended early.
  Over OVER = new Over();

  /// Begins the phase. [Exchange] calls it once, when it has entered the phase.
  void begin();

  /// The admission of the request. Null while the gate has not decided, and when the exchange is
  /// over.
  @Nullable Admission admission();

  /// Gives back what this phase holds, apart from the single use. [Exchange] calls it once, when it
  /// ends in this phase.
  void giveBack();

  /// Ends the exchange if it has been in this phase for too long. Called four times a second.
  ///
  /// @param now in nanoseconds, as [GatewayLoop#now]
  void sweep(long now);

  /// The phase in which nothing happens any more.
  final class Over implements Phase {

    private Over() {}

    @Override
    public void begin() {
      // nothing is left to do
    }

    @Override
    public @Nullable Admission admission() {
      return null;
    }

    @Override
    public void giveBack() {
      // everything was given back when the exchange ended
    }

    @Override
    public void sweep(long now) {
      // not swept
    }
  }
}
