package dev.gatehouse.bearer;

import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/// A text that has the form of a signed JWT: three parts in strict base64url (RFC 7515 §3.1).
/// Nothing in it is decoded or verified yet. Immutable; its text form contains no part of the
/// token.
public final class PresentedJwt {

  /// The longest token that is read. It may contain the roles or groups of a person.
  public static final int MAX_CHARS = 64 * 1024;

  // RFC 4648 §5: the value of each character; -1: not in the alphabet.
  private static final byte[] BASE64URL_VALUES = new byte[256];

  static {
    Arrays.fill(BASE64URL_VALUES, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int value = 0; value < alphabet.length(); value++) {
      BASE64URL_VALUES[alphabet.charAt(value)] = (byte) value;
    }
  }

  private final String text;
  private final byte[] bytes;
  private final int firstDot;
  private final int secondDot;

  private PresentedJwt(String text, byte[] bytes, int firstDot, int secondDot) {
    this.text = text;
    this.bytes = bytes;
    this.firstDot = firstDot;
    this.secondDot = secondDot;
  }

  /// Parses untrusted text; empty if it cannot be a signed token. An encrypted token has five parts
  /// (RFC 7516 §3.1), so it is not one. Does not block.
  public static Optional<PresentedJwt> parse(String text) {
    if (text.length() > MAX_CHARS) {
      return Optional.empty();
    }
    // Characters beyond Latin-1 become a question mark, which is not in the alphabet.
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    int firstDot = text.indexOf('.');
    int secondDot = text.indexOf('.', firstDot + 1);
    return firstDot > 0
            && secondDot > 0
            && isBase64Url(bytes, 0, firstDot)
            && isBase64Url(bytes, firstDot + 1, secondDot)
            && isBase64Url(bytes, secondDot + 1, text.length())
        ? Optional.of(new PresentedJwt(text, bytes, firstDot, secondDot))
        : Optional.empty();
  }

  /// Whether a text that is not a signed token looks like a damaged one: with padding, with a
  /// character or a part too many or too few, or with other bits than zero at its end. It has a
  /// JSON object in base64url, which begins with `eyJ`, in the place of a header or a payload. An
  /// encrypted token (RFC 7516 §3.1) has five parts, and only its first is JSON.
  static boolean isDamaged(String text) {
    int header = text.indexOf("eyJ");
    if (header < 0) {
      return false;
    }
    int payload = text.indexOf(".eyJ");
    if (payload >= 0) {
      return header < payload || text.indexOf('.', payload + 1) >= 0;
    }
    int dots = 0;
    for (int at = text.indexOf('.'); at >= 0; at = text.indexOf('.', at + 1)) {
      dots++;
    }
    // One dot remains if the other was lost or replaced, and the payload still begins somewhere.
    boolean lostDot = dots == 1 && text.indexOf("eyJ", 1) > 0;
    return header == 0 && (lostDot || (dots >= 2 && dots != 4));
  }

  /// Returns the token as it was presented, for a digest. The array must not be changed.
  public byte[] bytes() {
    return bytes;
  }

  /// Returns the bytes of the header (RFC 7515 §4).
  public byte[] header() {
    return Base64.getUrlDecoder().decode(text.substring(0, firstDot));
  }

  /// Returns the bytes of the payload.
  public byte[] payload() {
    return Base64.getUrlDecoder().decode(text.substring(firstDot + 1, secondDot));
  }

  /// Returns what is signed: the header and the payload as they were sent (RFC 7515 §5.2).
  public byte[] signingInput() {
    return text.substring(0, secondDot).getBytes(StandardCharsets.US_ASCII);
  }

  /// Returns the signature.
  public Base64URL signature() {
    return new Base64URL(text.substring(secondDot + 1));
  }

  // RFC 7515 §2: base64url without padding, line breaks or other characters. RFC 4648 §3.5: unused
  // bits are zero, so that no two texts are the same token.
  private static boolean isBase64Url(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length == 0 || length % 4 == 1) {
      return false;
    }
    int last = 0;
    for (int i = from; i < to; i++) {
      last = BASE64URL_VALUES[bytes[i] & 0xff];
      if (last < 0) {
        return false;
      }
    }
    return switch (length % 4) {
      case 2 -> (last & 0b1111) == 0;
      case 3 -> (last & 0b11) == 0;
      default -> true;
    };
  }

  @Override
  public String toString() {
    return "PresentedJwt[…]";
  }
}
