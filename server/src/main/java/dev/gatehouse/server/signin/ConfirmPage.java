package dev.gatehouse.server.signin;

/// Asks for confirmation before an item is ended that can't be restored.
///
/// @param question the heading
/// @param text what comes of it
/// @param entry what is to be ended; its verb stands on the button
public record ConfirmPage(String question, String text, AccountPage.Entry entry) {}
