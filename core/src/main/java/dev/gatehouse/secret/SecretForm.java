package dev.gatehouse.secret;

/// The form of one kind of secret that the gate makes: a prefix, and random characters after it.
///
/// The prefix is what [OwnSecrets] recognises the kind by, wherever a secret of it turns up.
///
/// @param prefix ends with an underscore
/// @param chars that a secret has after the prefix, or the fewest where it may hold punctuation
/// @param punctuation the characters that it may hold beside letters and digits
/// @param inLinks whether the gate itself puts secrets of this kind into addresses
public record SecretForm(String prefix, int chars, String punctuation, boolean inLinks) {

  // What [OwnSecrets] still takes for a secret: one with the checksum of an API key, which has 6
  // characters, and one more. A text that is longer, as a hash in hex, is one of another system.
  private static final int MAX_MORE_CHARS = 7;

  /// Checks the prefix; throws [IllegalArgumentException].
  public SecretForm {
    if (!prefix.endsWith("_")) {
      throw new IllegalArgumentException("the prefix of a secret ends with an underscore");
    }
  }

  /// A prefix and 256 random bits in base62.
  public static SecretForm base62(String prefix) {
    return new SecretForm(prefix, RandomIds.CHARS_256_BITS, "", false);
  }

  /// The same, for secrets that stand in links of the gate.
  public SecretForm withLinks() {
    return new SecretForm(prefix, chars, punctuation, true);
  }

  /// A new secret.
  public String random() {
    return prefix + RandomIds.text(chars);
  }

  /// Whether the whole text is the prefix and exactly [#chars] characters.
  public boolean matches(String text) {
    return text.length() == prefix.length() + chars
        && text.startsWith(prefix)
        && run(text, prefix.length()) == chars;
  }

  // Whether a secret, or nearly one, stands there. Characters that tokens hold may not follow: then
  // it is a part of something longer, such as a random token of another system.
  boolean isBefore(String text, int prefixEnd) {
    int start = prefixStart(text, prefixEnd);
    if (start < 0 || isTokenCharBefore(text, start)) {
      return false;
    }
    int run = run(text, prefixEnd);
    int end = prefixEnd + run;
    return run >= chars
        && (run <= chars + MAX_MORE_CHARS || !punctuation.isEmpty())
        && (end == text.length() || (text.charAt(end) != '-' && text.charAt(end) != '_'));
  }

  // Where the prefix begins that ends there, or -1. Its underscores may be percent-encoded.
  private int prefixStart(String text, int prefixEnd) {
    int at = prefixEnd;
    for (int i = prefix.length() - 1; i >= 0; i--) {
      char c = prefix.charAt(i);
      if (at > 0 && text.charAt(at - 1) == c) {
        at--;
      } else if (c == '_' && isUnderscoreDigits(text, at - 2) && percentBefore(text, at - 2) >= 0) {
        at = percentBefore(text, at - 2);
      } else {
        return -1;
      }
    }
    return at;
  }

  // The end of the percent-encoded underscore whose percent sign stands there, or -1.
  static int encodedUnderscoreEnd(String text, int percent) {
    int at = percent + 1;
    while (text.startsWith("25", at)) {
      at += 2;
    }
    return isUnderscoreDigits(text, at) ? at + 2 : -1;
  }

  private static boolean isUnderscoreDigits(String text, int at) {
    return at >= 0
        && at + 1 < text.length()
        && text.charAt(at) == '5'
        && (text.charAt(at + 1) == 'F' || text.charAt(at + 1) == 'f');
  }

  // The percent sign before the two digits that stand there, or -1 (RFC 3986 §2.1). What was
  // encoded more than once has `25` between: the digits of the percent sign itself.
  private static int percentBefore(String text, int digits) {
    int at = digits;
    while (at >= 2 && text.startsWith("25", at - 2)) {
      at -= 2;
    }
    return at > 0 && text.charAt(at - 1) == '%' ? at - 1 : -1;
  }

  private static boolean isTokenCharBefore(String text, int start) {
    if (start == 0) {
      return false;
    }
    char before = text.charAt(start - 1);
    return (isBase62(before) || before == '-' || before == '_' || before == '.')
        && percentBefore(text, start - 2) < 0;
  }

  private int run(String text, int from) {
    int at = from;
    while (at < text.length()
        && (isBase62(text.charAt(at)) || punctuation.indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    return at - from;
  }

  private static boolean isBase62(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
