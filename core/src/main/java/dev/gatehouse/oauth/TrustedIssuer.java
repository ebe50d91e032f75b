package dev.gatehouse.oauth;

import dev.gatehouse.signing.VerifyingKey;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An issuer whose access tokens are accepted. Immutable.
///
/// @param issuer exactly as its tokens name it (RFC 9068 §4); without `|`
/// @param audience the audience that a token must name
/// @param validation how its tokens are validated
/// @param subjects the local principals for its tokens
/// @param scopes the local scopes for its tokens
public record TrustedIssuer(
    String issuer, String audience, Validation validation, Subjects subjects, ScopeMapping scopes) {

  private static final int MAX_NAME_CHARS = 255;

  /// Throws [IllegalArgumentException] if a name is malformed.
  public TrustedIssuer {
    if (!isName(issuer) || issuer.indexOf('|') >= 0 || !isName(audience)) {
      throw new IllegalArgumentException(
          "an issuer and an audience have 1 to "
              + MAX_NAME_CHARS
              + " visible ASCII characters, no |");
    }
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_CHARS
        && name.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  /// The local principals for whom tokens act.
  ///
  /// @param linked whether a token acts for the local account that is linked with its subject,
  ///   instead of for the subject itself
  /// @param clientClaims claims of the issuer that say nothing about a person: a token without
  ///   `sub` may have them and still be that of a client
  public record Subjects(boolean linked, Set<String> clientClaims) {

    /// The subject of the token itself.
    public static final Subjects FOREIGN = new Subjects(false, Set.of());

    /// The account that is linked with the subject.
    public static final Subjects LINKED = new Subjects(true, Set.of());

    /// Copies the set.
    public Subjects {
      clientClaims = Set.copyOf(clientClaims);
    }
  }

  /// How the claims of a token are established.
  public sealed interface Validation {}

  /// By the signature of the token.
  ///
  /// @param untyped whether a token is accepted whose `typ` does not say that it is an access
  ///   token: see [ForeignClaims]
  public record BySignature(Keys keys, boolean untyped) implements Validation {}

  /// By asking the issuer (RFC 7662).
  ///
  /// @param remembered whether the answer counts for a minute; otherwise each request asks the
  ///   issuer
  public record ByIntrospection(Introspection introspection, boolean remembered)
      implements Validation {}

  /// The keys of the issuer. Thread-safe.
  public interface Keys {

    /// Returns the keys with that id, or all keys (null). The list is empty if the issuer has no
    /// such key that can verify. May block; throws [IssuerUnavailableException] if the keys are not
    /// known now.
    List<VerifyingKey> withId(@Nullable String keyId);
  }

  /// Asks the issuer about a token (RFC 7662). Thread-safe.
  public interface Introspection {

    /// Returns the members of the issuer's answer (RFC 7662 §2.2); empty if the token is not
    /// active. May block; throws [IssuerUnavailableException] if the issuer does not answer, or if
    /// too many requests wait.
    ///
    /// @param from the client's address: clients from different addresses take turns
    Optional<Map<String, @Nullable Object>> of(String token, InetAddress from);
  }
}
