package dev.gatehouse.server.cli;

import dev.gatehouse.server.choose.Caller;
import dev.gatehouse.server.choose.Language;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The values of options. A wrong one is refused in the words of the help.
final class Values {

  private static final int MAX_PORT = 65535;

  private Values() {}

  /// A whole number.
  static int wholeNumber(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw wrong(text, "is no whole number");
    }
  }

  /// A port; 0: any free one.
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String text) {
      if (!text.matches("\\d{1,5}") || Integer.parseInt(text) > MAX_PORT) {
        throw wrong(text, "is no number from 0 to " + MAX_PORT);
      }
      return Integer.valueOf(text);
    }
  }

  /// Who calls.
  static Caller caller(String text) {
    return Caller.of(text.toLowerCase(Locale.ROOT))
        .orElseThrow(() -> noneOf(text, Arrays.stream(Caller.values()).map(Caller::id)));
  }

  /// A language of client code.
  static Language language(String text) {
    return Language.of(text.toLowerCase(Locale.ROOT))
        .orElseThrow(() -> noneOf(text, Arrays.stream(Language.values()).map(Language::id)));
  }

  private static TypeConversionException noneOf(String text, Stream<String> known) {
    return wrong(text, "is none of " + known.collect(Collectors.joining(", ")));
  }

  private static TypeConversionException wrong(String text, String why) {
    return new TypeConversionException("'" + text + "' " + why);
  }
}
