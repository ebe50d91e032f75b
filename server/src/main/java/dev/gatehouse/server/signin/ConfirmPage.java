package dev.gatehouse.server.signin;

/// Asks once more before something is ended that does not come back.
///
/// @param question the heading
/// @param text what comes of it
/// @param entry what is to be ended; its verb stands on the button
public record ConfirmPage(String question, String text, AccountPage.Entry entry) {}
