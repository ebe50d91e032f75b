package dev.gatehouse.jwt;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A text that has the form of a refresh token, which is never that of an access token. Only the
/// store knows whether it was issued. Immutable; its text form contains no secret.
final class PresentedRefreshToken {

  static final SecretForm FORM = SecretForm.base62("rt_");

  private final String text;

  private PresentedRefreshToken(String text) {
    this.text = text;
  }

  /// Returns a new token of 256 random bits.
  static PresentedRefreshToken random() {
    return new PresentedRefreshToken(FORM.random());
  }

  /// Parses untrusted text; empty if it cannot be a refresh token.
  static Optional<PresentedRefreshToken> parse(String text) {
    return FORM.matches(text) ? Optional.of(new PresentedRefreshToken(text)) : Optional.empty();
  }

  /// Returns the digest by which the token is stored and looked up.
  Digest digest() {
    return Digest.sha256(bytes());
  }

  /// Returns the seal for the token's successor, which only the holder of this token can read. Its
  /// key is derived from the token, which is stored nowhere.
  Seal seal() {
    return Seal.derived(bytes(), "gatehouse refresh successor");
  }

  /// Returns the whole token, for the one time when it is shown.
  String reveal() {
    return text;
  }

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String toString() {
    return "PresentedRefreshToken[…]";
  }
}
