package dev.gatehouse.server.provider;

import dev.gatehouse.oauth.ProviderToken;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Somebody who proves people by the authorization code flow (RFC 6749 §4.1). Thread-safe; every
/// call may block.
public interface Provider {

  /// What the configuration calls it: a segment of paths.
  String name();

  /// What people call it.
  String label();

  /// The name of its issuer. What is kept of the provider is kept by this name: what it is called
  /// in the configuration may be given to another issuer.
  String issuer();

  /// Where a browser is sent.
  ///
  /// @param redirect where the provider sends it back, exactly as the provider knows it
  /// @param maxAge how long ago the person may have been authenticated there; null: it does not
  ///   matter
  URI authorization(AttemptSecrets secrets, URI redirect, @Nullable Duration maxAge)
      throws ProviderException;

  /// Who came back, after everything about the answer was verified.
  ///
  /// @param answer the parameters with which the browser came back
  /// @param secrets of the attempt that the answer's `state` belongs to
  /// @param redirect the same as at the beginning
  /// @param maxAge the same as at the beginning
  VerifiedSignIn prove(
      Map<String, List<String>> answer,
      AttemptSecrets secrets,
      URI redirect,
      @Nullable Duration maxAge)
      throws ProviderException;

  /// Another token for one that expired and has a refresh token.
  ///
  /// Throws [ProviderException] of the kind `DECLINED` when the provider gives none any more.
  ProviderToken refresh(ProviderToken expired) throws ProviderException;
}
