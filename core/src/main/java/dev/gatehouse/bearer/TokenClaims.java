package dev.gatehouse.bearer;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.secret.Digest;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Claims that are read alike whoever issued the token.
public final class TokenClaims {

  /// RFC 8705 §3.1: the member of `cnf` that names a client certificate.
  public static final String THUMBPRINT = "x5t#S256";

  private static final Pattern SHA_256 = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final BigDecimal MAX_EPOCH_SECONDS =
      BigDecimal.valueOf(Instant.parse("9999-12-31T23:59:59Z").getEpochSecond());

  private TokenClaims() {}

  /// The SHA-256 of the client certificate to which a `cnf` binds its token (RFC 8705 §3.1); null
  /// when it asks for another proof.
  // RFC 7800 §3.1 lets an application say which members it must understand: here each, since
  // whoever bound the token to something meant it.
  public static @Nullable Digest certificate(@Nullable Object confirmation) {
    if (!(confirmation instanceof Map<?, ?> members)
        || members.size() != 1
        || !(members.get(THUMBPRINT) instanceof String text)
        || !SHA_256.matcher(text).matches()) {
      return null;
    }
    byte[] bytes = Base64URL.from(text).decode();
    return Base64URL.encode(bytes).toString().equals(text) ? Digest.of(bytes) : null;
  }

  /// The time that a claim is (RFC 7519 §2, NumericDate): seconds, perhaps with a fraction, from
  /// 1970 until the year 9999; null when it is none.
  public static @Nullable Instant instant(@Nullable Object claim) {
    if (!(claim instanceof Number number)) {
      return null;
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value) || value < 0 || value > MAX_EPOCH_SECONDS.doubleValue()) {
      return null;
    }
    // Never of the number's own digits: it may be one with a thousand million of them.
    BigDecimal seconds =
        number instanceof Long || number instanceof Integer
            ? BigDecimal.valueOf(number.longValue())
            : new BigDecimal(Double.toString(value));
    long whole = seconds.longValue();
    return Instant.ofEpochSecond(
        whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
  }
}
