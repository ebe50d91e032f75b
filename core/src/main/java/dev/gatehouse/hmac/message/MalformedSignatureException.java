package dev.gatehouse.hmac.message;

/// Thrown for a signature, or for something that it covers, which has not the form that it must
/// have; the message is for the client, and names no secret.
final class MalformedSignatureException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedSignatureException(String message) {
    super(message, null, false, false);
  }
}
