package dev.gatehouse.oauth;

import dev.gatehouse.revocation.FeedEntry;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.RandomIds;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Denies foreign access tokens, which nobody here can revoke where they were issued.
///
/// A denial reaches every node as a revocation does. Thread-safe; every call may block.
public final class DeniedTokens {

  private static final int MAX_NOTE_CHARS = 200;

  private final DeniedTokenStore store;
  private final Clock clock;

  /// Keeps them in that store.
  public DeniedTokens(DeniedTokenStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /// Makes a denial end everything that is remembered of foreign tokens, and nothing else. It ends
  /// everything, because a denied token may act under any name here.
  public static void forgetOnDenial(Revocations revocations) {
    revocations.forgetOn(DeniedTokens::isDenial, ForeignNames::isCredential);
  }

  private static boolean isDenial(FeedEntry entry) {
    return entry.kind() == FeedEntry.Kind.CREDENTIAL
        && entry.name().startsWith(DeniedToken.ID_PREFIX);
  }

  /// Denies all tokens of a subject, or one token. Throws [IllegalArgumentException] that says what
  /// is wrong: both or neither named, a text too long, an end that has passed.
  ///
  /// @param until the first instant at which they count again; null: never
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
          what + " has 1 to " + ForeignNames.MAX_NAME_CHARS + " characters, none of them a control");
    }
  }

  /// Up to `limit` denials in the order of their ids, behind that id (from the beginning: null).
  public List<DeniedToken> list(@Nullable String afterId, int limit) {
    return store.list(afterId, limit);
  }

  /// Lets them count again; false when there is no denial of that id.
  public boolean allow(String id) {
    return store.remove(id);
  }
}
