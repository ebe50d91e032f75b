package dev.gatehouse.server.signin;

import org.jspecify.annotations.Nullable;

/// A page that says what did not succeed and what to do next. Its id lets an operator find the
/// audit record.
///
/// @param title the heading
/// @param text one or two sentences
/// @param id of the audit record; null: there is none
/// @param next where one goes from here; null: nowhere
public record RefusedPage(String title, String text, @Nullable String id, @Nullable PageLink next) {

  /// The provider authenticated the person, and the person may not sign in here.
  ///
  /// @param provider as people know it
  /// @param signIn leads back to the sign-in page
  public static RefusedPage notLetIn(String provider, String id, String signIn) {
    return new RefusedPage(
        "This account may not sign in here",
        "You are known to " + provider + ", but not here. Ask an administrator for an invitation.",
        id,
        new PageLink("Sign in another way", signIn));
  }

  /// The provider is down, slow, or answers wrongly.
  ///
  /// @param provider its name for people
  /// @param retry the address at which the sign-in begins again
  public static RefusedPage providerFailed(String provider, String id, String retry) {
    return new RefusedPage(
        provider + " did not answer as it should",
        "Nothing is wrong with your account. Try again in a moment.",
        id,
        new PageLink("Try again", retry));
  }

  /// The answer belongs to no attempt of this browser, or to one that is too old or was used.
  ///
  /// @param retry leads to the sign-in page
  public static RefusedPage attemptOver(String id, String retry) {
    return new RefusedPage(
        "This sign-in is over",
        "It took too long, was finished already, or began in another browser.",
        id,
        new PageLink("Start again", retry));
  }

  /// That account at the provider is linked to the account of another person here.
  ///
  /// @param provider as people know it
  /// @param account leads to the account page
  public static RefusedPage linkedToAnother(String provider, String id, String account) {
    return new RefusedPage(
        "This account is linked already",
        "Somebody else here signs in with that account of "
            + provider
            + ". Choose another one there, or ask an administrator.",
        id,
        new PageLink("Back to your account", account));
  }

  /// A store does not answer.
  ///
  /// @param retry the page that was asked for
  public static RefusedPage unavailable(String id, String retry) {
    return new RefusedPage(
        "That did not work just now",
        "Something that is needed does not answer. Try again in a moment.",
        id,
        new PageLink("Try again", retry));
  }
}
