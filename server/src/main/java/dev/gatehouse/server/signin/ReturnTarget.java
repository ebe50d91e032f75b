package dev.gatehouse.server.signin;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.gateway.SignInLink;
import java.util.Optional;
import java.util.regex.Pattern;

/// Decides where a browser goes after a sign-in: only to a page of this origin, and not to one that
/// begins another sign-in.
final class ReturnTarget {

  // As long as the links of the gate can be. Form encoding shortens no text.
  private static final int MAX_LENGTH = SignInLink.MAX_CHARS;

  // A browser reads // and /\ as the beginning of a host, also with a tab between (WHATWG URL,
  // relative slash state). So a target has one slash at the beginning, and only visible ASCII
  // without backslashes.
  private static final Pattern OWN = Pattern.compile("/(?!/)[!-~&&[^\\\\]]*");

  // A browser removes dot segments before it sends a request, and counts empty segments for that
  // (WHATWG URL, path state). The gate does not count empty segments. So the two could read
  // different paths.
  private static final Pattern DOT_SEGMENT =
      Pattern.compile("/(?:\\.|%2e){1,2}(?:/|\\z)", Pattern.CASE_INSENSITIVE);

  private static final Pattern AFTER_PATH = Pattern.compile("[?#].*");

  private ReturnTarget() {}

  /// The target, if it is a path on this origin that the gate serves as it is written. A path that
  /// the gate would refuse, and a path with a dot segment, are no targets.
  ///
  /// A path below `/auth/` is no target, in any spelling, because sign-ins with providers begin
  /// there. The browser would report that a page of this origin led there, although another site
  /// chose the target.
  ///
  /// @param prefix of the gate's own paths
  static Optional<String> parse(Optional<String> text, String prefix) {
    return text.filter(
        target ->
            target.length() <= MAX_LENGTH
                && OWN.matcher(target).matches()
                && !beginsSignIn(target, prefix));
  }

  // Also true for a path that can be read in more than one way.
  private static boolean beginsSignIn(String target, String prefix) {
    String path = AFTER_PATH.matcher(target).replaceFirst("");
    if (DOT_SEGMENT.matcher(path).find()) {
      return true;
    }
    try {
      return RequestPath.parse(path).path().startsWith(ProviderButtons.startPath(prefix, ""));
    } catch (RequestPath.MalformedTargetException malformed) {
      return true;
    }
  }
}
