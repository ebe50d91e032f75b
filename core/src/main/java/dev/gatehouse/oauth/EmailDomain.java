package dev.gatehouse.oauth;

import java.net.IDN;
import java.util.Optional;

/// The domain of an e-mail address in the form in which domains are compared: A-labels in lower
/// case (RFC 5890 §2.3.2.1).
final class EmailDomain {

  // RFC 1035 §2.3.4: 255 octets on the wire are 253 characters.
  private static final int MAX_LENGTH = 253;

  private EmailDomain() {}

  /// Parses untrusted text; empty if it is not a domain. The platform's mapping (RFC 3490) turns
  /// some names into other names, such as `straße` into `strasse`. A name that is not restored by
  /// the reverse mapping is refused.
  static Optional<String> of(String text) {
    if (text.isEmpty()
        || text.length() > MAX_LENGTH
        || text.startsWith(".")
        || text.endsWith(".")
        || text.contains("..")) {
      return Optional.empty();
    }
    String lower = asciiLowerCase(text);
    try {
      String ascii = IDN.toASCII(lower, IDN.USE_STD3_ASCII_RULES);
      return ascii.length() <= MAX_LENGTH && comesBack(lower, ascii)
          ? Optional.of(ascii)
          : Optional.empty();
    } catch (IllegalArgumentException noDomain) {
      return Optional.empty();
    }
  }

  private static boolean comesBack(String lower, String ascii) {
    return ascii.equals(lower) || IDN.toUnicode(ascii, IDN.USE_STD3_ASCII_RULES).equals(lower);
  }

  /// Returns the text with only A to Z in lower case.
  static String asciiLowerCase(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      lower.append(c >= 'A' && c <= 'Z' ? (char) (c + 0x20) : c);
    }
    return lower.toString();
  }
}
