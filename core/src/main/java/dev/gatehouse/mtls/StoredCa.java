package dev.gatehouse.mtls;

import java.time.Instant;

/// A CA of the gate's own, as it is stored.
///
/// @param id as [ClientCa#id]
/// @param certificate in PEM
/// @param sealedKey its private key, sealed
public record StoredCa(String id, String certificate, String sealedKey, Instant createdAt) {

  /// Names the id only.
  @Override
  public String toString() {
    return "StoredCa[" + id + "]";
  }
}
