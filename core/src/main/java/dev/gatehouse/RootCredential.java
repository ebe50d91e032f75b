package dev.gatehouse;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The credential on which a proof rests: what the caller was given, chose, or has at a provider.
///
/// An API key, a password, a signature key and a certificate rest on themselves. A session or a
/// token rests on the credential with which it was obtained, however often it was refreshed. In an
/// all-of, no two proofs may rest on the same credential. Immutable.
///
/// @param ids the public ids by which the credential may be known: its own, that of the one that
///   replaced it, those of every registration of a certificate; of an identity at a provider,
///   `issuer|subject`; empty: a person signed in, and it was not noted with what
/// @param signIn whether it is a credential with which people sign in
public record RootCredential(Set<String> ids, boolean signIn) {

  /// Copies the set. Throws [IllegalArgumentException] when a credential that is not for signing in
  /// has no id.
  public RootCredential {
    ids = Set.copyOf(ids);
    if (ids.isEmpty() && !signIn) {
      throw new IllegalArgumentException("only the credential of a sign-in can be unknown");
    }
  }

  /// A credential that rests on itself.
  public static RootCredential of(String id) {
    return new RootCredential(Set.of(id), false);
  }

  /// A credential and the one that replaced it by rotation or renewal: its owner holds both during
  /// the overlap, and they count as one.
  ///
  /// @param successor the id of the one that replaced it; null: none
  public static RootCredential of(String id, @Nullable String successor) {
    return successor == null ? of(id) : new RootCredential(Set.of(id, successor), false);
  }

  /// The credential with which a person signed in.
  ///
  /// @param id null: it was not noted
  public static RootCredential ofSignIn(@Nullable String id) {
    return new RootCredential(id == null ? Set.of() : Set.of(id), true);
  }

  /// For operators.
  @Override
  public String toString() {
    return ids.isEmpty()
        ? "a sign-in of which it was not noted with what"
        : String.join(" or ", new TreeSet<>(ids));
  }

  /// Whether two proofs with these roots rest on different credentials for certain. An unknown
  /// credential of a sign-in may be any with which people sign in, and none other.
  public boolean isOtherThan(RootCredential other) {
    if (ids.isEmpty() || other.ids.isEmpty()) {
      return !signIn || !other.signIn;
    }
    return Collections.disjoint(ids, other.ids);
  }
}
