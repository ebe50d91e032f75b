package dev.gatehouse.secret;

/// Removes what may be a secret of the gate from a text that may quote a client, for logs and
/// records. Does not block; thread-safe.
///
/// A word is replaced by `...` if it contains an underscore followed by at least 28 characters of
/// base64url with letters of both cases. Every secret of the gate has this form, also if up to a
/// third of it was cut off. Percent-encodings are decoded. A word that contains `whsec_` is removed
/// together with the text up to the next space, because such a secret may contain slashes. Ids of
/// the gate are shorter. Digests and signatures of other systems have no underscore, or have one by
/// chance and are then removed.
public final class LoggedText {

  private static final String REDACTED = "...";
  private static final int MIN_SECRET_CHARS = 28;
  private static final String WEBHOOK_SECRET_PREFIX = "whsec_";

  private LoggedText() {}

  /// Returns the text with three dots in place of each word that may be a secret. Takes linear
  /// time.
  public static String of(String text) {
    if (text.indexOf('_') < 0 && text.indexOf('%') < 0) {
      return text;
    }
    StringBuilder logged = new StringBuilder(text.length());
    int from = 0;
    while (from < text.length()) {
      int end = from;
      while (end < text.length() && isInWord(text.charAt(end))) {
        end++;
      }
      String word = LenientPercentEncoding.decoded(text.substring(from, end));
      if (word.contains(WEBHOOK_SECRET_PREFIX)) {
        int space = text.indexOf(' ', end);
        end = space < 0 ? text.length() : space;
        logged.append(REDACTED);
      } else {
        logged.append(mayBeSecret(word) ? REDACTED : text.substring(from, end));
      }
      if (end < text.length()) {
        logged.append(text.charAt(end));
      }
      from = end + 1;
    }
    return logged.toString();
  }

  private static boolean isInWord(char c) {
    return SecretForm.isBase62(c) || c == '-' || c == '_' || c == '%';
  }

  private static boolean mayBeSecret(String word) {
    int chars = -1; // no underscore yet
    boolean upper = false;
    boolean lower = false;
    for (int at = 0; at < word.length(); at++) {
      char c = word.charAt(at);
      if (!SecretForm.isBase62(c) && c != '-' && c != '_') {
        chars = -1; // decoded; it is not part of a secret
      } else if (chars < 0) {
        chars = c == '_' ? 0 : -1;
        upper = false;
        lower = false;
      } else {
        chars++;
        upper |= c >= 'A' && c <= 'Z';
        lower |= c >= 'a' && c <= 'z';
        if (chars >= MIN_SECRET_CHARS && upper && lower) {
          return true;
        }
      }
    }
    return false;
  }
}
