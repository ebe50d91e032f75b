package dev.gatehouse.password;

import dev.gatehouse.account.Account;
import java.time.Instant;

/// What sets a person's password once, without the one before.
///
/// @param token the secret of the link, shown here and never again; only its digest is stored
/// @param expiresAt the first instant at which it is refused
public record ResetLink(Account account, String token, Instant expiresAt) {

  /// Names the account only.
  @Override
  public String toString() {
    return "ResetLink[" + account.id() + "]";
  }
}
