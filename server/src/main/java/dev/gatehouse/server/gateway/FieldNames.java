package dev.gatehouse.server.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A table from names of header fields to values. It finds a name in every spelling that an
/// upstream may take for it: in any case, and with any character between letters and digits in
/// place of `-`.
///
/// CGI and its successors map `x_auth_subject`, and some map `x.auth.subject`, to the same variable
/// as `X-Auth-Subject`.
final class FieldNames<T> {

  private record Entry<T>(String name, boolean prefix, T meaning) {}

  private final List<List<Entry<T>>> byFirstLetter = new ArrayList<>();

  FieldNames() {
    for (int letter = 0; letter <= 26; letter++) {
      byFirstLetter.add(new ArrayList<>());
    }
  }

  // An exact name counts before a beginning, and a long beginning before a short one.
  private static final Comparator<Entry<?>> MOST_SPECIFIC_FIRST =
      Comparator.<Entry<?>>comparingInt(entry -> entry.prefix() ? 1 : 0)
          .thenComparingInt(entry -> -entry.name().length());

  /// Adds names. A name that ends with `*` stands for all names with that beginning, except those
  /// that were added themselves.
  FieldNames<T> add(T meaning, Collection<String> names) {
    for (String name : names) {
      boolean prefix = name.endsWith("*");
      String folded = fold(prefix ? name.substring(0, name.length() - 1) : name);
      List<Entry<T>> entries = byFirstLetter.get(slot(folded.charAt(0)));
      entries.add(new Entry<>(folded, prefix, meaning));
      entries.sort(MOST_SPECIFIC_FIRST);
    }
    return this;
  }

  /// What the name means; null when it is not in the table.
  @Nullable T find(String name) {
    List<Entry<T>> entries = byFirstLetter.get(slot(fold(name.charAt(0))));
    for (int i = 0; i < entries.size(); i++) {
      Entry<T> entry = entries.get(i);
      int length = entry.name.length();
      if ((entry.prefix ? name.length() >= length : name.length() == length)
          && sameLetters(entry.name, name, length)) {
        return entry.meaning;
      }
    }
    return null;
  }

  /// Whether the two are the same name in some spelling.
  static boolean same(String one, String other) {
    return one.length() == other.length() && sameLetters(fold(one), other, one.length());
  }

  /// Whether two of these names are the same name in two spellings that differ in more than case.
  static boolean haveTwoSpellingsOfOne(Set<String> names) {
    Set<String> caseless = new HashSet<>();
    Set<String> folded = new HashSet<>();
    for (String name : names) {
      if (caseless.add(name.toLowerCase(Locale.ROOT)) && !folded.add(fold(name))) {
        return true;
      }
    }
    return false;
  }

  private static boolean sameLetters(String folded, String name, int length) {
    for (int i = 0; i < length; i++) {
      if (folded.charAt(i) != fold(name.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static String fold(String name) {
    StringBuilder folded = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      folded.append(fold(name.charAt(i)));
    }
    return folded.toString();
  }

  private static char fold(char c) {
    if (c >= 'A' && c <= 'Z') {
      return (char) (c + ('a' - 'A'));
    }
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }

  private static int slot(char folded) {
    return folded >= 'a' && folded <= 'z' ? folded - 'a' : 26;
  }
}
