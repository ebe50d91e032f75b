package dev.gatehouse;

import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/// A set of scope tokens (RFC 6749 §3.3), sorted, immutable.
public final class Scopes {

  /// No scope at all.
  public static final Scopes NONE = new Scopes(new TreeSet<>());

  private static final int MAX_TOKEN_CHARS = 128;

  private final SortedSet<String> tokens;
  private final String text;

  private Scopes(SortedSet<String> tokens) {
    this.tokens = Collections.unmodifiableSortedSet(tokens);
    this.text = String.join(" ", tokens);
  }

  /// These tokens; throws [IllegalArgumentException] that says which one is no scope token.
  public static Scopes of(Collection<String> tokens) {
    SortedSet<String> sorted = new TreeSet<>();
    for (String token : tokens) {
      sorted.add(checked(token));
    }
    return sorted.isEmpty() ? NONE : new Scopes(sorted);
  }

  /// These tokens; throws [IllegalArgumentException] that says which one is no scope token.
  public static Scopes of(String... tokens) {
    return of(java.util.List.of(tokens));
  }

  /// Reads the space-separated form (RFC 6749 §3.3); an empty text is no scope.
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

  /// Whether every one of those is among these.
  public boolean containsAll(Scopes others) {
    return tokens.containsAll(others.tokens);
  }

  /// Those of these that are among the others too.
  public Scopes intersect(Scopes others) {
    if (others.containsAll(this)) {
      return this;
    }
    SortedSet<String> both = new TreeSet<>(tokens);
    both.retainAll(others.tokens);
    return both.isEmpty() ? NONE : new Scopes(both);
  }

  /// These and the others.
  public Scopes union(Scopes others) {
    if (containsAll(others)) {
      return this;
    }
    SortedSet<String> all = new TreeSet<>(tokens);
    all.addAll(others.tokens);
    return new Scopes(all);
  }

  /// These without the others.
  public Scopes minus(Scopes others) {
    SortedSet<String> rest = new TreeSet<>(tokens);
    rest.removeAll(others.tokens);
    return rest.isEmpty() ? NONE : new Scopes(rest);
  }

  /// Whether there is no scope.
  public boolean isEmpty() {
    return tokens.isEmpty();
  }

  /// The tokens, sorted; immutable.
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

  /// The space-separated form (RFC 6749 §3.3).
  @Override
  public String toString() {
    return text;
  }
}
