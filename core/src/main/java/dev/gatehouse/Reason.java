package dev.gatehouse;

/// The reasons for refusing a request, each with the HTTP status, the stable code and the fixed
/// sentence that clients read.
public enum Reason {
  NO_CREDENTIALS(401, "Authentication required"),
  INVALID_API_KEY(401, "Invalid API key"),
  INVALID_CREDENTIALS(401, "Invalid credentials"),
  INVALID_TOKEN(401, "Invalid token"),
  TOKEN_EXPIRED(401, "Token expired"),
  INVALID_REFRESH_TOKEN(401, "Invalid refresh token"),
  INVALID_SIGNATURE(401, "Invalid signature"),
  REQUEST_EXPIRED(401, "Request expired"),
  REPLAYED(401, "Request already used"),
  NOT_AUTHENTICATED(401, "Not authenticated"),
  INVALID_CLIENT_CERTIFICATE(401, "Invalid client certificate"),
  METHOD_NOT_ACCEPTED(401, "This route does not accept that credential"),
  INSUFFICIENT_SCOPE(403, "Insufficient scope"),
  CSRF(403, "CSRF token missing or wrong"),
  SIGN_IN_REFUSED(403, "Sign-in refused"),
  MALFORMED_REQUEST(400, "Malformed request"),
  AMBIGUOUS_CREDENTIALS(400, "Ambiguous credentials"),
  NOT_FOUND(404, "Not found"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  REQUEST_TIMEOUT(408, "Request timed out"),
  BODY_TOO_LARGE(413, "Body too large"),
  THROTTLED(429, "Too many attempts"),
  UNAVAILABLE(503, "Temporarily unavailable"),
  UPSTREAM_UNREACHABLE(502, "Upstream unreachable"),
  UPSTREAM_TIMEOUT(504, "Upstream timed out");

  private final int status;
  private final String sentence;

  Reason(int status, String sentence) {
    this.status = status;
    this.sentence = sentence;
  }

  /// Returns the HTTP status of the refusal.
  public int status() {
    return status;
  }

  /// Returns the stable code in the problem document, which is the constant's name.
  public String code() {
    return name();
  }

  /// Returns the sentence that clients read as `title` and `error`.
  public String sentence() {
    return sentence;
  }
}
