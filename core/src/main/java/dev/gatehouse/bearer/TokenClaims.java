package dev.gatehouse.bearer;

import com.nimbusds.jose.util.Base64URL;
import dev.gatehouse.secret.Digest;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads claims that have the same meaning for every issuer. Does not block; thread-safe.
public final class TokenClaims {

  /// The member of `cnf` that names a client certificate (RFC 8705 §3.1).
  public static final String THUMBPRINT = "x5t#S256";

  private static final Pattern SHA_256 = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final BigDecimal MAX_EPOCH_SECONDS =
      BigDecimal.valueOf(Instant.parse("9999-12-31T23:59:59Z").getEpochSecond());

  private TokenClaims() {}

  /// Returns the SHA-256 of the client certificate to which a `cnf` claim binds its token (RFC 8705
  /// §3.1).
  ///
  /// Each member of the claim must be understood: RFC 7800 §3.1 leaves this to the application, and
  /// the issuer bound the token on purpose.
  ///
  /// @return null if the claim requires another proof, or is malformed
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

  /// Returns the time of a claim (RFC 7519 §2, NumericDate): seconds from 1970 to the year 9999,
  /// which may have a fraction.
  ///
  /// @return null if the claim is not such a time
  public static @Nullable Instant instant(@Nullable Object claim) {
    if (!(claim instanceof Number number)) {
      return null;
    }
    double value = number.doubleValue();
    if (!Double.isFinite(value) || value < 0 || value > MAX_EPOCH_SECONDS.doubleValue()) {
      return null;
    }
    // Do not use the number's own digits: there may be a thousand million of them.
    BigDecimal seconds =
        number instanceof Long || number instanceof Integer
            ? BigDecimal.valueOf(number.longValue())
            : new BigDecimal(Double.toString(value));
    long whole = seconds.longValue();
    return Instant.ofEpochSecond(
        whole, seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue());
  }
}
