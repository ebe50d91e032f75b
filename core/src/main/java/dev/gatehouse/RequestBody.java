package dev.gatehouse;

import java.time.Duration;
import java.util.Arrays;

/// The body of a request, for methods that sign it: read only when one asks for it.
public interface RequestBody {

  /// No body at all.
  RequestBody NONE = of(new byte[0]);

  /// Whether it is known already that no byte will come.
  boolean isEmpty();

  /// All of it, as it came: waits until the last byte is here, and answers the same when it is
  /// asked again. Throws [Unreadable] when it is longer than that, or does not come.
  ///
  /// The array is the body's own: it is not to be changed.
  byte[] bytes(int maxBytes);

  /// Whether its end is withheld from whoever acts on the request until the body was seen to be
  /// what [Outcome.Accepted#bodyDigest] says: only then may a method accept it unread.
  default boolean isWithheld() {
    return false;
  }

  /// A body that is here already.
  static RequestBody of(byte[] bytes) {
    byte[] kept = Arrays.copyOf(bytes, bytes.length);
    return new RequestBody() {
      @Override
      public boolean isEmpty() {
        return kept.length == 0;
      }

      @Override
      public byte[] bytes(int maxBytes) {
        if (kept.length > maxBytes) {
          throw Unreadable.tooLarge(maxBytes);
        }
        return kept;
      }
    };
  }

  /// Why a body can't be had.
  final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Outcome.Rejected rejected;

    /// Answered with that rejection.
    public Unreadable(Outcome.Rejected rejected) {
      super(rejected.cause(), null, false, false);
      this.rejected = rejected;
    }

    /// A signed body is longer than that many bytes.
    public static Unreadable tooLarge(int maxBytes) {
      return new Unreadable(
          new Outcome.Rejected(
              Reason.BODY_TOO_LARGE,
              "A signed body has at most " + maxBytes + " bytes here",
              "the signed body is too large"));
    }

    /// The body did not come within that time. Counts as a failed attempt of its sender, who kept a
    /// place from others.
    public static Unreadable late(Duration within) {
      String detail = "The body did not come within " + within.toSeconds() + " seconds";
      return new Unreadable(new Outcome.Rejected(Reason.REQUEST_TIMEOUT, detail, detail).countedAsFailure());
    }

    /// The client went away before the end of the body. Counts as [#late] does.
    public static Unreadable brokenOff() {
      return new Unreadable(
          new Outcome.Rejected(
                  Reason.MALFORMED_REQUEST, "The body broke off", "the client went away")
              .countedAsFailure());
    }

    /// What the client is told.
    public Outcome.Rejected rejected() {
      return rejected;
    }
  }
}
