package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.ParentCredentials;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.JwtAuthenticator;
import dev.gatehouse.jwt.JwtSettings;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.route.CorsPolicy;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.TokenCalls;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.MethodsConfig;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.signin.TokenPaths;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The gate's own access tokens, and their families of refresh tokens.
final class JwtMethod implements MethodPart {

  final Tokens tokens;

  private final Services services;
  private final @Nullable Authenticator authenticator;

  /// @param credentials of all methods, on which tokens of services rest
  /// @param sorting tells the gate's own tokens from those of other issuers
  JwtMethod(Services services, ParentCredentials credentials, BearerTokenClassifier sorting) {
    this.services = services;
    JwtSettings settings = settings(services.config);
    AccessTokens accessTokens =
        new AccessTokens(settings, services.lasting.tokenKeys, services.clock);
    tokens =
        new Tokens(
            settings,
            accessTokens,
            services.lasting.database.tokens(),
            services.roles,
            credentials,
            services.clock,
            services.lasting.refreshes);
    authenticator =
        services.accepts(Method.JWT)
            ? new JwtAuthenticator(
                settings,
                accessTokens,
                tokens::standing,
                services.roles,
                services.accepts(Method.OAUTH) ? sorting : null)
            : null;
  }

  private static JwtSettings settings(GatehouseConfig config) {
    MethodsConfig.Jwt jwt = config.methods().jwt();
    return new JwtSettings(
        config.issuer(),
        jwt.audience().orElse(config.issuer()),
        config.realm(),
        jwt.algorithm(),
        jwt.accessTokenLife(),
        jwt.refreshTokenLife(),
        jwt.familyLife(),
        jwt.reuseGrace(),
        jwt.clockSkew());
  }

  @Override
  public Method method() {
    return Method.JWT;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public Map<String, OwnPath> ownPaths(Serving serving) {
    if (!services.accepts(Method.JWT)) {
      return Map.of();
    }
    Map<String, OwnPath> paths = new HashMap<>(serving.passwordResetPaths());
    paths.putAll(
        new TokenPaths(
                serving.signIns,
                new TokenPaths.Services(
                    services.accounts, services.passwords, tokens, serving.providers.codes()),
                new TokenPaths.CertificateUse(
                    services.accepts(Method.MTLS) ? serving.methods.mutualTls.certificates : null,
                    services.config.methods().jwt().bindToCertificate()),
                services
                    .config
                    .methods()
                    .jwt()
                    .cors()
                    .map(RouteTable::cors)
                    .orElse(CorsPolicy.NONE))
            .under(services.config.prefix()));
    return paths;
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of(new TokenCalls(tokens, accounts));
  }

  /// A family comes and goes; a token of a service names the credential that it rests on.
  @Override
  public boolean comesAndGoes(String credential) {
    return Tokens.isFamily(credential);
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    tokens.touch(lastUsed);
  }

  @Override
  public void purge() {
    tokens.purge();
  }
}
