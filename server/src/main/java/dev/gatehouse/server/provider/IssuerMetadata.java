package dev.gatehouse.server.provider;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The members of a discovery document that the gate uses (OpenID Connect Discovery 1.0 §3, RFC
/// 8414 §2). Other members are not read, so they can't make the document unreadable.
///
/// @param issuer null: none is named. The same holds for each endpoint
/// @param keys where its key set is
/// @param clientAuthentication how the token endpoint takes a client's secret
/// @param idTokenAlgorithms by which it signs ID tokens; null: it does not say
/// @param namesItself whether its authorization responses have `iss` (RFC 9207 §3)
/// @param saysNotToNameItself whether the document says in so many words that they have not
record IssuerMetadata(
    @Nullable String issuer,
    @Nullable URI authorizationEndpoint,
    @Nullable URI tokenEndpoint,
    @Nullable URI userInfoEndpoint,
    @Nullable URI introspectionEndpoint,
    @Nullable URI keys,
    List<String> clientAuthentication,
    @Nullable List<String> idTokenAlgorithms,
    boolean namesItself,
    boolean saysNotToNameItself) {

  private static final Logger LOG = LoggerFactory.getLogger(IssuerMetadata.class);

  private static final String NAMES_ITSELF = "authorization_response_iss_parameter_supported";

  // OpenID Connect Discovery §3: the one that holds where none is named.
  private static final List<String> DEFAULT_AUTHENTICATION = List.of("client_secret_basic");

  // The methods that the gate supports.
  private static final List<String> OF_SECRETS =
      List.of("client_secret_basic", "client_secret_post");

  /// What this document lacks that the one of before had, so that people could not sign in, or with
  /// fewer checks; null when it lacks nothing.
  @Nullable String lackingOf(IssuerMetadata before) {
    if (before.userInfoEndpoint != null && userInfoEndpoint == null) {
      return "userinfo_endpoint";
    }
    if (!Collections.disjoint(before.clientAuthentication, OF_SECRETS)
        && Collections.disjoint(clientAuthentication, OF_SECRETS)) {
      return "token_endpoint_auth_methods_supported";
    }
    if (before.idTokenAlgorithms != null && idTokenAlgorithms == null) {
      return "id_token_signing_alg_values_supported";
    }
    return before.namesItself && !namesItself && !saysNotToNameItself ? NAMES_ITSELF : null;
  }

  /// Reads the members of the document. A member that can't be read counts as missing. An item of a
  /// list that can't be read is skipped and logged; a list without any other counts as missing.
  /// Checks nothing else.
  static IssuerMetadata of(Map<String, @Nullable Object> members) {
    List<String> authentication = texts(members, "token_endpoint_auth_methods_supported");
    return new IssuerMetadata(
        members.get("issuer") instanceof String issuer ? issuer : null,
        uri(members, "authorization_endpoint"),
        uri(members, "token_endpoint"),
        uri(members, "userinfo_endpoint"),
        uri(members, "introspection_endpoint"),
        uri(members, "jwks_uri"),
        authentication == null ? DEFAULT_AUTHENTICATION : authentication,
        texts(members, "id_token_signing_alg_values_supported"),
        Boolean.TRUE.equals(members.get(NAMES_ITSELF)),
        Boolean.FALSE.equals(members.get(NAMES_ITSELF)));
  }

  private static @Nullable URI uri(Map<String, @Nullable Object> members, String name) {
    try {
      return members.get(name) instanceof String text ? new URI(text) : null;
    } catch (URISyntaxException unreadable) {
      return null;
    }
  }

  private static @Nullable List<String> texts(Map<String, @Nullable Object> members, String name) {
    if (!(members.get(name) instanceof List<?> items)) {
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (Object item : items) {
      if (item instanceof String text) {
        texts.add(text);
      } else {
        LOG.warn("An item of {} of {} is skipped: it is no text", name, members.get("issuer"));
      }
    }
    return texts.isEmpty() ? null : List.copyOf(texts);
  }
}
