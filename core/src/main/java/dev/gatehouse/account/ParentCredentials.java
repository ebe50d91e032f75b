package dev.gatehouse.account;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks up the current state of credentials for which tokens were issued. Thread-safe; may block.
/// Throws [dev.gatehouse.StoreUnavailableException] if the store does not answer.
@FunctionalInterface
public interface ParentCredentials {

  /// Returns the current state of that credential. Does not check whether its owner is disabled,
  /// nor its expiry.
  ///
  /// @param credential its public id
  /// @param path for a client certificate: the certification path that was recorded when it was
  ///   proved; null: no certificate proved it
  /// @return empty if there is no such credential, if it was revoked, or if it is a client
  ///   certificate that is no longer trusted
  Optional<ParentCredential> of(String credential, @Nullable String path);
}
