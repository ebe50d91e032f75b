package dev.gatehouse.server.signin;

import org.jspecify.annotations.Nullable;

/// Asks for the password and a new one.
///
/// @param name by which the person signed in
/// @param csrfToken of the session
/// @param minimumLength of the new password, in characters
/// @param problem a sentence about why the last attempt failed, if one did
public record ChangePasswordPage(
    String name, String csrfToken, int minimumLength, @Nullable String problem) {

  /// Without the token.
  @Override
  public String toString() {
    return "ChangePasswordPage[" + name + "]";
  }
}
