package dev.gatehouse.search;

import dev.gatehouse.NetworkTargets;
import dev.gatehouse.apikey.ApiKeyTargets;
import dev.gatehouse.basic.BasicTargets;
import dev.gatehouse.bearer.BearerTargets;
import dev.gatehouse.hmac.HmacTargets;
import dev.gatehouse.hmac.aws.AwsTargets;
import dev.gatehouse.hmac.message.MessageTargets;
import dev.gatehouse.hmac.webhook.WebhookTargets;
import dev.gatehouse.json.JsonTargets;
import dev.gatehouse.mtls.CertificateTargets;
import dev.gatehouse.password.PasswordTargets;
import dev.gatehouse.route.RouteTargets;
import dev.gatehouse.secret.SecretTargets;
import dev.gatehouse.server.admin.AdminTargets;
import dev.gatehouse.server.listen.ListenTargets;
import dev.gatehouse.server.signin.SignInTargets;
import dev.gatehouse.session.SessionTargets;
import java.util.Locale;

/// A parser of what comes from outside, with what must hold for every input.
public enum Target {
  ADMIN_BODY(AdminTargets::body),
  API_KEY(ApiKeyTargets::key),
  AUTHORIZATION(NetworkTargets::authorization),
  AWS_AUTHORIZATION(AwsTargets::authorization),
  AWS_REQUEST(AwsTargets::request),
  AWS_TARGET(AwsTargets::target),
  BASIC(BasicTargets::credentials),
  CERTIFICATE(CertificateTargets::certificate),
  CERTIFICATE_NAME(CertificateTargets::name),
  CONTENT_DIGEST(MessageTargets::contentDigest),
  COOKIE(SessionTargets::cookie),
  DER(CertificateTargets::der),
  FORM(SignInTargets::form),
  FORWARDED_CERTIFICATE(CertificateTargets::forwarded),
  FORWARDED_FOR(ListenTargets::forwardedFor),
  HMAC_FIELDS(HmacTargets::fields),
  JOSE_HEADER(BearerTargets::joseHeader),
  JSON(JsonTargets::json),
  JWT(BearerTargets::jwt),
  MESSAGE_FORM(ListenTargets::messageForm),
  MESSAGE_SIGNATURE(MessageTargets::signature),
  NETWORK(NetworkTargets::network),
  PASSWORD(PasswordTargets::password),
  PATH(RouteTargets::path),
  PERCENT_ENCODING(ListenTargets::percentEncoding),
  PLAIN_MEMBER(BearerTargets::plainMember),
  QUERY_PAIRS(RouteTargets::queryPairs),
  QUERY_PARAMETERS(MessageTargets::queryParameters),
  RETURN_TARGET(SignInTargets::returnTarget),
  REVOCATION_LIST(CertificateTargets::revocationList),
  SECRETS(SecretTargets::text),
  SIGN_IN_NAME(PasswordTargets::signInName),
  STRUCTURED_FIELD(MessageTargets::structuredField),
  WEBHOOK(WebhookTargets::fields);

  /// What must hold for an input.
  @FunctionalInterface
  interface Property {

    /// Parses the input. Throws what the parser does not declare, or [AssertionError].
    void check(byte[] input) throws Exception;
  }

  @SuppressWarnings("ImmutableEnumChecker") // each is a method
  private final Property property;

  Target(Property property) {
    this.property = property;
  }

  /// Checks the property for one input. Throws what the parser does not declare, or
  /// [AssertionError] when the property does not hold.
  public void check(byte[] input) throws Exception {
    property.check(input);
  }

  /// The name of its folder in the corpus, and on the command line.
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// The target of that id; throws [IllegalArgumentException] when there is none.
  public static Target of(String id) {
    return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
