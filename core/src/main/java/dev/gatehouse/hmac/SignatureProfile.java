package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import java.util.Map;
import java.util.Set;

/// One way of signing requests. Thread-safe.
///
/// It finds what a request holds of it; what it found verifies itself through a
/// [SignatureVerifier], which knows the keys and the uses.
public interface SignatureProfile {

  /// The header fields, beside `Authorization`, in which its signatures stand on every route: they
  /// are for the gate alone.
  Set<String> fields();

  /// The schemes of `Authorization` that are its own.
  default Set<String> schemes() {
    return Set.of();
  }

  /// What the request holds of this profile. Parses only: asks no store and never blocks.
  Presented find(AuthRequest request, Policy policy);

  /// The header fields that go with the challenge and say what this profile asks for.
  default Map<String, String> challengeFields() {
    return Map.of();
  }
}
