package dev.gatehouse.server.assembly;

import dev.gatehouse.Authenticator;
import dev.gatehouse.Method;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.apikey.ApiKeyAuthenticator;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.server.admin.AccountCalls;
import dev.gatehouse.server.admin.CallGroup;
import dev.gatehouse.server.admin.KeyCalls;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// API keys. They are claimed whether or not a route accepts them: the admin API always does.
final class ApiKeyMethod implements MethodPart {

  final ApiKeys keys;

  private final Authenticator authenticator;

  ApiKeyMethod(Services services) {
    ApiKeySettings settings =
        new ApiKeySettings(services.config.methods().apiKeyPrefix(), services.config.realm());
    keys =
        new ApiKeys(
            settings, services.lasting.database.apiKeys(), services.accounts, services.clock);
    authenticator =
        new ApiKeyAuthenticator(settings, services.lasting.database.apiKeys(), services.roles);
  }

  @Override
  public Method method() {
    return Method.API_KEY;
  }

  @Override
  public Authenticator authenticator() {
    return authenticator;
  }

  @Override
  public List<Credentials<?>> issued() {
    return List.of(keys);
  }

  @Override
  public Optional<ParentCredential> standing(String credential, @Nullable String path) {
    return credential.startsWith(keys.kind().idPrefix())
        ? keys.standing(credential)
        : Optional.empty();
  }

  @Override
  public List<CallGroup> adminCalls(AccountCalls accounts) {
    return List.of(new KeyCalls(keys, accounts));
  }
}
