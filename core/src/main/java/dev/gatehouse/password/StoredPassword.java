package dev.gatehouse.password;

import java.time.Instant;

/// A password as it is stored.
///
/// @param id public: the credential that principals, the feed and logs name; a new one at each
///   change
/// @param account whose it is
/// @param hash salted and slow, with the name of its scheme
/// @param changedAt when it was set; a better hash of the same password is no change
public record StoredPassword(String id, String account, String hash, Instant changedAt) {

  /// Names the id only.
  @Override
  public String toString() {
    return "StoredPassword[" + id + "]";
  }
}
