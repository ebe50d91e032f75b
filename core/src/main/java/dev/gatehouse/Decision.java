package dev.gatehouse;

import org.jspecify.annotations.Nullable;

/// The gate's answer for one request.
public sealed interface Decision {

  /// Let the request through.
  ///
  /// @param proof what it rests on; null on an open route without credentials
  record Admitted(@Nullable Proof proof) implements Decision {

    /// Nobody in particular, on an open route.
    public static final Admitted ANONYMOUS = new Admitted(null);

    /// Who calls; null when nobody in particular.
    public @Nullable Principal principal() {
      return proof == null ? null : proof.accepted().principal();
    }
  }

  /// Answer the request with this refusal.
  record Refused(Refusal refusal) implements Decision {}

  /// An acceptance, and since when it is known.
  ///
  /// @param stamp the mark of [dev.gatehouse.revocation.Revocations] at which it was asked for
  record Proof(Outcome.Accepted accepted, long stamp) {}
}
