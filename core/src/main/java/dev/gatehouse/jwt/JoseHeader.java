package dev.gatehouse.jwt;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the header of a token says of itself: a claim to be checked, never an instruction.
///
/// @param type empty: not said
record JoseHeader(String algorithm, String type, String keyId) {

  // Ours has none of these. Whoever followed one would let a token bring its own key (RFC 8725
  // §3.10), have another payload than the one that was read (RFC 7797 §3), or hide it (RFC 7516
  // §4).
  private static final List<String> REFUSED =
      List.of("jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "b64", "zip", "enc");

  private static final int MAX_TEXT = 128;

  /// Reads a header.
  static Check<JoseHeader> read(byte[] bytes) {
    Optional<Map<String, @Nullable Object>> members = Json.object(bytes);
    if (members.isEmpty()) {
      return Check.invalid("the header is no JSON object");
    }
    Map<String, @Nullable Object> header = members.get();
    // RFC 7515 §4.1.11: what is critical must be understood; here nothing of it is.
    if (header.containsKey("crit")) {
      return Check.invalid("the header has critical extensions");
    }
    for (String refused : REFUSED) {
      if (header.containsKey(refused)) {
        return Check.invalid("the header has " + refused);
      }
    }
    if (!(header.get("alg") instanceof String algorithm)
        || !(header.get("kid") instanceof String keyId)
        || !(header.getOrDefault("typ", "") instanceof String type)
        || Math.max(algorithm.length(), Math.max(keyId.length(), type.length())) > MAX_TEXT) {
      return Check.invalid("the header lacks alg or kid, or one of them is no short text");
    }
    return new Check.Passed<>(new JoseHeader(algorithm, type, keyId));
  }

  /// Whether it says that this is an access token, in either form (RFC 9068 §4); media types have
  /// no case (RFC 2045 §5.1).
  boolean saysAccessToken() {
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.equals(AccessTokens.TYPE) || lower.equals("application/" + AccessTokens.TYPE);
  }
}
