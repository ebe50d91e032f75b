package dev.gatehouse.client;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a signature covers, and its parameters (RFC 9421 §2.3).
///
/// @param created seconds since 1970
/// @param nonce of visible ASCII, as the key's id
record SignatureParameters(
    List<String> covered,
    long created,
    String keyId,
    @Nullable String nonce,
    @Nullable String algorithm) {

  /// An inner list with parameters (RFC 8941 §4.1.1.1), the same in the base and in the field.
  String text() {
    String text =
        covered.stream().map(SignatureParameters::quoted).collect(Collectors.joining(" ", "(", ")"))
            + ";created="
            + created
            + ";keyid="
            + quoted(keyId);
    if (nonce != null) {
      text += ";nonce=" + quoted(nonce);
    }
    return algorithm == null ? text : text + ";alg=" + quoted(algorithm);
  }

  // RFC 8941 §4.1.6
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
