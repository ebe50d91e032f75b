package dev.gatehouse.bearer;

import dev.gatehouse.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The header of a token (RFC 7515 §4). It is an unverified claim: it must be compared with the
/// key, and must not select one. Immutable.
///
/// @param algorithm the `alg`
/// @param type the `typ`; empty if there is none
/// @param keyId the `kid`; empty if there is none
/// @param hasThumbprint whether it names the certificate of its key
public record JoseHeader(String algorithm, String type, String keyId, boolean hasThumbprint) {

  // If these were followed, a token could bring its own key (RFC 8725 §3.10), have another payload
  // than the one that was read (RFC 7797 §3), or hide it (RFC 7516 §4).
  private static final List<String> REFUSED_PARAMETERS =
      List.of("jku", "jwk", "x5u", "x5c", "b64", "zip", "enc");

  // They name a certificate and do not contain one (RFC 7515 §4.1.7). Tokens of the gate do not
  // have them, tokens of other issuers do.
  private static final List<String> THUMBPRINT_PARAMETERS = List.of("x5t", "x5t#S256");

  private static final String ACCESS_TOKEN = "at+jwt"; // RFC 9068 §2.1

  private static final String ACCESS_TOKEN_MEDIA_TYPE = "application/" + ACCESS_TOKEN;

  private static final int MAX_TEXT_CHARS = 128;

  /// Reads the header of a token that should be one of the gate, which always names its key.
  public static Check<JoseHeader> read(byte[] bytes) {
    Check<JoseHeader> read = readForeign(bytes);
    if (!(read instanceof Check.Passed<JoseHeader>(var header))) {
      return read;
    }
    return header.keyId.isEmpty() || header.hasThumbprint
        ? Check.invalid("the header lacks kid, or names a certificate")
        : read;
  }

  /// Reads the header of a token of any issuer. Fails if it is not strict JSON, lacks `alg`, or has
  /// a critical extension (RFC 7515 §4.1.11) or a member that would bring a key. Verifies no
  /// signature.
  public static Check<JoseHeader> readForeign(byte[] bytes) {
    Optional<Map<String, @Nullable Object>> members = Json.object(bytes);
    if (members.isEmpty()) {
      return Check.invalid("the header is no JSON object");
    }
    Map<String, @Nullable Object> header = members.get();
    // RFC 7515 §4.1.11: critical extensions must be understood. This gate understands none.
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
        new JoseHeader(
            algorithm, type, keyId, THUMBPRINT_PARAMETERS.stream().anyMatch(header::containsKey)));
  }

  /// Whether a header says that its token is an access token, or says no more than that it is a
  /// JWT. Checks nothing else. Use it only for a token that its issuer verifies.
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

  /// Whether the type is missing, or only says that this is a JWT (RFC 7519 §5.1).
  public boolean saysNoMoreThanJwt() {
    return type.isEmpty()
        || type.equalsIgnoreCase("JWT")
        || type.equalsIgnoreCase("application/jwt");
  }

  /// Whether the type is that of an access token, in either form (RFC 9068 §4). Media types are
  /// compared without regard to case (RFC 2045 §5.1).
  public boolean saysAccessToken() {
    if (type.length() > ACCESS_TOKEN_MEDIA_TYPE.length()) {
      return false;
    }
    String lower = type.toLowerCase(Locale.ROOT);
    return lower.equals(ACCESS_TOKEN) || lower.equals(ACCESS_TOKEN_MEDIA_TYPE);
  }
}
