package dev.gatehouse.secret;

/// Removes what may be a secret from a path, for logs and records. Does not block; thread-safe.
///
/// The rule is simple, so that it holds for secrets of every origin: a segment of 32 or more
/// characters with letters of both cases, or with a percent-encoding, is replaced by `...`. Ids of
/// the gate are shorter. UUIDs, hex digests and names of pages have letters of one case.
public final class LoggedPath {

  private static final String REDACTED = "...";

  // The rest of a secret of the gate with 36 random characters is longer than this.
  private static final int MIN_SECRET_CHARS = 32;

  // Base64 contains slashes, so the secret of a webhook may be several segments.
  private static final String WEBHOOK_SECRET_PREFIX = "whsec_";

  private LoggedPath() {}

  /// Returns the path with three dots in place of each segment that may be a secret. The path may
  /// be malformed, and need not be in origin form.
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
