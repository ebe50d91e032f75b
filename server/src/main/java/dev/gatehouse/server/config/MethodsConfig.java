package dev.gatehouse.server.config;

import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.aws.AwsSettings;
import dev.gatehouse.hmac.message.MessageSignatureSettings;
import dev.gatehouse.hmac.webhook.WebhookSettings;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.server.tls.ClientTrustFiles;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.signing.HmacSecret;
import dev.gatehouse.signing.SigningAlgorithm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The settings of the methods.
///
/// @param apiKeyPrefix what every API key begins with
public record MethodsConfig(
    String apiKeyPrefix, Jwt jwt, OAuthConfig oauth, Hmac hmac, Session session, Mtls mtls) {

  static final MethodsConfig DEFAULT =
      new MethodsConfig(
          "sk_live_",
          Jwt.DEFAULT,
          OAuthConfig.DEFAULT,
          Hmac.DEFAULT,
          Session.DEFAULT,
          Mtls.DEFAULT);

  MethodsConfig withOAuth(OAuthConfig other) {
    return new MethodsConfig(apiKeyPrefix, jwt, other, hmac, session, mtls);
  }

  /// The settings of the method `jwt`.
  ///
  /// @param audience the `aud` of access tokens; empty: the gate's own address
  /// @param algorithm with which access tokens are signed
  /// @param secrets for HS256: what others know too; the first signs, all verify; none: the gate
  ///   makes its own
  /// @param reuseGrace how long a refresh token that was spent still gives its successor
  /// @param clockSkew by how much the clocks of several gates may differ
  /// @param bindToCertificate whether a token that is issued to who shows a client certificate is
  ///   good with that certificate only (RFC 8705 §3)
  /// @param cors whose scripts may ask for tokens
  public record Jwt(
      SigningAlgorithm algorithm,
      Optional<String> audience,
      List<HmacSecret> secrets,
      Duration accessTokenLife,
      Duration refreshTokenLife,
      Duration familyLife,
      Duration reuseGrace,
      Duration clockSkew,
      boolean bindToCertificate,
      Optional<CorsConfig> cors) {

    static final Jwt DEFAULT =
        new Jwt(
            SigningAlgorithm.ES256,
            Optional.empty(),
            List.of(),
            Duration.ofMinutes(15),
            Duration.ofDays(7),
            Duration.ofDays(30),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5),
            false,
            Optional.empty());

    public Jwt {
      secrets = List.copyOf(secrets);
    }
  }

  /// The settings of the method `hmac`.
  ///
  /// @param window by how much the time of a signature may differ from now, either way
  /// @param maxBodyBytes of a body that is read whole before its signature can be verified
  /// @param bodyMemory bytes of all such bodies together
  /// @param uses how many used signatures are remembered at once, of all keys and of one
  /// @param messageSignatures what is asked of signatures by RFC 9421
  /// @param aws for which region and service signatures of AWS count; empty: none count
  /// @param webhooks how events of vendors are remembered
  public record Hmac(
      Duration window,
      int maxBodyBytes,
      int bodyMemory,
      ReplayStore.Limits uses,
      MessageSignatureSettings messageSignatures,
      Optional<AwsSettings> aws,
      WebhookSettings webhooks) {

    static final Hmac DEFAULT =
        new Hmac(
            HmacSettings.DEFAULT_WINDOW,
            HmacSettings.DEFAULT_MAX_BODY_BYTES,
            64 << 20,
            ReplayStore.Limits.of(1_000_000),
            MessageSignatureSettings.defaults(),
            Optional.empty(),
            WebhookSettings.DEFAULT);
  }

  /// The settings of the method `session`.
  ///
  /// @param strict whether the cookie also stays behind when a link of another site leads here
  ///   (`SameSite=Strict` in place of `Lax`)
  public record Session(Duration idle, Duration absolute, boolean strict) {

    static final Session DEFAULT =
        new Session(
            SessionSettings.DEFAULT_IDLE_TIMEOUT, SessionSettings.DEFAULT_ABSOLUTE_TIMEOUT, false);
  }

  /// The settings of the method `mtls`.
  ///
  /// @param clientCas files of CAs whose certificates count as clients'
  /// @param casWithoutCrl those of `clientCas` whose CAs need no list in `crls`
  /// @param crlIssuers files of CAs that are no client CAs, and whose lists are in `crls`
  /// @param crls files of lists of revoked certificates
  /// @param ownCa whether the gate is a CA itself
  /// @param trustDomain of the SPIFFE IDs that its own CA writes; empty: the host of the gate's
  ///   address
  public record Mtls(
      List<Path> clientCas,
      List<Path> casWithoutCrl,
      List<Path> crlIssuers,
      List<Path> crls,
      boolean ownCa,
      Optional<String> trustDomain) {

    static final Mtls DEFAULT =
        new Mtls(List.of(), List.of(), List.of(), List.of(), true, Optional.empty());

    public Mtls {
      clientCas = List.copyOf(clientCas);
      casWithoutCrl = List.copyOf(casWithoutCrl);
      crlIssuers = List.copyOf(crlIssuers);
      crls = List.copyOf(crls);
    }

    /// The files, to be read.
    public ClientTrustFiles files() {
      return new ClientTrustFiles(
          new ClientTrustFiles.Named(clientCas, casWithoutCrl, crlIssuers, crls));
    }
  }
}
