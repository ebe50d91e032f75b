package dev.gatehouse.signing;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A signing key as it is stored: the public part in clear, the private part sealed.
///
/// @param id the key id (`kid`, RFC 7517 §4.5)
/// @param purpose what it may sign; a key of one purpose never verifies for another
/// @param publicJwk the public key as a JSON Web Key
/// @param sealedPrivateJwk the whole key as a JSON Web Key, sealed (base64url)
/// @param retiredAt from then on it signs nothing, and is published only for the overlap
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
