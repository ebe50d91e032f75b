package dev.gatehouse;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// The gate's answer for one request.
public sealed interface Decision {

  /// Let the request through.
  ///
  /// @param proofs what it rests on, one for each method that the way in names; the first says who
  ///   calls; empty on an open route without credentials
  record Admitted(List<Proof> proofs) implements Decision {

    /// Nobody in particular, on an open route.
    public static final Admitted ANONYMOUS = new Admitted(List.of());

    /// Copies the list.
    public Admitted {
      proofs = List.copyOf(proofs);
    }

    /// Who calls; null when nobody in particular.
    public @Nullable Principal principal() {
      return proofs.isEmpty() ? null : proofs.getFirst().accepted().principal();
    }

    /// What the body must hash to before anybody may act on all of it; null: nothing.
    public @Nullable BodyDigest bodyDigest() {
      for (Proof proof : proofs) {
        if (proof.accepted().bodyDigest() != null) {
          return proof.accepted().bodyDigest();
        }
      }
      return null;
    }

    /// What was reserved for this request, for whoever acts on it to confirm or to release as
    /// [SingleUse.Finality] says; null: nothing, as always after [Gate#review].
    public @Nullable SingleUse singleUse() {
      Proof single = single(proofs);
      return single == null ? null : single.accepted().singleUse();
    }

    /// The proof with a single use; null: there is none. One method alone has any.
    static @Nullable Proof single(List<Proof> proofs) {
      for (Proof proof : proofs) {
        if (proof.accepted().singleUse() != null) {
          return proof;
        }
      }
      return null;
    }
  }

  /// Answer the request with this refusal.
  record Refused(Refusal refusal) implements Decision {}

  /// An acceptance, and since when it is known.
  ///
  /// @param stamp the mark of [dev.gatehouse.revocation.Revocations] at which it was asked for
  record Proof(Outcome.Accepted accepted, long stamp) {}
}
