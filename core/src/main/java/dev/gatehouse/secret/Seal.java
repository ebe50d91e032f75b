package dev.gatehouse.secret;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;

/// Encrypts values that must be readable again, with AES-256-GCM under the master key or a key
/// derived from it. Thread-safe; does not block.
///
/// The place of the value is associated data, so a sealed value that is moved to another place
/// cannot be opened there. The place of a column is `table/row/column`, and the names of tables and
/// columns contain no slash, so no two columns have the same place, whatever the id of the row is.
/// A value outside of tables has a name without a slash. The other values of the row are not bound.
/// The form is base64url of one version byte, a random 96-bit nonce, the ciphertext and the tag
/// (NIST SP 800-38D §8.2.2; at most 2^32 seals under one key).
public final class Seal {

  /// A sealed value cannot be opened: it has another key or place, or was changed.
  public static final class BrokenSealException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BrokenSealException(String place) {
      super("the sealed value at " + place + " does not open with this master key");
    }
  }

  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKey key;

  /// Throws [IllegalArgumentException] if the key does not have 32 bytes.
  public Seal(byte[] masterKey) {
    if (masterKey.length != Digest.BYTES) {
      throw new IllegalArgumentException("a master key has " + Digest.BYTES + " bytes");
    }
    this.key = new SecretKeySpec(masterKey, "AES");
  }

  /// Returns a seal with a key that is derived from the secret for one purpose, by HKDF with
  /// SHA-256 (RFC 5869 §2). It opens nothing that was sealed under the secret itself or for another
  /// purpose.
  ///
  /// @param secret at least 32 bytes that cannot be guessed
  public static Seal derived(byte[] secret, String purpose) {
    HKDFBytesGenerator hkdf = new HKDFBytesGenerator(SHA256Digest.newInstance());
    hkdf.init(new HKDFParameters(secret, null, purpose.getBytes(StandardCharsets.UTF_8)));
    byte[] key = new byte[Digest.BYTES];
    hkdf.generateBytes(key, 0, key.length);
    return new Seal(key);
  }

  /// Seals the text for that place.
  public String seal(String text, String place) {
    byte[] nonce = RandomIds.bytes(NONCE_BYTES);
    byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, text.getBytes(StandardCharsets.UTF_8), place);
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(
            ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                .put(VERSION)
                .put(nonce)
                .put(sealed)
                .array());
  }

  /// Opens a text that was sealed for that place; throws [BrokenSealException] if that is not
  /// possible.
  public String open(String sealed, String place) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(sealed);
    } catch (IllegalArgumentException noBase64) {
      throw new BrokenSealException(place);
    }
    if (bytes.length < 1 + NONCE_BYTES + TAG_BITS / 8 || bytes[0] != VERSION) {
      throw new BrokenSealException(place);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 1, bytes.length - 1);
    byte[] nonce = new byte[NONCE_BYTES];
    buffer.get(nonce);
    byte[] rest = new byte[buffer.remaining()];
    buffer.get(rest);
    return new String(run(Cipher.DECRYPT_MODE, nonce, rest, place), StandardCharsets.UTF_8);
  }

  private byte[] run(int mode, byte[] nonce, byte[] input, String place) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(place.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(input);
    } catch (GeneralSecurityException failed) {
      throw new BrokenSealException(place);
    }
  }
}
