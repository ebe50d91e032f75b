package dev.gatehouse.server.gateway;

import java.util.List;
import java.util.regex.Pattern;

/// The fields of clients that a route removes, beside those that every route removes, and the
/// identity fields of other gateways that it keeps. A name that ends with `*` stands for all names
/// with that beginning.
///
/// @param removed each [#removable]
/// @param kept each [#keepable], and none of those that are removed
public record ClientFields(List<String> removed, List<String> kept) {

  enum Rule {
    REMOVE,
    KEEP
  }

  /// A route that says nothing of them.
  public static final ClientFields DEFAULT = new ClientFields(List.of(), List.of());

  /// The fields by which other gateways, proxies and servers tell an upstream who is calling. An
  /// upstream that was behind one of them trusts these fields, also when a client wrote them.
  ///
  /// Names that clients of well-known APIs send themselves are not here: `X-Auth` is a credential
  /// (File Browser), `X-Scope-OrgID` is an argument (Loki). So are names that are ordinary words,
  /// such as `entitlement`.
  static final List<String> IDENTITY_OF_OTHER_GATEWAYS =
      List.of(
          "Remote-User",
          "Remote-Name",
          "Remote-Email",
          "Remote-Groups",
          "X-Remote-*",
          "X-Forwarded-User",
          "X-Forwarded-Email",
          "X-Forwarded-Groups",
          "X-Forwarded-Preferred-Username",
          "X-Auth-*",
          "X-Authenticated",
          "X-Authenticated-*",
          "X-Authentik-*",
          "X-Anonymous-Consumer",
          "X-Consumer-*",
          "X-Credential-*",
          "X-Goog-Authenticated-User-*",
          "X-Goog-IAP-*",
          "X-Endpoint-API-UserInfo",
          "X-Apigateway-*",
          "X-Appengine-*",
          "X-Amzn-Oidc-*",
          "X-Amzn-Mtls-*",
          "X-MS-Client-Principal*",
          "X-MS-Token-*",
          "X-ARR-ClientCert",
          "Cf-Access-*",
          "Tailscale-User-*",
          "Teleport-Jwt-Assertion",
          "X-JWT-Assertion",
          "X-Pomerium-*",
          "X-Vouch-*",
          "X-WebAuth-*",
          "OIDC-*",
          "Shib-*",
          "eppn",
          "SM-*",
          "iv-*",
          "OAM-*",
          "X-Client-CN",
          "X-Client-DN",
          "X-Client-S-DN",
          "X-Client-Verify",
          "X-SSL-Cert*",
          "X-Tls-Client-Cert*",
          "X-User",
          "X-Username",
          "X-Userinfo",
          "X-UserId",
          "X-User-Id",
          "X-User-Name",
          "X-User-Email",
          "X-User-Role",
          "X-User-Roles",
          "X-User-Groups",
          "X-Email",
          "X-Groups",
          "X-Role",
          "X-Roles",
          "X-Scope",
          "X-Scopes");

  /// What looks like one of those, and is a credential for the upstream itself.
  static final List<String> PASSED_BY_DEFAULT = List.of("X-Auth-Token");

  // RFC 9110 §5.6.2, with a letter first.
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z][A-Za-z0-9!#$%&'+.^_`|~-]{0,127}\\*?");

  private static final FieldNames<Rule> FRAMING =
      new FieldNames<Rule>()
          .add(Rule.REMOVE, List.of("Host", "Content-Length", "Transfer-Encoding"));
  private static final FieldNames<Rule> KEEPABLE =
      new FieldNames<Rule>()
          .add(Rule.KEEP, IDENTITY_OF_OTHER_GATEWAYS)
          .add(Rule.REMOVE, ControlledFields.IDENTITY)
          .add(Rule.REMOVE, ControlledFields.ORIGIN_OF_REQUEST)
          .add(Rule.REMOVE, PASSED_BY_DEFAULT);

  /// Copies the lists. Throws [IllegalArgumentException] for what is not allowed in them.
  public ClientFields {
    removed = removed.stream().map(ClientFields::removable).toList();
    kept = kept.stream().map(ClientFields::keepable).toList();
    for (String name : kept) {
      if (removed.stream().anyMatch(other -> FieldNames.same(name, other))) {
        throw new IllegalArgumentException(name + " is both removed and kept");
      }
    }
  }

  /// The name, if a route may remove it. Throws [IllegalArgumentException] whose message follows
  /// the name.
  public static String removable(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "is no field name: write X-Team, or X-Team-* for all that begin so");
    }
    if (FRAMING.find(name) != null) {
      throw new IllegalArgumentException("is a field that the gate itself sets: leave it out");
    }
    return name;
  }

  /// The name, if the gate removes it by default and a route may keep it. Throws
  /// [IllegalArgumentException] whose message follows the name.
  public static String keepable(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "is no field name: write X-User, or X-User-* for all that begin so");
    }
    if (KEEPABLE.find(beginning(name)) != Rule.KEEP && identityFields(name).isEmpty()) {
      throw new IllegalArgumentException(
          "is no identity field of another gateway: a route keeps only those of"
              + " docs/reference/fields.md");
    }
    return name;
  }

  /// Those of [#IDENTITY_OF_OTHER_GATEWAYS] that begin with this name of `keepFields`, if it ends
  /// in `*`.
  public static List<String> identityFields(String name) {
    String beginning = beginning(name);
    return beginning.equals(name)
        ? List.of()
        : IDENTITY_OF_OTHER_GATEWAYS.stream()
            .filter(
                other ->
                    other.length() >= beginning.length()
                        && FieldNames.same(beginning, other.substring(0, beginning.length())))
            .toList();
  }

  private static String beginning(String name) {
    return name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
  }

  /// What the route says of each name; of an exact name before that of a beginning.
  FieldNames<Rule> rules() {
    return new FieldNames<Rule>().add(Rule.REMOVE, removed).add(Rule.KEEP, kept);
  }
}
