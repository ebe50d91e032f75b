package dev.gatehouse.password;

import java.time.Instant;

/// A password as it is stored. Immutable.
///
/// @param id public: principals, the feed and logs name it as the credential; it is new after each
///   change
/// @param account the id of its owner
/// @param hash a slow, salted hash with the name of its scheme
/// @param changedAt when the password was set; a better hash of the same password is not a change
public record StoredPassword(String id, String account, String hash, Instant changedAt) {

  /// Names only the id.
  @Override
  public String toString() {
    return "StoredPassword[" + id + "]";
  }
}
