package dev.gatehouse.server.signin;

import org.jspecify.annotations.Nullable;

/// Asks for a new password. It does not ask for the current one: the link that leads here is the
/// proof.
///
/// @param token of that link
/// @param name by which the person signs in, if it is known by now
/// @param minimumLength of the new password, in characters
/// @param problem a sentence about why the last attempt failed, if one did
public record ResetPasswordPage(
    String token, @Nullable String name, int minimumLength, @Nullable String problem) {

  /// Without the token.
  @Override
  public String toString() {
    return "ResetPasswordPage";
  }
}
