package dev.gatehouse.server.config;

import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.signin.OneTimeCodes;
import dev.gatehouse.session.Sessions;
import java.util.List;
import java.util.stream.Stream;

/// The forms of all secrets that a gate makes.
public final class OwnSecretForms {

  private static final List<SecretForm> FIXED =
      List.of(
          Tokens.REFRESH_TOKEN,
          Sessions.SECRET,
          SignatureKeys.REQUEST_SECRET_FORM,
          SignatureKeys.WEBHOOK_SECRET_FORM,
          Passwords.RESET_SECRET,
          Invitations.SECRET,
          OneTimeCodes.FORM);

  private OwnSecretForms() {}

  /// Recognises the secrets of a gate whose API keys begin with that prefix. Every kind is among
  /// them, whichever methods the routes take: a secret outlives a change of the routes.
  public static OwnSecrets withApiKeys(String prefix) {
    return new OwnSecrets(
        Stream.concat(Stream.of(SecretForm.base62(prefix)), FIXED.stream()).toList());
  }

  /// Whether secrets of another kind than API keys begin with that prefix.
  static boolean isTaken(String apiKeyPrefix) {
    return FIXED.stream().anyMatch(form -> form.prefix().equals(apiKeyPrefix));
  }
}
