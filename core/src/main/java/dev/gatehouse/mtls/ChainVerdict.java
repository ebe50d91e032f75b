package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;

/// What a chain of certificates is worth at one instant.
public sealed interface ChainVerdict {

  /// It leads to a client CA, and nothing stands against it.
  ///
  /// @param leaf the client's own, as the JDK reads it
  /// @param ca where the chain ends
  /// @param endsAt the first instant at which a certificate of the chain is past its end, or a list
  ///   of revoked certificates past its next update
  record Good(X509Certificate leaf, ClientCa ca, Instant endsAt) implements ChainVerdict {}

  /// It does not.
  ///
  /// @param cause for operators
  record Bad(String cause) implements ChainVerdict {}
}
