package dev.gatehouse.server.signin;

/// A page that only says something.
///
/// @param title the heading
/// @param text one or two sentences
/// @param leadsToSignIn whether signing in is what one does next
public record Message(String title, String text, boolean leadsToSignIn) {

  /// After signing out.
  public static final Message SIGNED_OUT =
      new Message("You are signed out", "It is safe to close this window.", true);

  /// After signing out of every browser and program.
  public static final Message SIGNED_OUT_EVERYWHERE =
      new Message(
          "You are signed out everywhere",
          "Every browser and every program that was signed in as you is signed out.",
          true);

  /// After a new password was set, either way.
  public static final Message PASSWORD_CHANGED =
      new Message(
          "The password is changed",
          "You are signed out everywhere. Sign in with the new password.",
          true);

  /// The same, where there is no sign-in page.
  public static final Message PASSWORD_SET =
      new Message(
          "The password is changed",
          "Whatever was signed in with the old one is signed out. Use the new one from now on.",
          false);

  /// For a one-time link that was used, was replaced, has expired, or never existed.
  public static final Message LINK_NOT_GOOD =
      new Message(
          "This link is not good any more",
          "It works once and only for a while. Ask an administrator for a new one.",
          false);
}
