package dev.gatehouse.server.gateway;

import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import org.jspecify.annotations.Nullable;

/// Waits for the decision of the gate.
final class Judging implements Phase {

  private final Exchange exchange;

  Judging(Exchange exchange) {
    this.exchange = exchange;
  }

  /// Takes the decision from memory, or asks the gate.
  @Override
  public void begin() {
    Gate gate = exchange.gate();
    ForwardedBody body = exchange.body;
    body.withhold();
    Decision recalled = gate.recall(exchange.arrival.auth(), exchange.route.policy()).orElse(null);
    if (recalled == null) {
      ask(gate, body);
      return;
    }
    body.take();
    if (exchange.arrival.isHttp1()) {
      decided(recalled);
    } else {
      // Whether an HTTP/2 request has a body is known only at the end of the same read.
      exchange.loop.context.runOnContext(v -> decided(recalled));
    }
  }

  private void ask(Gate gate, ForwardedBody body) {
    boolean gateReadsBody =
        exchange.arrival.mayHaveBody()
            && gate.mayReadBody(exchange.arrival.auth(), exchange.route.policy());
    if (gateReadsBody) {
      body.leaveToGate();
    } else {
      body.take();
    }
    exchange.loop.gateway.admissions.ask(
        exchange.arrival.auth(),
        exchange.route.policy(),
        decision -> {
          if (gateReadsBody) {
            exchange.handle(this, body::takeFromGate);
          }
          decided(decision);
        });
  }

  private void decided(Decision decision) {
    if (!exchange.isIn(this)) { // the client has gone meanwhile
      if (decision instanceof Decision.Admitted late) {
        ReservedUse.of(late).release(exchange);
      }
      return;
    }
    try {
      switch (decision) {
        case Decision.Refused refused -> exchange.refuse(refused.refusal());
        case Decision.Admitted admitted -> exchange.prepare(new Admission(exchange, admitted));
      }
    } catch (RuntimeException failed) {
      exchange.fail(failed);
    }
  }

  @Override
  public @Nullable Admission admission() {
    return null;
  }

  @Override
  public void giveBack() {
    // it holds nothing: what a late decision reserved is released when it comes
  }

  @Override
  public void sweep(long now) {
    // the gate bounds how long a decision takes
  }
}
