package dev.gatehouse.oauth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Foreign access tokens that count no more, whatever their issuer says: all of a subject, or one.
///
/// @param id public, `dny_…`; the revocation feed names it
/// @param issuer as its tokens name it
/// @param subject whose tokens; null: one token's
/// @param tokenId the `jti` of one token; null: all of a subject
/// @param note for people
/// @param until the first instant at which they count again; null: never
public record DeniedToken(
    String id,
    String issuer,
    @Nullable String subject,
    @Nullable String tokenId,
    String note,
    Instant createdAt,
    @Nullable Instant until) {

  /// What the ids of denials begin with.
  public static final String ID_PREFIX = "dny_";

  /// Checks that it names either; throws [IllegalArgumentException].
  public DeniedToken {
    if ((subject == null) == (tokenId == null)) {
      throw new IllegalArgumentException("a denial names a subject or a token, not both");
    }
  }

  boolean holdsAt(Instant now) {
    return until == null || now.isBefore(until);
  }
}
