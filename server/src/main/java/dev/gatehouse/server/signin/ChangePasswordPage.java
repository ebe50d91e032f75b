package dev.gatehouse.server.signin;

import org.jspecify.annotations.Nullable;

/// Asks for the password and a new one.
///
/// @param name by which the person signed in
/// @param minimumLength of the new password, in characters
/// @param problem a sentence about why the last attempt failed, if one did
public record ChangePasswordPage(String name, int minimumLength, @Nullable String problem) {}
