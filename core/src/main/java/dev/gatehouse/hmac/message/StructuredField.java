package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.List;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.Parametrizable;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.Type;

/// Parses structured fields (RFC 9651) of untrusted requests, within limits.
///
/// The types are those of RFC 8941. A field that contains a Date or a Display String (RFC 9651
/// §3.3.7, §3.3.8) is refused, because the library does not know these types. Thread-safe; does not
/// block.
final class StructuredField {

  // For comparison: a signature of an RSA key with 4096 bits has about 700 characters in Base64.
  private static final int MAX_CHARS = 8 * 1024;

  // RFC 9651 §4.1: the characters between members, parameters and the items of an inner list.
  private static final char[] SEPARATORS = {',', ';', ' '};

  /// The type of a field. The text of a field does not show its type (RFC 9651 §4.2).
  enum Kind {
    ITEM("item"),
    LIST("list"),
    DICTIONARY("dictionary");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  private StructuredField() {}

  /// Parses the lines of a field as one dictionary. If a member is present twice, the last one
  /// counts (RFC 9651 §4.2.2). Throws if the lines are not a dictionary or are too long.
  static Dictionary dictionary(String name, List<String> lines) throws MalformedSignatureException {
    return (Dictionary) parse(name, lines, Kind.DICTIONARY);
  }

  /// Parses the lines of a field as one dictionary, and throws if a member or a parameter is
  /// present twice. By RFC 9651 §4.2.2 the last one counts; by RFC 9421 §4.1 each label is unique.
  /// Readers may differ, so duplicates are refused.
  ///
  /// @param maxSeparators how many commas, semicolons and spaces the field may have outside of
  ///   strings. This limits members, items and parameters. They are counted before the field is
  ///   parsed, because a member costs more than its characters
  static Dictionary dictionaryWithoutDuplicates(String name, List<String> lines, int maxSeparators)
      throws MalformedSignatureException {
    int separators = lines.size() - 1; // RFC 9651 §4.2: a comma stands between two lines
    for (char separator : SEPARATORS) {
      separators += count(separator, lines);
    }
    if (separators > maxSeparators) {
      throw new MalformedSignatureException(
          name + " has at most " + maxSeparators + " commas, semicolons and spaces here");
    }
    Dictionary dictionary = dictionary(name, lines);
    int parameters = 0;
    for (ListElement<?> member : dictionary.get().values()) {
      parameters += parametersOf(member);
    }
    if (count(',', lines) + lines.size() != dictionary.get().size()
        || count(';', lines) != parameters) {
      throw new MalformedSignatureException(name + " names a member or a parameter twice");
    }
    return dictionary;
  }

  /// Parses the lines of a field as this type. Throws if the text is not of the type or is too
  /// long.
  static Type<?> parse(String name, List<String> lines, Kind kind)
      throws MalformedSignatureException {
    int chars = 0;
    for (String line : lines) {
      chars += line.length() + 1;
    }
    if (chars > MAX_CHARS) {
      throw new MalformedSignatureException(
          name + " has at most " + MAX_CHARS + " characters here");
    }
    try {
      Parser parser = new Parser(lines);
      return switch (kind) {
        case ITEM -> parser.parseItem();
        case LIST -> parser.parseList();
        case DICTIONARY -> parser.parseDictionary();
      };
    } catch (IllegalArgumentException malformed) {
      throw new MalformedSignatureException(
          name + " is no " + kind.word + " of structured fields (RFC 8941)");
    }
  }

  private static int parametersOf(Parametrizable<?> element) {
    int parameters = element.getParams().size();
    if (element instanceof InnerList list) {
      for (Parametrizable<?> item : list.get()) {
        parameters += item.getParams().size();
      }
    }
    return parameters;
  }

  // The text must be a valid structured field. Outside of strings, each comma then separates two
  // members (RFC 9651 §4.1.2), and each semicolon begins a parameter (§4.1.1.2).
  private static int count(char separator, List<String> lines) {
    int count = 0;
    for (String line : lines) {
      boolean inString = false;
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c == '"') {
          inString = !inString;
        } else if (c == '\\' && inString) {
          i++; // RFC 9651 §4.2.5: an escaped quote does not end the string
        } else if (c == separator && !inString) {
          count++;
        }
      }
    }
    return count;
  }
}
