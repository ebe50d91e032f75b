package dev.gatehouse.client;

import java.io.IOException;
import java.time.Duration;

/// The gate gave no token. Another try may help when [#status] is 429 or 503; otherwise what the
/// client signs in with is not good, or no longer.
public final class SignInException extends IOException {

  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final Duration retryAfter;

  SignInException(String message, int status, String code, Duration retryAfter) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }

  /// The status of the gate's answer; 0 where there was none to ask with.
  public int status() {
    return status;
  }

  /// The code of the problem document, such as `INVALID_CREDENTIALS`; empty where the answer was
  /// none.
  public String code() {
    return code;
  }

  /// How long to wait before another try, as the gate said; at most five minutes, and zero where it
  /// said nothing.
  public Duration retryAfter() {
    return retryAfter;
  }
}
