package dev.gatehouse.account;

import java.text.BreakIterator;
import java.util.BitSet;
import java.util.Locale;

/// Processes untrusted names and passwords in linear time. Does not block; thread-safe.
public final class UntrustedText {

  /// The maximum number of successive combining marks in a text that is normalized (UAX #15,
  /// Stream-Safe Text Format), because normalization sorts each run of them. No language needs as
  /// many.
  public static final int MAX_COMBINING_MARKS = 30;

  private static final char CAPITAL_SIGMA = '\u03a3';
  private static final char SMALL_SIGMA = '\u03c3';
  private static final char FINAL_SIGMA = '\u03c2';

  private UntrustedText() {}

  /// Whether no more than [#MAX_COMBINING_MARKS] combining marks follow one another. Check this
  /// before normalizing.
  public static boolean hasFewCombiningMarks(String text) {
    int marks = 0;
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      marks = isMark(codePoint) ? marks + 1 : 0;
      if (marks > MAX_COMBINING_MARKS) {
        return false;
      }
      i += Character.charCount(codePoint);
    }
    return true;
  }

  private static boolean isMark(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  /// Returns what `text.toLowerCase(Locale.ROOT)` returns, in linear time. The JDK searches the
  /// whole text for words once for each capital sigma, to find out whether the sigma ends a word.
  public static String lowerCase(String text) {
    int at = text.indexOf(CAPITAL_SIGMA);
    if (at < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    BitSet boundaries = wordBoundaries(text);
    StringBuilder small = new StringBuilder(text);
    for (; at >= 0; at = text.indexOf(CAPITAL_SIGMA, at + 1)) {
      small.setCharAt(at, isFinal(text, at, boundaries) ? FINAL_SIGMA : SMALL_SIGMA);
    }
    return small.toString().toLowerCase(Locale.ROOT);
  }

  private static BitSet wordBoundaries(String text) {
    BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);
    words.setText(text);
    BitSet boundaries = new BitSet(text.length() + 1);
    for (int at = words.first(); at != BreakIterator.DONE; at = words.next()) {
      boundaries.set(at);
    }
    return boundaries;
  }

  // A cased letter precedes the sigma in its word, and none follows it. The characters between two
  // sigmas are read for these two only.
  private static boolean isFinal(String text, int sigma, BitSet boundaries) {
    return isCasedBefore(text, sigma, boundaries) && !isCasedBehind(text, sigma + 1, boundaries);
  }

  private static boolean isCasedBefore(String text, int end, BitSet boundaries) {
    for (int at = end; at > 0 && !boundaries.get(at); ) {
      int before = text.codePointBefore(at);
      if (isCased(before)) {
        return true;
      }
      at -= Character.charCount(before);
    }
    return false;
  }

  private static boolean isCasedBehind(String text, int start, BitSet boundaries) {
    for (int at = start; at < text.length() && !boundaries.get(at); ) {
      int behind = text.codePointAt(at);
      if (isCased(behind)) {
        return true;
      }
      at += Character.charCount(behind);
    }
    return false;
  }

  private static boolean isCased(int codePoint) {
    return Character.isLowerCase(codePoint)
        || Character.isUpperCase(codePoint)
        || Character.isTitleCase(codePoint);
  }
}
