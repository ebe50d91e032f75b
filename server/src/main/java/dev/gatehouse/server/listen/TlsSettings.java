package dev.gatehouse.server.listen;

import io.vertx.core.buffer.Buffer;

/// What a listener proves itself with.
///
/// @param certificate the chain in PEM, the listener's own first
/// @param key its private key in PEM (PKCS #8)
public record TlsSettings(Buffer certificate, Buffer key) {

  /// Names neither.
  @Override
  public String toString() {
    return "TlsSettings[]";
  }
}
