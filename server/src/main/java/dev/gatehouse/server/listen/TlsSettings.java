package dev.gatehouse.server.listen;

import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/// What a listener proves itself with, and what it asks of clients.
///
/// @param certificate the chain in PEM, the listener's own first
/// @param key its private key in PEM (PKCS #8)
/// @param clients null: they are asked for no certificate
public record TlsSettings(Buffer certificate, Buffer key, @Nullable ClientAuthentication clients) {

  /// Of clients nothing is asked.
  public TlsSettings(Buffer certificate, Buffer key) {
    this(certificate, key, null);
  }

  /// Names nothing of it.
  @Override
  public String toString() {
    return "TlsSettings[]";
  }
}
