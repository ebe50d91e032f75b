package dev.gatehouse.hmac.message;

import dev.gatehouse.BodyDigest;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.greenbytes.http.sfv.ByteSequenceItem;
import org.greenbytes.http.sfv.ListElement;
import org.jspecify.annotations.Nullable;

/// Parses the field `Content-Digest`, the digest of the body as it is sent (RFC 9530 §2). Does not
/// compare it with a body. Thread-safe; does not block.
final class ContentDigest {

  /// The name of the field in lower case, as a signature names it.
  static final String FIELD = "content-digest";

  // More than there are registered algorithms, each with a comma and a space.
  private static final int MAX_SEPARATORS = 32;

  private static final int SHA_256_BYTES = 32;
  private static final int SHA_512_BYTES = 64;

  private ContentDigest() {}

  /// Returns the digest in the lines of the field. If both are present, SHA-512 is preferred to
  /// SHA-256. Throws if neither is present: the other algorithms of the registry are deprecated
  /// (RFC 9530 §5). Throws if a member is present twice.
  static BodyDigest of(List<String> lines) throws MalformedSignatureException {
    Map<String, ListElement<?>> members =
        StructuredField.dictionaryWithoutDuplicates("Content-Digest", lines, MAX_SEPARATORS).get();
    BodyDigest longer = of(members.get("sha-512"), "SHA-512", SHA_512_BYTES);
    BodyDigest shorter = of(members.get("sha-256"), "SHA-256", SHA_256_BYTES);
    if (longer != null) {
      return longer;
    }
    if (shorter != null) {
      return shorter;
    }
    throw new MalformedSignatureException("Content-Digest needs a digest by sha-256 or sha-512");
  }

  private static @Nullable BodyDigest of(
      @Nullable ListElement<?> member, String algorithm, int bytes)
      throws MalformedSignatureException {
    if (member == null) {
      return null;
    }
    if (member instanceof ByteSequenceItem sequence && sequence.get().remaining() == bytes) {
      byte[] value = new byte[bytes];
      ByteBuffer from = sequence.get().duplicate();
      from.get(value);
      return new BodyDigest(algorithm, value);
    }
    throw new MalformedSignatureException(
        "The " + algorithm + " in Content-Digest is a byte sequence of " + bytes + " bytes");
  }
}
