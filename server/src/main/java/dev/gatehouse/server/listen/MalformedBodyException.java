package dev.gatehouse.server.listen;

import dev.gatehouse.Outcome;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;

/// Reports that a chunk or a trailer of an HTTP/1 body can't be parsed, so the rest of the
/// connection can't be parsed either. The exception handler of the request receives it while the
/// connection is still open.
public final class MalformedBodyException extends Exception {
  private static final long serialVersionUID = 1L;

  /// The message for the client. It quotes nothing of the body.
  public static final String DETAIL = "A chunk or a trailer of the body can't be read";

  MalformedBodyException() {
    super(DETAIL, null, false, false);
  }

  /// Why a body does not come, of which the exception handler got that. What it got otherwise says
  /// that the client has gone.
  static RequestBody.Unreadable reason(Throwable failed) {
    return failed instanceof MalformedBodyException
        ? new RequestBody.Unreadable(
            new Outcome.Rejected(Reason.MALFORMED_REQUEST, DETAIL, DETAIL).countedAsFailure())
        : RequestBody.Unreadable.brokenOff();
  }
}
