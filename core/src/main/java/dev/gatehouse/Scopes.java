package dev.gatehouse;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// A set of scope tokens (RFC 6749 §3.3) in alphabetical order. Immutable; no method blocks.
public final class Scopes {

  /// No scope.
  public static final Scopes NONE = new Scopes(new TreeSet<>());

  private static final int MAX_TOKEN_CHARS = 128;

  private final SortedSet<String> tokens;
  private final String text;

  private Scopes(SortedSet<String> tokens) {
    this.tokens = Collections.unmodifiableSortedSet(tokens);
    this.text = String.join(" ", tokens);
  }

  /// Returns these tokens as scopes. Throws [IllegalArgumentException] that names the one that is
  /// not a scope token of at most 128 characters.
  public static Scopes of(Collection<String> tokens) {
    SortedSet<String> sorted = new TreeSet<>();
    for (String token : tokens) {
      sorted.add(checked(token));
    }
    return sorted.isEmpty() ? NONE : new Scopes(sorted);
  }

  /// Returns these tokens as scopes. Throws [IllegalArgumentException] that names the one that is
  /// not a scope token of at most 128 characters.
  public static Scopes of(String... tokens) {
    return of(java.util.List.of(tokens));
  }

  /// Parses the space-separated form (RFC 6749 §3.3). A blank text is no scope. Throws as
  /// [#of(Collection)] does.
  public static Scopes parse(String text) {
    return text.isBlank() ? NONE : of(java.util.List.of(text.strip().split(" +", -1)));
  }

  private static String checked(String token) {
    if (token.isEmpty() || token.length() > MAX_TOKEN_CHARS) {
      throw new IllegalArgumentException(
          "a scope has 1 to " + MAX_TOKEN_CHARS + " characters, not " + token.length());
    }
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
      if (c < 0x21 || c > 0x7e || c == '"' || c == '\\') {
        throw new IllegalArgumentException(
            "the scope '" + token + "' holds a character that RFC 6749 §3.3 does not allow");
      }
    }
    return token;
  }

  /// Whether all of the others are in this set.
  public boolean containsAll(Scopes others) {
    return tokens.containsAll(others.tokens);
  }

  /// Returns the scopes that are in both sets.
  public Scopes intersect(Scopes others) {
    if (others.containsAll(this)) {
      return this;
    }
    SortedSet<String> both = new TreeSet<>(tokens);
    both.retainAll(others.tokens);
    return both.isEmpty() ? NONE : new Scopes(both);
  }

  /// Returns the scopes that are in either set.
  public Scopes union(Scopes others) {
    if (containsAll(others)) {
      return this;
    }
    SortedSet<String> all = new TreeSet<>(tokens);
    all.addAll(others.tokens);
    return new Scopes(all);
  }

  /// Returns the scopes of this set that are not in the other.
  public Scopes minus(Scopes others) {
    SortedSet<String> rest = new TreeSet<>(tokens);
    rest.removeAll(others.tokens);
    return rest.isEmpty() ? NONE : new Scopes(rest);
  }

  /// Whether there is no scope.
  public boolean isEmpty() {
    return tokens.isEmpty();
  }

  /// Returns the tokens in alphabetical order; immutable.
  public SortedSet<String> tokens() {
    return tokens;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scopes scopes && scopes.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  /// Returns the space-separated form (RFC 6749 §3.3).
  @Override
  public String toString() {
    return text;
  }
}
