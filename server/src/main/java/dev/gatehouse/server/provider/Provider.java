package dev.gatehouse.server.provider;

import dev.gatehouse.oauth.ProviderToken;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A provider with which people sign in by the authorization code flow (RFC 6749 §4.1).
/// Implementations are thread-safe. [#authorization], [#prove] and [#refresh] may block.
public interface Provider {

  /// Its name in the configuration, which is a segment of paths.
  String name();

  /// Its name for people.
  String label();

  /// The identifier of its issuer. Links and tokens are stored by this identifier, since the name
  /// in the configuration may be given to another issuer.
  String issuer();

  /// The address to which the browser is sent (the authorization request). Throws
  /// [ProviderException] when the endpoints of the provider are not known now.
  ///
  /// @param redirect where the provider sends the browser back, exactly as it is registered there
  /// @param maxAge how long ago the provider may have authenticated the person at most; null: any
  ///   time
  URI authorization(AttemptSecrets secrets, URI redirect, @Nullable Duration maxAge)
      throws ProviderException;

  /// Verifies the answer that the browser brought back, exchanges the code, and returns the person.
  /// Throws [ProviderException] when the provider can't be reached, did not confirm the sign-in, or
  /// sent an answer that can't be trusted.
  ///
  /// @param answer the parameters of the browser's request
  /// @param secrets of the attempt that the `state` of the answer belongs to
  /// @param redirect the same as in the authorization request
  /// @param maxAge the same as in the authorization request
  VerifiedSignIn prove(
      Map<String, List<String>> answer,
      AttemptSecrets secrets,
      URI redirect,
      @Nullable Duration maxAge)
      throws ProviderException;

  /// A new token for one that has expired and has a refresh token.
  ///
  /// Throws [ProviderException] of the kind `DECLINED` when the provider issues none any more.
  ProviderToken refresh(ProviderToken expired) throws ProviderException;
}
