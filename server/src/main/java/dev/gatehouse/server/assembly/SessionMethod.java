package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.SessionCalls;
import dev.gatehouse.server.gateway.OwnPath;
import dev.gatehouse.server.signin.AccountItems;
import dev.gatehouse.server.signin.AccountPaths;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.session.Sessions;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The cookie of a person who signed in, and the pages where people sign in and see their account.
final class SessionMethod implements MethodPart {

  final Sessions sessions;

  private final Services services;
  private final @Nullable Authenticator authenticator;

  SessionMethod(Services services) {
    this.services = services;
    SessionSettings settings =
        new SessionSettings(
            services.config.realm(),
            services.config.methods().session().idle(),
            services.config.methods().session().absolute());
    sessions = new Sessions(settings, services.lasting.database.sessions(), services.clock);
    authenticator =
        services.accepts(Method.SESSION)
            ? new SessionAuthenticator(
                settings, services.lasting.database.sessions(), services.roles, services.clock)
            : null;
  }

  @Override
  public Method method() {
    return Method.SESSION;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public Map<String, OwnPath> ownPaths(Serving serving) {
    if (!services.accepts(Method.SESSION)) {
      return Map.of();
    }
    Map<String, OwnPath> paths = new HashMap<>(serving.signInPaths.paths());
    paths.putAll(
        new AccountPaths(
                serving.signIns,
                serving.signInServices(),
                serving.signInSite(),
                accountItems(serving))
            .paths());
    return paths;
  }

  private AccountItems accountItems(Serving serving) {
    Methods methods = serving.methods;
    return new AccountItems(
        new AccountItems.Sources(
            sessions,
            methods.jwt.tokens,
            methods.apiKey.keys,
            methods.hmac.keys,
            methods.mutualTls.certificates),
        new AccountItems.Providers(services.links, serving.providers.buttons().issuers()),
        services.clock);
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of(new SessionCalls(sessions, accounts));
  }

  @Override
  public boolean comesAndGoes(String credential) {
    return true;
  }

  @Override
  public void touch(Map<String, Instant> lastUsed) {
    sessions.touch(lastUsed);
  }

  @Override
  public void purge() {
    sessions.purge();
  }
}
