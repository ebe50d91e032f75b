package dev.gatehouse.server.signin;

/// What surrounds the content of every page.
///
/// @param prefix before each of the gate's own paths; may be empty
/// @param realm by which people know what they sign in to
/// @param stylesheet goes into the page as it is
public record Frame(String prefix, String realm, String stylesheet) {

  /// The path under the prefix.
  public String path(String path) {
    return prefix + path;
  }
}
