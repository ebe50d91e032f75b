package dev.gatehouse;

import java.time.Duration;
import java.util.Arrays;

/// The body of a request, for methods that sign it. It is read only if a method asks for it.
public interface RequestBody {

  /// The request has no body.
  RequestBody NONE = of(new byte[0]);

  /// Whether it is already known that the body has no byte. Does not block.
  boolean isEmpty();

  /// Returns the whole body. Blocks until the last byte has arrived. A second call returns the same
  /// bytes.
  ///
  /// @param maxBytes the maximum length; a longer body is not read
  /// @return an array that belongs to the body and must not be changed
  /// @throws Unreadable if the body is longer than that, or does not arrive
  byte[] bytes(int maxBytes);

  /// Whether the end of the body is withheld from the upstream until the body was found to have the
  /// digest of [Outcome.Accepted#bodyDigest]. Only then may a method accept the body without
  /// reading it.
  default boolean isWithheld() {
    return false;
  }

  /// Returns a body that is already in memory. Copies the array.
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

  /// A body cannot be read.
  final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Outcome.Rejected rejected;

    /// The request is to be answered with that rejection.
    public Unreadable(Outcome.Rejected rejected) {
      super(rejected.cause(), null, false, false);
      this.rejected = rejected;
    }

    /// A signed body has more than that many bytes.
    public static Unreadable tooLarge(int maxBytes) {
      return new Unreadable(
          new Outcome.Rejected(
              Reason.BODY_TOO_LARGE,
              "A signed body has at most " + maxBytes + " bytes here",
              "the signed body is too large"));
    }

    /// The body did not arrive within that time. This is a failed attempt of its sender, since it
    /// occupied a place.
    public static Unreadable late(Duration within) {
      String detail = "The body did not come within " + within.toSeconds() + " seconds";
      return new Unreadable(
          new Outcome.Rejected(Reason.REQUEST_TIMEOUT, detail, detail).countedAsFailure());
    }

    /// The client closed the connection before the end of the body. This is a failed attempt, as
    /// [#late] is.
    public static Unreadable brokenOff() {
      return new Unreadable(
          new Outcome.Rejected(
                  Reason.MALFORMED_REQUEST, "The body broke off", "the client went away")
              .countedAsFailure());
    }

    /// Returns what the client is told.
    public Outcome.Rejected rejected() {
      return rejected;
    }
  }
}
