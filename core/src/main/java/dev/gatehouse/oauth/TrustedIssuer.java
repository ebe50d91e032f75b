package dev.gatehouse.oauth;

import dev.gatehouse.signing.VerifyingKey;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Somebody whose access tokens count.
///
/// @param issuer exactly as its tokens name it (RFC 9068 §4); without a `|`
/// @param audience that a token must name among its own
/// @param validation how its tokens are judged
/// @param subjects for whom its tokens act here
public record TrustedIssuer(
    String issuer, String audience, Validation validation, Subjects subjects, ScopeMapping scopes) {

  private static final int MAX_NAME_CHARS = 255;

  /// Checks the names; throws [IllegalArgumentException].
  public TrustedIssuer {
    if (!isName(issuer) || issuer.indexOf('|') >= 0 || !isName(audience)) {
      throw new IllegalArgumentException(
          "an issuer and an audience have 1 to " + MAX_NAME_CHARS + " visible ASCII characters, no |");
    }
  }

  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= MAX_NAME_CHARS
        && name.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }

  /// For whom tokens act.
  ///
  /// @param linked whether a token acts for the account here that is linked with its subject,
  ///   rather than for the foreign subject itself
  /// @param clientClaims claims of the issuer that say nothing of a person: a token without `sub`
  ///   may have them and still be its client's own
  public record Subjects(boolean linked, Set<String> clientClaims) {

    /// The foreign subject itself.
    public static final Subjects FOREIGN = new Subjects(false, Set.of());

    /// The account that is linked with the subject.
    public static final Subjects LINKED = new Subjects(true, Set.of());

    /// Copies the set.
    public Subjects {
      clientClaims = Set.copyOf(clientClaims);
    }
  }

  /// How it is found out what a token says.
  public sealed interface Validation {}

  /// By its signature.
  ///
  /// @param untyped whether a token counts whose `typ` does not say that it is an access token: see
  ///   [ForeignClaims]
  public record BySignature(Keys keys, boolean untyped) implements Validation {}

  /// By asking the issuer (RFC 7662).
  ///
  /// @param remembered whether its answer counts for a minute; else each request asks
  public record ByIntrospection(Introspection introspection, boolean remembered) implements Validation {}

  /// The keys of the issuer.
  public interface Keys {

    /// Those of that id, or (null) all of them; none when the issuer has none of that id that is
    /// fit to verify with. May block. Throws [IssuerUnavailableException] when that can't be said
    /// now.
    List<VerifyingKey> withId(@Nullable String keyId);
  }

  /// What the issuer says of a token.
  public interface Introspection {

    /// The members of its answer (RFC 7662 §2.2); empty when the token is not active. May block.
    /// Throws [IssuerUnavailableException] when the issuer does not answer, or when too many wait.
    ///
    /// @param from the client's address: callers from different ones have turns
    Optional<Map<String, @Nullable Object>> of(String token, InetAddress from);
  }
}
