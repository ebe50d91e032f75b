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

/// A signature of a request, with its parameters, after its syntax was checked (RFC 9421 §4). It is
/// not verified. Immutable; the text form names the key id only.
final class PresentedMessageSignature {

  static final String INPUT_FIELD = "Signature-Input";
  static final String SIGNATURE_FIELD = "Signature";

  private static final int MAX_SIGNATURES = 4;
  // A component has at most one parameter, and a signature has six. A space may follow a comma.
  private static final int MAX_INPUT_SEPARATORS =
      MAX_SIGNATURES * (2 * SignatureParameters.MAX_COMPONENTS + 8);
  private static final int MAX_SIGNATURE_SEPARATORS = 2 * MAX_SIGNATURES;
  // The signature of an RSA key with 8192 bits.
  private static final int MAX_SIGNATURE_BYTES = 1024;

  private final SignatureParameters parameters;
  private final byte[] signature;

  private PresentedMessageSignature(SignatureParameters parameters, byte[] signature) {
    this.parameters = parameters;
    this.signature = signature;
  }

  /// Returns the signature that is to be verified; empty if the request has none.
  ///
  /// If the settings have a label, this is the signature with that label; up to three others, for
  /// example of a proxy, are ignored. If they have none, the request must have exactly one
  /// signature. Throws if a field is malformed, or a label or a parameter is present twice.
  ///
  /// @param label the label of the settings; null: none
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
      throw new MalformedSignatureException("Send exactly one signature");
    }
    return described.keySet().iterator().next();
  }

  /// The covered components and the parameters.
  SignatureParameters parameters() {
    return parameters;
  }

  /// The bytes of the signature, in a new array.
  byte[] signature() {
    return Arrays.copyOf(signature, signature.length);
  }

  /// Names the key id only.
  @Override
  public String toString() {
    return "PresentedMessageSignature[" + parameters.keyId() + "]";
  }
}
