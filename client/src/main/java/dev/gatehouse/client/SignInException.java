package dev.gatehouse.client;

import java.io.IOException;
import java.time.Duration;

/// The gate gave no token. Another try may help if [#status] is 429 or 503. Otherwise the
/// credential of the [Grant] is not valid, or is no longer valid.
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

  /// Returns the status of the gate's answer; 0 if the gate was not asked, because nothing was left
  /// to ask with.
  public int status() {
    return status;
  }

  /// Returns the code of the problem document, such as `INVALID_CREDENTIALS`; empty if the answer
  /// was not one.
  public String code() {
    return code;
  }

  /// Returns how long to wait before another try, as the gate said; at most five minutes, and zero
  /// if it did not say.
  public Duration retryAfter() {
    return retryAfter;
  }
}
