package dev.gatehouse.server.gateway;

import dev.gatehouse.bearer.IssuerTokenFinder;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.session.SessionAuthenticator;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What holds for every route.
///
/// @param cookie the name of the gate's cookie; what begins so and goes on with `-` is the gate's
///   too
/// @param minBodyBytesPerSecond what a client must send on average while the gateway waits for its
///   body
/// @param slowBodyGrace how long it may send less; six times as long it may take nothing of an
///   answer or a WebSocket that has more for it
/// @param ownSecrets which go to no upstream, in whatever field they stand
/// @param ownTokens the access tokens of the gate, which go to no upstream in an `Authorization`
///   field; null: it has none
/// @param codeReturnPaths the paths of pages that get one-time codes in their query
/// @param signIn where a browser is sent whose person has to sign in; null: nowhere
public record GatewaySettings(
    String cookie,
    int minBodyBytesPerSecond,
    Duration slowBodyGrace,
    OwnSecrets ownSecrets,
    @Nullable IssuerTokenFinder ownTokens,
    Set<String> codeReturnPaths,
    @Nullable SignInLink signIn) {

  /// What is right for most, for a gate whose secrets are not known.
  public static final GatewaySettings DEFAULT =
      new GatewaySettings(
          SessionAuthenticator.COOKIE,
          100,
          Duration.ofSeconds(10),
          OwnSecrets.NONE,
          null,
          Set.of(),
          null);

  /// The same, for a gate with these secrets, whose tokens name that issuer.
  public GatewaySettings withOwnSecrets(OwnSecrets secrets, String issuer) {
    return new GatewaySettings(
        cookie,
        minBodyBytesPerSecond,
        slowBodyGrace,
        secrets,
        new IssuerTokenFinder(issuer),
        codeReturnPaths,
        signIn);
  }

  /// The same, with that much patience.
  public GatewaySettings withSlowBodyGrace(Duration grace) {
    return new GatewaySettings(
        cookie, minBodyBytesPerSecond, grace, ownSecrets, ownTokens, codeReturnPaths, signIn);
  }

  /// The same, with that link to the sign-in page.
  public GatewaySettings withSignIn(@Nullable SignInLink link) {
    return new GatewaySettings(
        cookie, minBodyBytesPerSecond, slowBodyGrace, ownSecrets, ownTokens, codeReturnPaths, link);
  }

  /// The same, with pages at those paths that get one-time codes.
  public GatewaySettings withCodeReturnPaths(Set<String> paths) {
    return new GatewaySettings(
        cookie,
        minBodyBytesPerSecond,
        slowBodyGrace,
        ownSecrets,
        ownTokens,
        Set.copyOf(paths),
        signIn);
  }
}
