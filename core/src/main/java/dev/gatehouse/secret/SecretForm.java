package dev.gatehouse.secret;

/// The form of one kind of secret that the gate makes: a prefix, followed by random characters.
/// Immutable; no method blocks.
///
/// [OwnSecrets] recognizes the kind by its prefix, wherever such a secret appears.
///
/// @param prefix ends with an underscore
/// @param chars the number of characters after the prefix, or the least number if there may be
///   punctuation
/// @param punctuation the characters that it may contain in addition to letters and digits
/// @param forPages whether the gate puts such secrets into the URLs of an upstream's pages
public record SecretForm(String prefix, int chars, String punctuation, boolean forPages) {

  // How much longer than a secret a text may be for [OwnSecrets] to recognize it: the 6 characters
  // of an API key's checksum, and one more. A longer text, such as a hex digest, belongs to another
  // system.
  private static final int MAX_EXTRA_CHARS = 7;

  // How much shorter it may be. The 40 characters of a SHA-1 in hex must be too few.
  private static final int MAX_MISSING_CHARS = 2;

  // If fewer characters than this are missing, the rest of a secret could be guessed.
  private static final int MAX_GUESSABLE_CHARS = 7;

  // Longer than a word. A short prefix appears in long random texts by chance.
  private static final int MAX_CHARS_BEFORE = 16;

  /// Throws [IllegalArgumentException] if the prefix does not end with an underscore.
  public SecretForm {
    if (!prefix.endsWith("_")) {
      throw new IllegalArgumentException("the prefix of a secret ends with an underscore");
    }
  }

  /// Returns the form of a prefix and 256 random bits in base62.
  public static SecretForm base62(String prefix) {
    return new SecretForm(prefix, RandomIds.CHARS_256_BITS, "", false);
  }

  /// Returns a new secret.
  public String random() {
    return prefix + RandomIds.text(chars);
  }

  /// Whether the whole text is the prefix and exactly [#chars] characters.
  public boolean matches(String text) {
    return text.length() == prefix.length() + chars
        && text.startsWith(prefix)
        && run(text, prefix.length()) == chars;
  }

  // Whether a secret, or nearly one, is there as a separate word. The text before it is checked
  // first, which takes constant time, so that a text with many prefixes is not read again for each
  // of them.
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

  // Whether so much of a secret is there that the rest could be guessed, also inside a longer word.
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

  // A prefix is short: without this check, it would be found in longer prefixes of other systems.
  private boolean isWordBefore(String text, int start) {
    if (start == 0) {
      return false;
    }
    char before = text.charAt(start - 1);
    boolean encoded = start >= 3 && text.charAt(start - 3) == '%'; // broken, or of no token's
    // Random text with hyphens may contain the prefix. Random Base64 cannot, since it has no
    // underscore.
    return !encoded
        && (isBase62(before)
            || before == '_'
            || (before == '-' && punctuation.indexOf(before) >= 0));
  }

  // Base64url of another system continues after a hyphen or underscore.
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
