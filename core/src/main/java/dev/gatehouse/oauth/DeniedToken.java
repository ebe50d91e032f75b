package dev.gatehouse.oauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A denial of access tokens of another issuer, whatever their issuer says: of all tokens of a
/// subject, or of one token. Immutable.
///
/// @param id public, `dny_…`; the revocation feed names it
/// @param issuer the issuer, as its tokens name it
/// @param subject the subject whose tokens are denied; null: one token is denied
/// @param tokenId the `jti` of the token; null: all tokens of a subject are denied
/// @param note a note for people
/// @param until the first instant at which they are accepted again; null: never
public record DeniedToken(
    String id,
    String issuer,
    @Nullable String subject,
    @Nullable String tokenId,
    String note,
    Instant createdAt,
    @Nullable Instant until) {

  /// The prefix of the ids of denials.
  public static final String ID_PREFIX = "dny_";

  /// Throws [IllegalArgumentException] if it names both a subject and a token, or neither.
  public DeniedToken {
    if ((subject == null) == (tokenId == null)) {
      throw new IllegalArgumentException("a denial names a subject or a token, not both");
    }
  }

  boolean holdsAt(Instant now) {
    return until == null || now.isBefore(until);
  }
}
