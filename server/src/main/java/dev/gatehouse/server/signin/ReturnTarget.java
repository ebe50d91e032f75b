package dev.gatehouse.server.signin;

import dev.gatehouse.route.RequestPath;
import dev.gatehouse.server.gateway.SignInLink;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a browser goes after a sign-in: to a page of this origin that begins no other sign-in.
final class ReturnTarget {

  // Whatever links of the gate hold: they are no longer, and form encoding shortens nothing.
  private static final int MAX_LENGTH = SignInLink.MAX_CHARS;

  // A browser takes // or /\ for the start of a host, also with a tab between (WHATWG URL, relative
  // slash state): one slash, and nothing but visible ASCII without the backslash.
  private static final Pattern OWN = Pattern.compile("/(?!/)[!-~&&[^\\\\]]*");

  // A browser removes these before it asks, and counts empty segments when it does (WHATWG URL,
  // path
  // state). The gate does not count them: the two could read different paths.
  private static final Pattern DOT_SEGMENT =
      Pattern.compile("/(?:\\.|%2e){1,2}(?:/|\\z)", Pattern.CASE_INSENSITIVE);

  private static final Pattern AFTER_PATH = Pattern.compile("[?#].*");

  private ReturnTarget() {}

  /// The target, if it is a path on this origin that the gate serves as it is written: one that the
  /// gate would refuse is none, nor is one with a dot segment.
  ///
  /// A path below `/auth/` is none, in any spelling: sign-ins with providers begin there. The
  /// browser would say that a page of this origin led there, though another site named the target.
  ///
  /// @param prefix of the gate's own paths
  static Optional<String> parse(Optional<String> text, String prefix) {
    return text.filter(
        target ->
            target.length() <= MAX_LENGTH
                && OWN.matcher(target).matches()
                && !beginsSignIn(target, prefix));
  }

  // True also for a path that is not read in one way only.
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
