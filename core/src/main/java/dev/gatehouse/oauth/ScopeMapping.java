package dev.gatehouse.oauth;

import dev.gatehouse.Scopes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Maps the claims of an issuer to local scopes. Immutable; does not block.
///
/// @param claim the name of the claim: a string of tokens separated by spaces, or a list of
///   strings. Dots lead into nested objects, as in `realm_access.roles`
/// @param map the scopes for each value
/// @param pass whether values that the map does not contain are used as scopes unchanged
public record ScopeMapping(String claim, Map<String, Scopes> map, boolean pass) {

  /// The claim of RFC 9068 §2.2.3, mapped to no scope.
  public static final ScopeMapping NOTHING = new ScopeMapping("scope", Map.of(), false);

  // These scopes come from local grants only, whatever an issuer says.
  private static final String LOCAL_PREFIX = "gatehouse:";

  private static final int MAX_VALUES = 500;

  /// Throws [IllegalArgumentException] if the map contains a scope that only local grants may give.
  public ScopeMapping {
    map = Map.copyOf(map);
    for (Scopes scopes : map.values()) {
      if (scopes.tokens().stream().anyMatch(ScopeMapping::isLocal)) {
        throw new IllegalArgumentException(
            "scopes that begin with " + LOCAL_PREFIX + " come from local grants only");
      }
    }
  }

  /// Returns the scopes for those claims; none if the claim is missing or has another form. Reads
  /// at most 500 values.
  public Scopes of(Map<String, @Nullable Object> claims) {
    Set<String> tokens = new TreeSet<>();
    for (String value : values(named(claims))) {
      Scopes mapped = map.get(value);
      if (mapped != null) {
        tokens.addAll(mapped.tokens());
      } else if (pass && !isLocal(value) && isToken(value)) {
        tokens.add(value);
      }
    }
    return Scopes.of(tokens);
  }

  private @Nullable Object named(Map<String, @Nullable Object> claims) {
    if (claims.containsKey(claim)) {
      return claims.get(claim); // Auth0's names are URLs, with dots in them
    }
    Object at = claims;
    for (String member : claim.split("\\.", -1)) {
      at = at instanceof Map<?, ?> object ? object.get(member) : null;
    }
    return at;
  }

  private static List<String> values(@Nullable Object claim) {
    if (claim instanceof String text) {
      List<String> all = List.of(text.split(" ", -1));
      return all.subList(0, Math.min(all.size(), MAX_VALUES));
    }
    List<String> values = new ArrayList<>();
    if (claim instanceof Collection<?> list) {
      for (Object value : list) {
        if (value instanceof String text && values.size() < MAX_VALUES) {
          values.add(text);
        }
      }
    }
    return values;
  }

  private static boolean isToken(String value) {
    try {
      Scopes.of(value);
      return true;
    } catch (IllegalArgumentException noToken) {
      return false;
    }
  }

  private static boolean isLocal(String token) {
    return token.toLowerCase(Locale.ROOT).startsWith(LOCAL_PREFIX);
  }
}
