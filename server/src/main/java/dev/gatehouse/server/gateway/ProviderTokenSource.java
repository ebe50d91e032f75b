package dev.gatehouse.server.gateway;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Principal;
import dev.gatehouse.Refusal;
import java.util.function.Consumer;

/// Finds the token that a provider issued to act for a caller there, for the upstream of one route.
/// Thread-safe.
@FunctionalInterface
public interface ProviderTokenSource {

  /// What is found.
  sealed interface Found {

    /// A token that is good now. It has no text form.
    record Token(String value) implements Found {

      @Override
      public String toString() {
        return "Token[…]";
      }
    }

    /// The caller has none with what the route needs: the upstream sees to that.
    record None() implements Found {}

    /// It is not known now.
    record NotNow(Refusal refusal) implements Found {}
  }

  /// Finds it. Called on the request's event loop; never blocks.
  ///
  /// @param then gets what is found, on that event loop
  void find(AuthRequest request, Principal principal, Consumer<Found> then);
}
