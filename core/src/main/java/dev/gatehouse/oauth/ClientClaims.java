package dev.gatehouse.oauth;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Distinguishes the token of a client from that of a person, if neither has a `sub`.
///
/// The administrator of an issuer may choose the names of people's claims. So a token counts as
/// that of a client only if each of its claims is known to say nothing about a person.
final class ClientClaims {

  // RFC 7519 §4.1, RFC 7662 §2.2, RFC 7800 §3.1 and RFC 9068 §2.2. After those, what vendors write
  // about a client, a tenant, or the kind of the token.
  private static final Set<String> CLIENT_CLAIMS =
      Set.of(
          "iss",
          "aud",
          "exp",
          "nbf",
          "iat",
          "jti",
          "active",
          "client_id",
          "cnf",
          "azp",
          "cid",
          "appid",
          "appidacr",
          "azpacr",
          "ver",
          "tid",
          "env",
          "org",
          "p1.rid",
          "expires_in",
          "token_type",
          "token_use",
          "typ",
          "tok_type",
          "tokenName",
          "tokenType",
          "purpose");

  // Claims that name the grant or the kind of the caller, with their values for a client.
  private static final Map<String, String> CLIENT_VALUES =
      Map.of(
          "grant_type", "client_credentials",
          "gty", "client-credentials",
          "idtyp", "app");

  private static final Set<String> SCOPE_CLAIMS = Set.of("scope", "scp", "scopes");

  // OpenID Connect Core 1.0 §3.1.2.1: every request that signs a person in has this scope.
  private static final String OPENID = "openid";
  private static final Pattern BETWEEN_SCOPES = Pattern.compile("[ ,]");

  private static final Pattern PLAIN_NAME = Pattern.compile("[!-~]{1,100}");

  private ClientClaims() {}

  /// Returns why the claims may be those of a person's token; null if each of them is a claim of
  /// clients. A null claim says nothing.
  ///
  /// @param more names of further claims that say nothing about a person
  static @Nullable String refusal(Map<String, @Nullable Object> claims, Set<String> more) {
    for (Map.Entry<String, @Nullable Object> claim : new TreeMap<>(claims).entrySet()) {
      if (claim.getValue() != null && !isOfClient(claim.getKey(), claim.getValue(), more)) {
        String name = claim.getKey();
        return "it has no sub, and its "
            + (PLAIN_NAME.matcher(name).matches() ? name : "claim of an odd name")
            + " may tell of a person: all people of its client would be one";
      }
    }
    return null;
  }

  private static boolean isOfClient(String name, Object value, Set<String> more) {
    if (SCOPE_CLAIMS.contains(name)) {
      return !mayHoldOpenId(value);
    }
    return CLIENT_VALUES.containsKey(name)
        ? Objects.equals(CLIENT_VALUES.get(name), value)
        : CLIENT_CLAIMS.contains(name) || more.contains(name);
  }

  private static boolean mayHoldOpenId(Object scopes) {
    return switch (scopes) {
      case String text -> List.of(BETWEEN_SCOPES.split(text, -1)).contains(OPENID);
      case Collection<?> list -> list.contains(OPENID);
      default -> true;
    };
  }
}
