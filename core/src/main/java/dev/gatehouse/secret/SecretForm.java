package dev.gatehouse.secret;

/// The form of one kind of secret that the gate makes: a prefix, and random characters after it.
///
/// The prefix is what [OwnSecrets] recognises the kind by, wherever a secret of it turns up.
///
/// @param prefix ends with an underscore
/// @param chars that a secret has after the prefix, or the fewest where the number varies
/// @param punctuation the characters that it may hold beside letters and digits
/// @param inLinks whether the gate itself puts secrets of this kind into addresses
public record SecretForm(String prefix, int chars, String punctuation, boolean inLinks) {

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

  // Whether a secret, or more, stands there. Characters that tokens hold may not follow: then it is
  // a part of something longer, such as a random token of another system.
  boolean isBefore(String text, int prefixEnd) {
    int start = prefixEnd - prefix.length();
    if (start < 0 || !text.startsWith(prefix, start) || isTokenCharBefore(text, start)) {
      return false;
    }
    int run = run(text, prefixEnd);
    int end = prefixEnd + run;
    return run >= chars
        && (end == text.length() || (text.charAt(end) != '-' && text.charAt(end) != '_'));
  }

  private static boolean isTokenCharBefore(String text, int start) {
    if (start == 0) {
      return false;
    }
    char before = text.charAt(start - 1);
    return isBase62(before) || before == '-' || before == '_' || before == '.';
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
