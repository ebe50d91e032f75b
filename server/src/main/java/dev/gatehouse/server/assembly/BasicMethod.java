package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.basic.BasicAuthenticator;
import dev.gatehouse.basic.BasicSettings;
import dev.gatehouse.server.gateway.OwnPath;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A name and a password with every request. [Services#passwords] are shared with sign-ins.
final class BasicMethod implements MethodPart {

  private final Services services;
  private final @Nullable Authenticator authenticator;

  BasicMethod(Services services) {
    this.services = services;
    authenticator =
        services.accepts(Method.BASIC)
            ? new BasicAuthenticator(
                new BasicSettings(services.config.realm()), services.passwords, services.roles)
            : null;
  }

  @Override
  public Method method() {
    return Method.BASIC;
  }

  @Override
  public @Nullable Authenticator authenticator() {
    return authenticator;
  }

  /// Where people set a new password. The sign-in's pages serve it, too, where there are sessions.
  @Override
  public Map<String, OwnPath> ownPaths(Serving serving) {
    return services.accepts(Method.BASIC) ? serving.passwordResetPaths() : Map.of();
  }
}
