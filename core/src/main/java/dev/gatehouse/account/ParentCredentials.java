package dev.gatehouse.account;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Says what credentials stand for now. Thread-safe; may block, and throws
/// [dev.gatehouse.StoreUnavailableException] when the store does not answer.
@FunctionalInterface
public interface ParentCredentials {

  /// What that credential stands for now. Empty when there is none, when it was revoked, and when
  /// it is a client certificate that is not trusted any more.
  ///
  /// @param credential its public id
  /// @param path of a client certificate: what was kept of its certification path when it was
  ///   proved. Null: it was proved by no certificate
  Optional<ParentCredential> of(String credential, @Nullable String path);
}
