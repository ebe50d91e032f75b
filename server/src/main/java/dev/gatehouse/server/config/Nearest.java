package dev.gatehouse.server.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// Finds the known word that is nearest to a misspelled one.
public final class Nearest {

  private static final int MAX_LENGTH = 64;

  private Nearest() {}

  /// The word nearest to `typed`, if it is near enough to be a slip.
  public static Optional<String> to(String typed, Collection<String> known) {
    if (typed.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String lower = typed.toLowerCase(Locale.ROOT);
    int tolerated = Math.max(1, Math.min(3, typed.length() / 3));
    return known.stream()
        .filter(word -> distance(lower, word.toLowerCase(Locale.ROOT)) <= tolerated)
        .min(
            Comparator.comparingInt(
                (String word) -> distance(lower, word.toLowerCase(Locale.ROOT))));
  }

  /// Letters inserted, left out, changed, or swapped with their neighbour.
  static int distance(String a, String b) {
    int[][] steps = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          steps[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        steps[i][j] =
            Math.min(Math.min(steps[i - 1][j], steps[i][j - 1]) + 1, steps[i - 1][j - 1] + change);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          steps[i][j] = Math.min(steps[i][j], steps[i - 2][j - 2] + 1);
        }
      }
    }
    return steps[a.length()][b.length()];
  }
}
