package dev.gatehouse.server.signin;

import java.util.Optional;
import java.util.regex.Pattern;

/// Where a browser goes after a sign-in: on this origin only.
final class ReturnTarget {

  private static final int MAX_LENGTH = 2_000;

  // A browser takes // or /\ for the start of a host, also with a tab between (WHATWG URL, relative
  // slash state): one slash, and nothing but visible ASCII without the backslash.
  private static final Pattern OWN = Pattern.compile("/(?!/)[!-~&&[^\\\\]]*");

  private ReturnTarget() {}

  /// The target, if it is a path on this origin.
  static Optional<String> parse(Optional<String> text) {
    return text.filter(target -> target.length() <= MAX_LENGTH && OWN.matcher(target).matches());
  }
}
