package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.List;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.Parametrizable;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.Type;

/// Structured fields (RFC 9651) as they come from strangers: bounded, and with nothing named twice.
///
/// The types are those of RFC 8941. A field in which a Date or a Display String stands (RFC 9651
/// §3.3.7, §3.3.8) is not read: the library does not know them.
final class StructuredField {

  // A key and a signature of RSA 4096 have 700 characters in Base64.
  private static final int MAX_CHARS = 8 * 1024;

  // RFC 9651 §4.1: what stands between members, parameters and the items of an inner list.
  private static final char[] SEPARATORS = {',', ';', ' '};

  /// What a field is defined to be: nothing in its text tells (RFC 9651 §4.2).
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

  /// The dictionary in all lines of that field.
  static Dictionary dictionary(String name, List<String> lines) throws MalformedSignatureException {
    return (Dictionary) parse(name, lines, Kind.DICTIONARY);
  }

  /// The same, refused when a member or a parameter is there twice. RFC 9651 §4.2.2 has the last
  /// one count, where RFC 9421 §4.1 wants each label once, and readers may differ.
  ///
  /// @param maxSeparators how many commas, semicolons and spaces it may have outside of strings,
  ///   and so how many members, items and parameters. They are counted before the field is parsed,
  ///   since each member costs more than its characters
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

  /// The field as its definition has it.
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

  // In text that is a structured field for sure: outside of strings, each comma stands between two
  // members (RFC 9651 §4.1.2), and each semicolon before a parameter (§4.1.1.2).
  private static int count(char separator, List<String> lines) {
    int count = 0;
    for (String line : lines) {
      boolean inString = false;
      for (int i = 0; i < line.length(); i++) {
        char c = line.charAt(i);
        if (c == '"') {
          inString = !inString;
        } else if (c == '\\' && inString) {
          i++; // RFC 9651 §4.2.5: what is escaped ends no string
        } else if (c == separator && !inString) {
          count++;
        }
      }
    }
    return count;
  }
}
