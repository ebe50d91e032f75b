package dev.gatehouse;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gate's decision about one request. Immutable.
public sealed interface Decision {

  /// The request may pass.
  ///
  /// @param proofs the acceptances on which the decision rests, one for each method of the policy's
  ///   alternative. The first says who the caller is. Empty on an open route without credentials
  record Admitted(List<Proof> proofs) implements Decision {

    /// An anonymous caller on an open route.
    public static final Admitted ANONYMOUS = new Admitted(List.of());

    /// Copies the list.
    public Admitted {
      proofs = List.copyOf(proofs);
    }

    /// Returns the caller; null if the caller is anonymous.
    public @Nullable Principal principal() {
      return proofs.isEmpty() ? null : proofs.getFirst().accepted().principal();
    }

    /// Returns the digest that the body must have before anything may act on the whole body; null:
    /// none is needed.
    public @Nullable BodyDigest bodyDigest() {
      for (Proof proof : proofs) {
        if (proof.accepted().bodyDigest() != null) {
          return proof.accepted().bodyDigest();
        }
      }
      return null;
    }

    /// Returns the use that [Gate#admit] reserved for this request. The server that acts on the
    /// request must confirm or release it as [SingleUse.Finality] says.
    ///
    /// @return null: nothing is reserved. It is always null after [Gate#review]
    public @Nullable SingleUse singleUse() {
      Proof single = single(proofs);
      return single == null ? null : single.accepted().singleUse();
    }

    /// Returns the proof that has a single use; null if there is none. At most one method of a
    /// request has one.
    static @Nullable Proof single(List<Proof> proofs) {
      for (Proof proof : proofs) {
        if (proof.accepted().singleUse() != null) {
          return proof;
        }
      }
      return null;
    }
  }

  /// The request must be answered with this refusal.
  record Refused(Refusal refusal) implements Decision {}

  /// An acceptance, and the time since which it is known.
  ///
  /// @param stamp the stamp of [dev.gatehouse.revocation.Revocations] at which it was asked for
  record Proof(Outcome.Accepted accepted, long stamp) {}
}
