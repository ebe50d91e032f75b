package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Base64;
import java.util.Map;

/// Proves who sends a request, by fields that are added to it.
///
/// One credential serves many threads, and each call makes its fields anew. What can be computed
/// from the request alone is a credential, so that it serves other HTTP clients too; tokens that
/// are asked for and renewed are a [Grant].
@FunctionalInterface
public interface Credential {

  /// The fields to add to that request. It never waits.
  ///
  /// @throws IllegalArgumentException when the request can't be signed, saying why
  Map<String, String> fields(OutgoingRequest request);

  /// Whether [#fields] reads [OutgoingRequest#body]. Then the client reads the whole body before it
  /// sends it.
  default boolean readsBody() {
    return false;
  }

  /// An API key, as `X-API-Key`.
  static Credential apiKey(String key) {
    return new FixedField("API key", "X-API-Key", FieldText.visible("An API key", key));
  }

  /// A name and a password with every request (RFC 7617).
  ///
  /// @throws IllegalArgumentException for a name with a colon, and for control characters
  static Credential basic(String name, String password) {
    // RFC 7617 §2: the first colon ends the name
    if (name.indexOf(':') >= 0) {
      throw new IllegalArgumentException("A name for Basic holds no colon");
    }
    // RFC 7617 §2: neither holds a control character
    String pair = name + ":" + password;
    if (pair.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("A name or password for Basic holds no control character");
    }
    // RFC 7617 §2.1: normalised to NFC, then UTF-8
    byte[] bytes = Normalizer.normalize(pair, Normalizer.Form.NFC).getBytes(StandardCharsets.UTF_8);
    return new FixedField(
        "Basic", "Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
  }

  /// An access token that came from elsewhere (RFC 6750 §2.1). It is not renewed.
  static Credential bearer(String token) {
    return new FixedField(
        "Bearer", "Authorization", "Bearer " + FieldText.visible("A token", token));
  }

  /// A signature of Gatehouse's own profile: HMAC-SHA-256 over method, target, time, body and a
  /// nonce.
  ///
  /// @param secret as the gate printed it
  static Credential hmac(String keyId, String secret) {
    return new HmacSignature(keyId, secret);
  }
}
