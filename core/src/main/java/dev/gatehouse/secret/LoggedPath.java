package dev.gatehouse.secret;

/// A path without what may be a secret, for logs and records.
///
/// The rule is simple, so that it holds for secrets of every origin, with each prefix and in each
/// spelling: a segment of 32 or more characters with letters of both cases, or with a
/// percent-encoding, is written as `...`. Ids of the gate are shorter; UUIDs, hashes in hex and
/// names of pages have one case.
public final class LoggedPath {

  private static final String REDACTED = "...";

  // What is left of a secret of the gate with 36 random characters is longer.
  private static final int MIN_SECRET_CHARS = 32;

  // Base64 has slashes, so a secret of a webhook may be several segments.
  private static final String WEBHOOK_SECRET_PREFIX = "whsec_";

  private LoggedPath() {}

  /// The path, with three dots for each segment that may be a secret. Needs neither to be well
  /// formed nor in origin form.
  public static String of(String path) {
    StringBuilder logged = new StringBuilder(path.length());
    int from = 0;
    while (true) {
      int slash = path.indexOf('/', from);
      String segment = path.substring(from, slash < 0 ? path.length() : slash);
      if (LenientPercentEncoding.decoded(segment).contains(WEBHOOK_SECRET_PREFIX)) {
        return logged.append(REDACTED).toString();
      }
      logged.append(mayBeSecret(segment) ? REDACTED : segment);
      if (slash < 0) {
        return logged.toString();
      }
      logged.append('/');
      from = slash + 1;
    }
  }

  private static boolean mayBeSecret(String segment) {
    if (segment.length() < MIN_SECRET_CHARS) {
      return false;
    }
    boolean upper = false;
    boolean lower = false;
    for (int i = 0; i < segment.length(); i++) {
      char c = segment.charAt(i);
      upper |= (c >= 'A' && c <= 'Z') || c == '%';
      lower |= (c >= 'a' && c <= 'z') || c == '%';
    }
    return upper && lower;
  }
}
