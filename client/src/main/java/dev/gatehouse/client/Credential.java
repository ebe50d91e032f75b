package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Map;

/// Authenticates requests with fields that it adds to them.
///
/// An implementation must be thread-safe, and must compute the fields anew for each request. A
/// credential depends only on the request, so that it can be used with other HTTP clients as well.
/// Tokens that are requested and renewed are a [Grant].
@FunctionalInterface
public interface Credential {

  /// Returns the fields to add to that request. Must not block.
  ///
  /// @throws IllegalArgumentException if the request cannot be signed, with a message that says why
  Map<String, String> fields(OutgoingRequest request);

  /// Whether [#fields] reads [OutgoingRequest#body]. Then the client reads the whole body into
  /// memory before it sends it.
  default boolean readsBody() {
    return false;
  }

  /// Returns an API key that is sent as `X-API-Key`.
  ///
  /// @throws IllegalArgumentException if it contains anything but printable ASCII without spaces
  static Credential apiKey(String key) {
    return new FixedField("API key", "X-API-Key", FieldText.visible("An API key", key));
  }

  /// Returns a name and a password that are sent with every request (RFC 7617). They are normalized
  /// to NFC and encoded as UTF-8 (§2.1).
  ///
  /// @throws IllegalArgumentException if the name contains a colon, or either contains a control
  ///   character
  static Credential basic(String name, String password) {
    // RFC 7617 §2: the first colon ends the name
    if (name.indexOf(':') >= 0) {
      throw new IllegalArgumentException("A name for Basic holds no colon");
    }
    // RFC 7617 §2: neither contains a control character
    String pair = name + ":" + password;
    if (pair.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("A name or password for Basic holds no control character");
    }
    // RFC 7617 §2.1: normalised to NFC, then UTF-8
    byte[] bytes = Normalizer.normalize(pair, Normalizer.Form.NFC).getBytes(StandardCharsets.UTF_8);
    return new FixedField(
        "Basic", "Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
  }

  /// Returns an access token from elsewhere (RFC 6750 §2.1). It is not renewed.
  ///
  /// @throws IllegalArgumentException if it contains anything but printable ASCII without spaces
  static Credential bearer(String token) {
    return new FixedField(
        "Bearer", "Authorization", "Bearer " + FieldText.visible("A token", token));
  }

  /// Returns a signature of Gatehouse's own profile: HMAC-SHA-256 over the method, target, time,
  /// body and a nonce.
  ///
  /// @param secret the secret as the gate printed it
  /// @throws IllegalArgumentException if the key id or the secret is malformed
  static Credential hmac(String keyId, String secret) {
    return new HmacSignature(keyId, secret);
  }
}
