package dev.gatehouse.password;

import dev.gatehouse.account.Account;
import java.time.Instant;

/// A one-time link that sets a person's password without the previous one. Immutable.
///
/// @param token the secret of the link, which is shown here and never again; only its digest is
///   stored
/// @param expiresAt the first instant at which it is refused
public record ResetLink(Account account, String token, Instant expiresAt) {

  /// Names only the account.
  @Override
  public String toString() {
    return "ResetLink[" + account.id() + "]";
  }
}
