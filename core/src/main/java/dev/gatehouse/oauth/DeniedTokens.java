package dev.gatehouse.oauth;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.RandomIds;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Denies access tokens of other issuers, which can be revoked only where they were issued.
///
/// A denial reaches all nodes as a revocation does. Thread-safe; every method that is not static
/// may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
public final class DeniedTokens {

  private static final int MAX_NOTE_CHARS = 200;

  private final DeniedTokenStore store;
  private final Clock clock;

  /// @param store where denials are stored
  public DeniedTokens(DeniedTokenStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /// Makes a denial end all that is remembered about tokens of other issuers, and nothing else. It
  /// ends all of it, because a denied token may have any local name.
  public static void forgetOnDenial(Revocations revocations) {
    revocations.forgetOn(DeniedTokens::isDenial, ForeignNames::isCredential);
  }

  private static boolean isDenial(FeedEntry entry) {
    return entry.kind() == FeedEntry.Kind.CREDENTIAL
        && entry.name().startsWith(DeniedToken.ID_PREFIX);
  }

  /// Denies all tokens of a subject, or one token. Throws [IllegalArgumentException] with a message
  /// that says what is wrong: both or neither is named, a text is too long, or the end is in the
  /// past.
  ///
  /// @param until the first instant at which they are accepted again; null: never
  public DeniedToken deny(
      String issuer,
      @Nullable String subject,
      @Nullable String tokenId,
      String note,
      @Nullable Instant until) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    checkText("an issuer", issuer);
    if ((subject == null) == (tokenId == null)) {
      throw new IllegalArgumentException("name either a subject or the id of a token");
    }
    checkText(
        subject == null ? "the id of a token" : "a subject",
        subject == null ? String.valueOf(tokenId) : subject);
    if (note.length() > MAX_NOTE_CHARS || note.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a note has at most " + MAX_NOTE_CHARS + " characters");
    }
    if (until != null && !until.isAfter(now)) {
      throw new IllegalArgumentException("the end lies in the past");
    }
    DeniedToken denied =
        new DeniedToken(
            RandomIds.next(DeniedToken.ID_PREFIX),
            issuer,
            subject,
            tokenId,
            note,
            now,
            until == null ? null : until.truncatedTo(ChronoUnit.MILLIS));
    store.add(denied);
    return denied;
  }

  private static void checkText(String what, String text) {
    if (!ForeignNames.isName(text)) {
      throw new IllegalArgumentException(
          what
              + " has 1 to "
              + ForeignNames.MAX_NAME_CHARS
              + " characters, none of them a control");
    }
  }

  /// Returns up to `limit` denials in the order of their ids, after that id (null: from the first).
  public List<DeniedToken> list(@Nullable String afterId, int limit) {
    return store.list(afterId, limit);
  }

  /// Deletes a denial, so that the tokens are accepted again; false if there is none of that id.
  public boolean allow(String id) {
    return store.remove(id);
  }
}
