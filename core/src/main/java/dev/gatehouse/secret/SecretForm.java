package dev.gatehouse.secret;

/// The form of one kind of secret that the gate makes: a prefix, and random characters after it.
///
/// The prefix is what [OwnSecrets] recognises the kind by, wherever a secret of it turns up.
///
/// @param prefix ends with an underscore
/// @param chars that a secret has after the prefix, or the fewest where it may hold punctuation
/// @param punctuation the characters that it may hold beside letters and digits
/// @param forPages whether the gate puts secrets of this kind into the addresses of an upstream's
///   pages
public record SecretForm(String prefix, int chars, String punctuation, boolean forPages) {

  // What [OwnSecrets] still takes for a secret: one with the checksum of an API key, which has 6
  // characters, and one more. A text that is longer, as a hash in hex, is one of another system.
  private static final int MAX_EXTRA_CHARS = 7;

  // The same for one that was cut off. The 40 characters of a SHA-1 in hex are too few.
  private static final int MAX_MISSING_CHARS = 2;

  // With fewer characters than that, the rest of a secret can't be found by trying.
  private static final int MAX_GUESSABLE_CHARS = 7;

  // More than a word. In a long random text, a short prefix turns up by chance.
  private static final int MAX_CHARS_BEFORE = 16;

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

  // Whether a secret, or nearly one, stands there as a word of its own. What stands before it is
  // checked first. That takes constant time, so a text with many prefixes is not read again for
  // each of them.
  boolean isBefore(String text, int prefixEnd) {
    int start = prefixEnd - prefix.length();
    if (!text.startsWith(prefix, start) || isWordBefore(text, start)) {
      return false;
    }
    int run = run(text, prefixEnd);
    return run >= chars - MAX_MISSING_CHARS
        && (run <= chars + MAX_EXTRA_CHARS || !punctuation.isEmpty())
        && !isWordBehind(text, prefixEnd + run);
  }

  // Whether so much of a secret stands there that the rest could be guessed, also in a longer word.
  boolean isNearlyBefore(String text, int prefixEnd) {
    int start = prefixEnd - prefix.length();
    if (!text.startsWith(prefix, start)) {
      return false;
    }
    int at = start;
    while (at > 0 && start - at <= MAX_CHARS_BEFORE && isBase64Url(text.charAt(at - 1))) {
      at--;
    }
    return start - at <= MAX_CHARS_BEFORE && run(text, prefixEnd) >= chars - MAX_GUESSABLE_CHARS;
  }

  // A prefix is short: without this, it would be found in longer prefixes, as of other systems.
  private boolean isWordBefore(String text, int start) {
    if (start == 0) {
      return false;
    }
    char before = text.charAt(start - 1);
    boolean encoded = start >= 3 && text.charAt(start - 3) == '%'; // broken, or of no token's
    // Random text with hyphens may hold the prefix. Random Base64 can't: it has no underscore.
    return !encoded
        && (isBase62(before)
            || before == '_'
            || (before == '-' && punctuation.indexOf(before) >= 0));
  }

  // Base64url of another system goes on behind a hyphen or underscore.
  private static boolean isWordBehind(String text, int end) {
    int at = end;
    while (at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '_')) {
      at++;
    }
    return at > end && at < text.length() && isBase62(text.charAt(at));
  }

  private int run(String text, int from) {
    int at = from;
    while (at < text.length()
        && (isBase62(text.charAt(at)) || punctuation.indexOf(text.charAt(at)) >= 0)) {
      at++;
    }
    return at - from;
  }

  private static boolean isBase64Url(char c) {
    return isBase62(c) || c == '-' || c == '_';
  }

  static boolean isBase62(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }
}
