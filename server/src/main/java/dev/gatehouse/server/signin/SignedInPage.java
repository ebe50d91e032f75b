package dev.gatehouse.server.signin;

/// Says who is signed in, and offers to sign out.
///
/// @param name by which the person signed in
/// @param csrfToken of the session
public record SignedInPage(String name, String csrfToken) {

  /// Without the token.
  @Override
  public String toString() {
    return "SignedInPage[" + name + "]";
  }
}
