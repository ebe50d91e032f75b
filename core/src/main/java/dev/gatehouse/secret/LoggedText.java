package dev.gatehouse.secret;

/// A text that may quote what a client sent, without what may be a secret of the gate: for logs and
/// records.
///
/// A word is written as `...` if it holds an underscore and, behind it, at least 28 characters of
/// base64url with letters of both cases. Every secret of the gate has this form, and so does what
/// is left of one that was cut off by a third. Percent-encodings are read. A word that holds
/// `whsec_` is left out together with what stands behind it up to the next space, because such a
/// secret may hold slashes. Ids of the gate are shorter; digests and signatures of others have no
/// underscore, or have one by chance and are left out then.
public final class LoggedText {

  private static final String REDACTED = "...";
  private static final int MIN_SECRET_CHARS = 28;
  private static final String WEBHOOK_SECRET_PREFIX = "whsec_";

  private LoggedText() {}

  /// The text, with three dots for each word that may be a secret. Takes time in proportion to the
  /// text.
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
        chars = -1; // decoded, and no part of a secret
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
