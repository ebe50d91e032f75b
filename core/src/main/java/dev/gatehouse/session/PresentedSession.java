package dev.gatehouse.session;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.SecretForm;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secret in a session cookie, which has the form of the gate's secrets. Only the store knows
/// whether it was issued. Immutable; its text form contains no secret.
final class PresentedSession {

  static final SecretForm FORM = SecretForm.base62("session_");

  private static final byte[] CSRF_LABEL = "gatehouse csrf".getBytes(StandardCharsets.US_ASCII);

  private final String secret;

  private PresentedSession(String secret) {
    this.secret = secret;
  }

  /// Returns a new secret of 256 random bits.
  static PresentedSession random() {
    return new PresentedSession(FORM.random());
  }

  /// Parses the value of a cookie; empty if it cannot be that of a session.
  static Optional<PresentedSession> parse(String value) {
    return FORM.matches(value) ? Optional.of(new PresentedSession(value)) : Optional.empty();
  }

  /// Returns the digest by which the session is stored and looked up.
  Digest digest() {
    return Digest.sha256(bytes());
  }

  byte[] bytes() {
    return secret.getBytes(StandardCharsets.US_ASCII);
  }

  /// Returns the CSRF token of the session. Only pages of this origin can read it, so it shows that
  /// such a page sent a request. It reveals nothing about the secret from which it is derived.
  String csrfToken() {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(bytes(), "HmacSHA256"));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(mac.doFinal(CSRF_LABEL));
    } catch (GeneralSecurityException impossible) {
      // javax.crypto.Mac: every Java platform has HmacSHA256; any key that is not empty fits it.
      throw new AssertionError(impossible);
    }
  }

  /// Whether that is the CSRF token. Compares in constant time.
  boolean isCsrfToken(String token) {
    return MessageDigest.isEqual(
        csrfToken().getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.UTF_8));
  }

  /// Returns the value of the cookie.
  String reveal() {
    return secret;
  }

  @Override
  public String toString() {
    return "PresentedSession[…]";
  }
}
