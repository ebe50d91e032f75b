package dev.gatehouse.server.signin;

import java.net.URI;
import java.util.Set;
import java.util.function.Supplier;

/// The settings of this origin that sign-ins with providers need.
///
/// @param pages renders the pages
/// @param prefix of the gate's own paths
/// @param realm by which people know what they sign in to
/// @param origin by which browsers reach the gate: known once it listens
/// @param sessions whether a browser may get a session
/// @param codeReturnPaths the only paths to which a page's one-time code may go; none: no page gets
///   one
/// @param strictCookie whether the session's cookie stays behind when another site leads here
public record ProviderSite(
    Pages pages,
    String prefix,
    String realm,
    Supplier<String> origin,
    boolean sessions,
    Set<String> codeReturnPaths,
    boolean strictCookie) {

  /// The redirect URI at the provider of that name: exactly the one that is registered there (RFC
  /// 9700 §2.1).
  URI redirect(String provider) {
    return URI.create(at(ProviderButtons.startPath(prefix, provider) + "/callback"));
  }

  /// A path of this origin.
  String at(String path) {
    return origin.get() + path;
  }

  String accountPath() {
    return AccountPaths.accountPath(prefix);
  }

  String signInPath() {
    return SignInPaths.signInPath(prefix);
  }
}
