package dev.gatehouse.server.gateway;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.Policy;
import java.util.Optional;

/// What the gateway asks of the gate.
public interface Doorkeeper {

  /// The decision if memory has it; never blocks. See [Gate#recall].
  Optional<Decision> recall(AuthRequest request, Policy policy);

  /// The decision; may block. See [Gate#admit].
  Decision admit(AuthRequest request, Policy policy);

  /// The admission to go on with while a stream is open; empty when it no longer holds. Never
  /// blocks. See [Gate#renew].
  Optional<Decision.Admitted> renew(Decision.Admitted admitted, AuthRequest request);

  /// The gate itself.
  static Doorkeeper of(Gate gate) {
    return new Doorkeeper() {
      @Override
      public Optional<Decision> recall(AuthRequest request, Policy policy) {
        return gate.recall(request, policy);
      }

      @Override
      public Decision admit(AuthRequest request, Policy policy) {
        return gate.admit(request, policy);
      }

      @Override
      public Optional<Decision.Admitted> renew(Decision.Admitted admitted, AuthRequest request) {
        return gate.renew(admitted, request);
      }
    };
  }
}
