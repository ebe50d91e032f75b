package dev.gatehouse.hmac;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Outcome;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The fields of a signature in the gate's own format, after their syntax was checked. Neither the
/// time nor the signature is verified. The text form names nothing of it.
///
/// @param timestamp the value of `X-Timestamp` as it was sent, because that text is signed
/// @param seconds the same value as a number, in seconds since 1970
/// @param hex the signature, as 64 lower-case hexadecimal digits
/// @param nonce the value of `X-Nonce`; null: it was not sent
record PresentedSignature(
    String keyId, String timestamp, long seconds, String hex, @Nullable String nonce) {

  static final String KEY_ID = "X-Key-Id";
  static final String TIMESTAMP = "X-Timestamp";
  static final String SIGNATURE = "X-Signature";
  static final String NONCE = "X-Nonce";

  private static final int MAX_KEY_ID_CHARS = 64;
  private static final int SIGNATURE_CHARS = 64;
  private static final int MIN_NONCE_CHARS = 16;
  private static final int MAX_NONCE_CHARS = 128;

  // Enough for seconds until long after the year 5000, and for milliseconds, which many clients
  // send by mistake and get a hint for.
  private static final int MAX_TIMESTAMP_DIGITS = 14;

  /// The result of reading the fields.
  sealed interface Reading {

    /// The request has neither `X-Key-Id` nor `X-Signature`, so it is not signed in this format.
    record None() implements Reading {}

    /// A field is missing, present twice or malformed.
    record Malformed(Presented.Malformed malformed) implements Reading {}

    /// Each field is present once and well formed.
    record Found(PresentedSignature signature) implements Reading {}
  }

  private static final Reading NONE = new Reading.None();

  /// Reads the fields of a request, which are untrusted. Does not block.
  static Reading in(AuthRequest request) {
    List<String> keyIds = request.fields().values(KEY_ID);
    List<String> signatures = request.fields().values(SIGNATURE);
    if (keyIds.isEmpty() && signatures.isEmpty()) {
      return NONE; // X-Timestamp and X-Nonce alone may belong to the application.
    }
    List<String> timestamps = request.fields().values(TIMESTAMP);
    List<String> nonces = request.fields().values(NONCE);
    if (keyIds.size() > 1 || signatures.size() > 1 || timestamps.size() > 1 || nonces.size() > 1) {
      return wrong(Reason.AMBIGUOUS_CREDENTIALS, "Send each field of the signature once");
    }
    if (keyIds.isEmpty()) {
      return wrong(KEY_ID + " is missing: it names the key");
    }
    if (signatures.isEmpty()) {
      return wrong(SIGNATURE + " is missing: it holds the signature");
    }
    if (timestamps.isEmpty()) {
      return wrong(TIMESTAMP + " is missing: it says when the request was signed");
    }
    String timestamp = timestamps.getFirst();
    if (!isPlainNumber(timestamp)) {
      return wrong(TIMESTAMP + " must hold seconds since 1970, in plain digits");
    }
    String keyId = keyIds.getFirst();
    if (!isVisible(keyId, 1, MAX_KEY_ID_CHARS)) {
      return wrong(KEY_ID + " must hold the id of a key");
    }
    String hex = signatures.getFirst();
    if (!isSignature(hex)) {
      return wrong(SIGNATURE + " must hold 64 lower-case hexadecimal digits");
    }
    String nonce = nonces.isEmpty() ? null : nonces.getFirst();
    if (nonce != null && !isVisible(nonce, MIN_NONCE_CHARS, MAX_NONCE_CHARS)) {
      return wrong(NONCE + " must hold 16 to 128 visible ASCII characters");
    }
    return new Reading.Found(
        new PresentedSignature(keyId, timestamp, Long.parseLong(timestamp), hex, nonce));
  }

  private static boolean isPlainNumber(String text) {
    if (text.isEmpty() || text.length() > MAX_TIMESTAMP_DIGITS || text.charAt(0) == '0') {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isVisible(String text, int min, int max) {
    if (text.length() < min || text.length() > max) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) <= 0x20 || text.charAt(i) >= 0x7f) {
        return false;
      }
    }
    return true;
  }

  private static boolean isSignature(String text) {
    if (text.length() != SIGNATURE_CHARS) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  /// The 32 bytes of the signature, in a new array.
  byte[] signature() {
    return HexFormat.of().parseHex(hex);
  }

  private static Reading wrong(String detail) {
    return wrong(Reason.INVALID_SIGNATURE, detail);
  }

  private static Reading wrong(Reason reason, String detail) {
    return new Reading.Malformed(
        new Presented.Malformed(
            CredentialLocation.SIGNATURE_FIELD, new Outcome.Rejected(reason, detail, detail)));
  }

  /// Returns a constant text: the key id is not verified, and the rest is secret or signed.
  @Override
  public String toString() {
    return "PresentedSignature[…]";
  }
}
