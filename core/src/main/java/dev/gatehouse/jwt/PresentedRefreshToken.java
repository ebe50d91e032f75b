package dev.gatehouse.jwt;

import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.secret.SecretForm;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// A text that has the form of a refresh token. It never has the form of an access token.
final class PresentedRefreshToken {

  static final SecretForm FORM = SecretForm.base62("rt_");

  private final String text;

  private PresentedRefreshToken(String text) {
    this.text = text;
  }

  /// A new token of 256 random bits.
  static PresentedRefreshToken random() {
    return new PresentedRefreshToken(FORM.random());
  }

  /// Reads untrusted text; empty when it can't be a refresh token.
  static Optional<PresentedRefreshToken> parse(String text) {
    return FORM.matches(text) ? Optional.of(new PresentedRefreshToken(text)) : Optional.empty();
  }

  /// The form in which it is stored and looked up.
  Digest digest() {
    return Digest.sha256(bytes());
  }

  /// Seals what only the holder of this token may read again: its successor. The key is derived
  /// from the token itself, which nobody else keeps.
  Seal seal() {
    return Seal.derived(bytes(), "gatehouse refresh successor");
  }

  /// The whole token, for the one time when it is shown.
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
