package dev.gatehouse.hmac.message;

import dev.gatehouse.HeaderFields;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greenbytes.http.sfv.ByteSequenceItem;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.ListElement;
import org.jspecify.annotations.Nullable;

/// A signature as it stands in a request: well-formed, and one that may count. Whether it is good
/// is for its key to say.
final class PresentedMessageSignature {

  static final String INPUT_FIELD = "Signature-Input";
  static final String SIGNATURE_FIELD = "Signature";

  private static final int MAX_SIGNATURES = 4;
  // A component has one parameter at most, a signature six. A comma may have a space behind it.
  private static final int MAX_INPUT_SEPARATORS =
      MAX_SIGNATURES * (2 * SignatureParameters.MAX_COMPONENTS + 8);
  private static final int MAX_SIGNATURE_SEPARATORS = 2 * MAX_SIGNATURES;
  // RSA of 8192 bits.
  private static final int MAX_SIGNATURE_BYTES = 1024;

  private final SignatureParameters parameters;
  private final byte[] signature;

  private PresentedMessageSignature(SignatureParameters parameters, byte[] signature) {
    this.parameters = parameters;
    this.signature = signature;
  }

  /// The signature in those fields that counts; empty when there is none at all.
  ///
  /// With a label in the settings, it is the one of that label, and up to three others (of a proxy,
  /// say) are let pass unread. Without, a message has one signature: which of several is meant,
  /// nobody could know.
  static Optional<PresentedMessageSignature> in(HeaderFields fields, @Nullable String label)
      throws MalformedSignatureException {
    List<String> inputs = fields.values(INPUT_FIELD);
    List<String> signatures = fields.values(SIGNATURE_FIELD);
    if (inputs.isEmpty() && signatures.isEmpty()) {
      return Optional.empty();
    }
    if (inputs.isEmpty() || signatures.isEmpty()) {
      throw new MalformedSignatureException(
          "A signature needs both fields, Signature-Input and Signature (RFC 9421 §4)");
    }
    Map<String, ListElement<?>> described =
        StructuredField.dictionaryWithoutDuplicates(INPUT_FIELD, inputs, MAX_INPUT_SEPARATORS)
            .get();
    Map<String, ListElement<?>> values =
        StructuredField.dictionaryWithoutDuplicates(
                SIGNATURE_FIELD, signatures, MAX_SIGNATURE_SEPARATORS)
            .get();
    if (described.size() > MAX_SIGNATURES || values.size() > MAX_SIGNATURES) {
      throw new MalformedSignatureException(
          "A request has at most " + MAX_SIGNATURES + " signatures here");
    }
    String counts = label == null ? only(described) : label;
    if (!(described.get(counts) instanceof InnerList input)) {
      throw new MalformedSignatureException(
          "Signature-Input needs the list of what " + counts + " covers");
    }
    if (!(values.get(counts) instanceof ByteSequenceItem sequence)) {
      throw new MalformedSignatureException(
          "Signature needs the bytes of " + counts + ", between colons");
    }
    ByteBuffer bytes = sequence.get().duplicate();
    if (bytes.remaining() > MAX_SIGNATURE_BYTES) {
      throw new MalformedSignatureException(
          "A signature has at most " + MAX_SIGNATURE_BYTES + " bytes");
    }
    byte[] signature = new byte[bytes.remaining()];
    bytes.get(signature);
    return Optional.of(new PresentedMessageSignature(SignatureParameters.of(input), signature));
  }

  private static String only(Map<String, ListElement<?>> described)
      throws MalformedSignatureException {
    if (described.size() != 1) {
      throw new MalformedSignatureException("Send one signature: of several, none counts here");
    }
    return described.keySet().iterator().next();
  }

  /// What it says of itself.
  SignatureParameters parameters() {
    return parameters;
  }

  /// Its bytes.
  byte[] signature() {
    return Arrays.copyOf(signature, signature.length);
  }

  /// Prints neither the signature nor the nonce.
  @Override
  public String toString() {
    return "PresentedMessageSignature[" + parameters.keyId() + "]";
  }
}
