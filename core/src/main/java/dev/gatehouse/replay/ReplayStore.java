package dev.gatehouse.replay;

import dev.gatehouse.secret.Digest;
import java.time.Instant;

/// The record of what may be used once: signatures, answers to sign-ins, one-time codes.
/// Thread-safe; every call may block.
///
/// Each method throws [dev.gatehouse.StoreUnavailableException] when the store does not answer. A
/// use that was recorded is known after a restart, until it is forgotten.
///
/// What is forgotten leaves a *horizon* behind, one for each [Kind]: the latest [Use#horizon] of
/// all uses of that kind that were ever forgotten. The horizon never goes back. It is as durable as
/// the record, and it is durable no later than the deletion. So whatever the clock does, and
/// whatever [Use#until] another version, setting or node would give the same use: a use that was
/// recorded is never [Recorded.First] again, unless its kind has no time or it was released.
///
/// Recording, forgetting and releasing exclude each other: no use is compared with the horizon of
/// before a deletion and added after it.
///
/// Each use takes a place in the share of its [Use#holder]. A holder gets a place as long as it
/// holds fewer than [Limits#perHolder] and fewer than are free. So one holder never takes the last
/// place, and a holder without any use finds room until the record is full.
public interface ReplayStore {

  /// How many uses find room.
  ///
  /// @param all of all holders together
  /// @param perHolder of one holder, at most; it gets no more than half of all in any case
  record Limits(int all, int perHolder) {

    /// Throws [IllegalArgumentException] when a limit is below one.
    public Limits {
      if (all < 1 || perHolder < 1) {
        throw new IllegalArgumentException("a record has room for at least one use of each holder");
      }
    }

    /// Room for so many, of which a holder gets at most half.
    public static Limits of(int all) {
      return new Limits(all, Math.max(1, all / 2));
    }

    /// Whether a holder of so many uses gets no place for another.
    ///
    /// @param used by all holders
    public boolean isShareTaken(long held, long used) {
      return held >= Math.min(perHolder, all - used);
    }
  }

  /// What a use is a use of. The uses of one kind live equally long, so that the horizon of a kind
  /// lies behind everything that its callers still accept.
  enum Kind {
    /// A signature with a time. It is used at the time that was signed.
    SIGNATURE,
    /// A signed event without a time. Nothing in it says when it was made, so it is used at the
    /// time at which it arrives, and is a new use when it arrives after [Use#until].
    UNTIMED_EVENT,
    /// The answer to a sign-in with a provider. It is used at the end of its attempt.
    SIGN_IN,
    /// A one-time code. It is used at its end.
    ONE_TIME_CODE
  }

  /// One use.
  ///
  /// @param holder whose share of the record it takes: the id of a signature key, or a name that no
  ///   such id is
  /// @param digest of everything that makes it the same use, and of nothing else
  /// @param time of the use; fixed by what is used, and so the same for each try, but for
  ///   [Kind#UNTIMED_EVENT]
  /// @param until when it may be forgotten, because it is refused for its age from then on
  record Use(Kind kind, String holder, Digest digest, Instant time, Instant until) {

    /// The latest time of a use that could be this one. It becomes the horizon of the kind when
    /// this use is forgotten.
    public Instant horizon() {
      return kind == Kind.UNTIMED_EVENT ? until : time;
    }
  }

  /// What came of recording a use.
  sealed interface Recorded {

    /// It is the first of its kind, and on record.
    record First() implements Recorded {}

    /// It was on record already.
    record Again() implements Recorded {}

    /// It is not on record, and may have been forgotten: its time is not later than the horizon of
    /// its kind. It was not recorded.
    ///
    /// @param horizon at or after the time of the use
    record BeforeHorizon(Instant horizon) implements Recorded {}

    /// There is no room for another: nothing is forgotten to make some.
    record Full() implements Recorded {}

    /// The share of its holder is taken: there is no room for another of that holder.
    record ShareTaken() implements Recorded {}
  }

  /// Records a use. Of many who record the same one at once, one is told that it is the first.
  ///
  /// When several answers are true, it is the first of these: [Recorded.Again],
  /// [Recorded.BeforeHorizon], [Recorded.Full], [Recorded.ShareTaken]. The horizon is exact to the
  /// millisecond.
  Recorded record(Use use);

  /// As [#record], for a use that counts only when it is confirmed. It is on record at once, so
  /// that a second one is [Recorded.Again]. If the process ends before it is confirmed or released,
  /// the next one that opens the record releases it.
  Recorded reserve(Use use);

  /// Makes a use count that was reserved. For the caller that was told that it is the first.
  void confirm(Use use);

  /// Takes a use off the record as if it had never been there: it moves no horizon. For the caller
  /// that was told that it is the first, once, and not after it was confirmed. Does nothing when
  /// that use was forgotten meanwhile, also when the same digest was recorded anew.
  void release(Use use);

  /// Forgets the uses whose [Use#until] is before that instant, and moves the horizons of their
  /// kinds. The horizon does not keep a use of [Kind#UNTIMED_EVENT] from being the first again once
  /// the clock was set forward. So these uses are forgotten only if their [Use#until] is also
  /// before the other instant.
  ///
  /// @param untimed what [UntimedEventTime] says
  void purge(Instant now, Instant untimed);

  /// The same with a clock that was never set forward.
  default void purge(Instant now) {
    purge(now, now);
  }
}
