package dev.gatehouse.client;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The covered components of a signature, and its parameters (RFC 9421 §2.3).
///
/// @param created seconds since 1970
/// @param keyId printable ASCII, like the nonce and the tag
record SignatureParameters(
    List<String> covered,
    long created,
    String keyId,
    @Nullable String nonce,
    @Nullable String algorithm,
    @Nullable String tag) {

  /// Returns an inner list with parameters (RFC 8941 §4.1.1.1), which is the same in the base and
  /// in the field.
  String text() {
    return covered.stream()
            .map(SignatureParameters::quoted)
            .collect(Collectors.joining(" ", "(", ")"))
        + ";created="
        + created
        + parameter("keyid", keyId)
        + parameter("nonce", nonce)
        + parameter("alg", algorithm)
        + parameter("tag", tag);
  }

  private static String parameter(String name, @Nullable String value) {
    return value == null ? "" : ";" + name + "=" + quoted(value);
  }

  // RFC 8941 §4.1.6
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
