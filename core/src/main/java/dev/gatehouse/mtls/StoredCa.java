package dev.gatehouse.mtls;

import java.time.Instant;

/// A CA of the gate, as it is stored. Immutable.
///
/// @param id the [ClientCa#id]
/// @param certificate the certificate in PEM
/// @param sealedKey the sealed private key
/// @param createdAt when the CA was made, in milliseconds
public record StoredCa(String id, String certificate, String sealedKey, Instant createdAt) {

  /// Names only the id.
  @Override
  public String toString() {
    return "StoredCa[" + id + "]";
  }
}
