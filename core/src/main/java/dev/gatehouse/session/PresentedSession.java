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

/// The secret in a cookie that has the form of ours. It has no text form.
final class PresentedSession {

  static final SecretForm FORM = SecretForm.base62("session_");

  private static final byte[] CSRF_LABEL = "gatehouse csrf".getBytes(StandardCharsets.US_ASCII);

  private final String secret;

  private PresentedSession(String secret) {
    this.secret = secret;
  }

  /// A new one: 256 random bits.
  static PresentedSession random() {
    return new PresentedSession(FORM.random());
  }

  /// Reads a cookie's value; empty when it can't be a session's.
  static Optional<PresentedSession> parse(String value) {
    return FORM.matches(value) ? Optional.of(new PresentedSession(value)) : Optional.empty();
  }

  /// What is stored of it, and looked up.
  Digest digest() {
    return Digest.sha256(bytes());
  }

  byte[] bytes() {
    return secret.getBytes(StandardCharsets.US_ASCII);
  }

  /// The token that pages of this origin can read, and no other's: whoever sends it has read it. It
  /// tells nothing of the secret that it is made of.
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

  /// Whether that is the token, in a time that tells nothing.
  boolean isCsrfToken(String token) {
    return MessageDigest.isEqual(
        csrfToken().getBytes(StandardCharsets.US_ASCII), token.getBytes(StandardCharsets.UTF_8));
  }

  /// The cookie's value: for whoever sets it.
  String reveal() {
    return secret;
  }

  @Override
  public String toString() {
    return "PresentedSession[…]";
  }
}
