package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import java.util.Map;
import java.util.Set;

/// A signature format for requests.
///
/// A profile parses the fields of a request. The signature that it finds verifies itself: it checks
/// its time, and calls [SignatureVerifier] for the key and the use. Implementations are
/// thread-safe.
public interface SignatureProfile {

  /// The names of the header fields, other than `Authorization`, that hold signatures of this
  /// format on every route. The gate does not forward these fields.
  Set<String> fields();

  /// The `Authorization` schemes of this format; empty if it uses none.
  default Set<String> schemes() {
    return Set.of();
  }

  /// Looks for a signature of this format. Parses only: does not read the body, asks no store and
  /// does not block. Returns [Presented.None] if there is no signature, and [Presented.Malformed]
  /// if its syntax is wrong.
  Presented find(AuthRequest request, Policy policy);

  /// The header fields that a challenge carries to say what this format asks for; empty if none.
  default Map<String, String> challengeFields() {
    return Map.of();
  }
}
