package dev.gatehouse.client;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A signature of Gatehouse's own profile. Thread-safe; its text form contains no secret.
///
/// The signed text consists of `METHOD`, `TARGET`, `TIMESTAMP`, `BODYHASH` and `NONCE`, each on a
/// line, without a line end after the last. A nonce is always sent: without one, the gate would
/// take two equal requests within a second for a replay.
final class HmacSignature implements Credential {

  private static final HexFormat HEX = HexFormat.of();

  private final String keyId;
  private final SecretKeySpec key;
  private final Clock clock;
  private final Supplier<String> nonces;

  HmacSignature(String keyId, String secret) {
    this(keyId, secret, Clock.systemUTC(), Nonces::next);
  }

  HmacSignature(String keyId, String secret, Clock clock, Supplier<String> nonces) {
    this.keyId = FieldText.visible("A key id", keyId);
    this.key = new SecretKeySpec(FieldText.secret(secret), "HmacSHA256");
    this.clock = clock;
    this.nonces = nonces;
  }

  @Override
  public boolean readsBody() {
    return true;
  }

  @Override
  public Map<String, String> fields(OutgoingRequest request) {
    String timestamp = Long.toString(clock.instant().getEpochSecond());
    String nonce = nonces.get();
    String signed =
        String.join("\n", request.method(), request.target(), timestamp, bodyHash(request), nonce);
    return Map.of(
        "X-Key-Id", keyId,
        "X-Timestamp", timestamp,
        "X-Nonce", nonce,
        "X-Signature", HEX.formatHex(hmac(signed.getBytes(StandardCharsets.US_ASCII))));
  }

  private static String bodyHash(OutgoingRequest request) {
    if (request.isEmpty()) {
      return "";
    }
    try {
      return HEX.formatHex(MessageDigest.getInstance("SHA-256").digest(request.body()));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has SHA-256", missing);
    }
  }

  private byte[] hmac(byte[] signed) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(signed);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("Every JDK has HmacSHA256", missing);
    }
  }

  @Override
  public String toString() {
    return "HMAC[" + keyId + "]";
  }
}
