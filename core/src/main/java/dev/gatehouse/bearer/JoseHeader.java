package dev.gatehouse.bearer;

import dev.gatehouse.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the header of a token says of itself: a claim to be checked, never an instruction.
///
/// @param type empty: not said
/// @param keyId empty: not said
/// @param hasThumbprint whether it names the certificate of its key
public record JoseHeader(String algorithm, String type, String keyId, boolean hasThumbprint) {

  // Whoever followed one of these would let a token bring its own key (RFC 8725 §3.10), have
  // another payload than the one that was read (RFC 7797 §3), or hide it (RFC 7516 §4).
  private static final List<String> REFUSED_PARAMETERS =
      List.of("jku", "jwk", "x5u", "x5c", "b64", "zip", "enc");

  // They name a certificate, and bring none (RFC 7515 §4.1.7): ours have them not, others do.
  private static final List<String> THUMBPRINT_PARAMETERS = List.of("x5t", "x5t#S256");

  private static final String ACCESS_TOKEN = "at+jwt"; // RFC 9068 §2.1

  private static final String ACCESS_TOKEN_MEDIA_TYPE = "application/" + ACCESS_TOKEN;

  private static final int MAX_TEXT_CHARS = 128;

  /// Reads the header of a token that should be one of ours, which always names its key.
  public static Check<JoseHeader> read(byte[] bytes) {
    Check<JoseHeader> read = readForeign(bytes);
    if (!(read instanceof Check.Passed<JoseHeader>(var header))) {
      return read;
    }
    return header.keyId.isEmpty() || header.hasThumbprint
        ? Check.invalid("the header lacks kid, or names a certificate")
        : read;
  }

  /// Reads the header of anybody's token.
  public static Check<JoseHeader> readForeign(byte[] bytes) {
    Optional<Map<String, @Nullable Object>> members = Json.object(bytes);
    if (members.isEmpty()) {
      return Check.invalid("the header is no JSON object");
    }
    Map<String, @Nullable Object> header = members.get();
    // RFC 7515 §4.1.11: what is critical must be understood; here nothing of it is.
    if (header.containsKey("crit")) {
      return Check.invalid("the header has critical extensions");
    }
    for (String refused : REFUSED_PARAMETERS) {
      if (header.containsKey(refused)) {
        return Check.invalid("the header has " + refused);
      }
    }
    if (!(header.get("alg") instanceof String algorithm)
        || !(header.getOrDefault("kid", "") instanceof String keyId)
        || !(header.getOrDefault("typ", "") instanceof String type)
        || Math.max(algorithm.length(), Math.max(keyId.length(), type.length())) > MAX_TEXT_CHARS) {
      return Check.invalid("the header lacks alg, or one of alg, kid and typ is no short text");
    }
    return new Check.Passed<>(
        new JoseHeader(algorithm, type, keyId, THUMBPRINT_PARAMETERS.stream().anyMatch(header::containsKey)));
  }

  /// Whether a header says that its token is an access token, or says no more than that it is a
  /// JWT. Looks at nothing else: for a token that its issuer verifies.
  public static boolean mayBeOfAccessToken(byte[] bytes) {
    return Json.object(bytes)
        .filter(
            header ->
                header.getOrDefault("typ", "") instanceof String type
                    && new JoseHeader("", type, "", false).isOfAccessTokenAtMost())
        .isPresent();
  }

  private boolean isOfAccessTokenAtMost() {
    return saysAccessToken() || saysNoMoreThanJwt();
  }

  /// Whether it says no more than that this is a JWT, or not even that (RFC 7519 §5.1).
  public boolean saysNoMoreThanJwt() {
    return type.isEmpty()
        || type.equalsIgnoreCase("JWT")
        || type.equalsIgnoreCase("application/jwt");
  }

  /// Whether it says that this is an access token, in either form (RFC 9068 §4); media types have
  /// no case (RFC 2045 §5.1).
  public boolean saysAccessToken() {
    if (type.length() > ACCESS_TOKEN_MEDIA_TYPE.length()) {
      return false;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.equals(ACCESS_TOKEN) || lower.equals(ACCESS_TOKEN_MEDIA_TYPE);
  }
}
