package dev.gatehouse.server.signin;

/// The settings of the paths where people sign in and manage their account.
///
/// @param prefix of the gate's own paths
/// @param strictCookie whether the session's cookie stays behind when a link of another site leads
///   here
/// @param minPasswordLength of new passwords, in characters
public record SignInSite(Pages pages, String prefix, boolean strictCookie, int minPasswordLength) {}
