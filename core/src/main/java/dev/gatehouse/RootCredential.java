package dev.gatehouse;

import dev.gatehouse.secret.Digest;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The credential on which a proof rests: what the caller was given, chose, or has at a provider.
///
/// An API key, a password, a signature key and a certificate rest on themselves. A session or a
/// token rests on the credential with which it was obtained, however often it was refreshed. In an
/// all-of, no two proofs may rest on the same credential. Immutable.
///
/// @param kind what kind of secret it is; credentials of two kinds are never the same
/// @param names by which the credential is known; empty: it is not known which of its kind it is.
///   An acceptance no longer counts once the revocation feed names one of them as a credential
public record RootCredential(Kind kind, Set<String> names) {

  /// What kinds of secret there are.
  public enum Kind {
    /// What the gate knows too, or a digest of it: an API key, the secret of a signature key.
    SHARED_SECRET("a secret"),
    /// A private key of which the gate knows the public key: of a certificate, of a signature key.
    KEY_PAIR("the key of a certificate"),
    /// With which people sign in: a password, an identity at a provider.
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

  /// A shared secret that rests on itself.
  ///
  /// @param id its public id; of a secret that replaced others, the id of the first of them
  public static RootCredential ofSecret(String id) {
    return new RootCredential(Kind.SHARED_SECRET, Set.of(id));
  }

  /// The private key of that public key.
  ///
  /// @param key see [dev.gatehouse.signing.PublicKeyDigest]
  public static RootCredential ofKeyPair(Digest key) {
    return new RootCredential(Kind.KEY_PAIR, Set.of(name(key)));
  }

  /// The private key of a certificate.
  ///
  /// @param fingerprints the certificate as the revocation feed may name it
  public static RootCredential ofCertificate(Digest key, Collection<String> fingerprints) {
    Set<String> names = new HashSet<>(fingerprints);
    names.add(name(key));
    return new RootCredential(Kind.KEY_PAIR, names);
  }

  /// The private key of a certificate of which no more is known than that there was one.
  public static RootCredential ofUnknownKeyPair() {
    return new RootCredential(Kind.KEY_PAIR, Set.of());
  }

  /// The credential with which a person signed in.
  ///
  /// @param id of an identity at a provider `issuer|subject`; null: it was not noted
  public static RootCredential ofSignIn(@Nullable String id) {
    return new RootCredential(Kind.SIGN_IN, id == null ? Set.of() : Set.of(id));
  }

  private static String name(Digest key) {
    return "public-key:" + HexFormat.of().formatHex(key.bytes());
  }

  /// For operators.
  @Override
  public String toString() {
    return names.isEmpty()
        ? kind.unknown + " of which it was not noted which"
        : String.join(" and ", new TreeSet<>(names));
  }

  /// Whether two proofs with these roots rest on different credentials for certain. An unknown one
  /// may be any of its kind.
  public boolean isDistinctFrom(RootCredential other) {
    return kind != other.kind
        || (!names.isEmpty() && !other.names.isEmpty() && Collections.disjoint(names, other.names));
  }
}
