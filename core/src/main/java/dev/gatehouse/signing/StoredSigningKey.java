package dev.gatehouse.signing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A signing key as it is stored. The public part is in clear, and the whole key is sealed.
/// Immutable. The text form names the id and the purpose.
///
/// @param id the key id (`kid`, RFC 7517 §4.5)
/// @param purpose what the key may sign; a key of one purpose does not verify for another
/// @param publicJwk the public key as a JSON Web Key
/// @param sealedPrivateJwk the whole key as a JSON Web Key, sealed, in base64url
/// @param createdAt when the key was generated
/// @param retiredAt from this instant the key does not sign; it is published and verifies only for
///   the overlap; null: it is not retired
public record StoredSigningKey(
    String id,
    String purpose,
    String publicJwk,
    String sealedPrivateJwk,
    Instant createdAt,
    @Nullable Instant retiredAt) {

  @Override
  public String toString() {
    return "StoredSigningKey[" + id + ", " + purpose + "]";
  }
}
