package dev.gatehouse.mtls;

import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Primitive;
import org.jspecify.annotations.Nullable;

/// Parses untrusted DER (ITU-T X.690 §10). Thread-safe; does not block.
final class Der {

  // Certificates and lists need half of this depth. The time in which Bouncy Castle encodes nested
  // sets grows with the square of their depth.
  private static final int MAX_DEPTH = 16;

  private Der() {}

  /// Parses bytes that are exactly one value in DER. Returns null if they are not DER (for example
  /// BER, or with bytes after the value), or if they are nested too deeply. Throws [IOException] or
  /// a [RuntimeException] if they are malformed.
  static @Nullable ASN1Primitive read(byte[] bytes) throws IOException {
    if (!isShallow(bytes)) {
      return null;
    }
    ASN1Primitive read = ASN1Primitive.fromByteArray(bytes);
    return read != null && Arrays.equals(read.getEncoded(ASN1Encoding.DER), bytes) ? read : null;
  }

  // Reads tags and lengths only (X.690 §8.1.2 and §8.1.3), in the forms that DER allows.
  private static boolean isShallow(byte[] bytes) {
    int[] ends = new int[MAX_DEPTH];
    int depth = 0;
    int at = 0;
    while (at < bytes.length) {
      while (depth > 0 && at == ends[depth - 1]) {
        depth--;
      }
      int tag = bytes[at++];
      if ((tag & 0x1f) == 0x1f || at == bytes.length) {
        return false; // All tags of RFC 5280 have one byte.
      }
      int length = bytes[at++] & 0xff;
      if (length > 0x7f) {
        int more = length & 0x7f;
        if (more == 0 || more > 3 || more > bytes.length - at) {
          return false;
        }
        length = 0;
        for (int i = 0; i < more; i++) {
          length = (length << 8) | (bytes[at++] & 0xff);
        }
      }
      if (length > (depth == 0 ? bytes.length : ends[depth - 1]) - at) {
        return false;
      }
      if ((tag & 0x20) == 0) {
        at += length;
      } else if (depth == MAX_DEPTH) {
        return false;
      } else {
        ends[depth++] = at + length;
      }
    }
    return true;
  }
}
