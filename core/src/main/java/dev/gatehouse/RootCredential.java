package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The credential on which a proof rests in the end: what the caller was given, chose, or has at a
/// provider.
///
/// An API key, a password, a signature key and a certificate rest on themselves. A session or a
/// token rests on the credential with which it was obtained, however often it was refreshed. If a
/// policy requires several methods, no two proofs may rest on the same credential. Immutable.
///
/// @param kind the kind of secret; credentials of different kinds are never the same
/// @param names the names by which the credential is known; empty: only its kind is known. An
///   acceptance no longer counts when the revocation feed names one of them as a credential
public record RootCredential(Kind kind, Set<String> names) {

  /// The kinds of secrets.
  public enum Kind {
    /// A secret that the gate also knows, or whose digest it knows: an API key, the secret of a
    /// signature key.
    SHARED_SECRET("a secret"),
    /// A private key whose public key the gate knows: of a certificate, of a signature key.
    KEY_PAIR("the key of a certificate"),
    /// What people sign in with: a password, an identity at a provider.
    SIGN_IN("a sign-in");

    private final String unknown;

    Kind(String unknown) {
      this.unknown = unknown;
    }
  }

  /// Copies the set.
  public RootCredential {
    names = Set.copyOf(names);
  }

  /// Returns a shared secret that rests on itself.
  ///
  /// @param id its public id; for a secret that replaced others, the id of the first of them
  public static RootCredential ofSecret(String id) {
    return new RootCredential(Kind.SHARED_SECRET, Set.of(id));
  }

  /// Returns the private key of that public key.
  ///
  /// @param key the digest of the public key: see [dev.gatehouse.signing.PublicKeyDigest]
  public static RootCredential ofKeyPair(Digest key) {
    return new RootCredential(Kind.KEY_PAIR, Set.of(name(key)));
  }

  /// Returns the private key of a certificate.
  ///
  /// @param key the digest of the public key
  /// @param fingerprints the names under which the revocation feed may name the certificate
  public static RootCredential ofCertificate(Digest key, Collection<String> fingerprints) {
    Set<String> names = new HashSet<>(fingerprints);
    names.add(name(key));
    return new RootCredential(Kind.KEY_PAIR, names);
  }

  /// Returns the private key of a certificate that is not known.
  public static RootCredential ofUnknownKeyPair() {
    return new RootCredential(Kind.KEY_PAIR, Set.of());
  }

  /// Returns the credential with which a person signed in.
  ///
  /// @param id the public id of the password, or `issuer|subject` of an identity at a provider;
  ///   null: it was not recorded
  public static RootCredential ofSignIn(@Nullable String id) {
    return new RootCredential(Kind.SIGN_IN, id == null ? Set.of() : Set.of(id));
  }

  private static String name(Digest key) {
    return "public-key:" + HexFormat.of().formatHex(key.bytes());
  }

  /// Returns a text for operators.
  @Override
  public String toString() {
    return names.isEmpty()
        ? kind.unknown + " of which it was not noted which"
        : String.join(" and ", new TreeSet<>(names));
  }

  /// Whether two proofs with these roots certainly rest on different credentials. An unknown
  /// credential may be any of its kind.
  public boolean isDistinctFrom(RootCredential other) {
    return kind != other.kind
        || (!names.isEmpty() && !other.names.isEmpty() && Collections.disjoint(names, other.names));
  }
}
