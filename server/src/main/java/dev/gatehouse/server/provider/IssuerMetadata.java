package dev.gatehouse.server.provider;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the gate uses of the document in which an issuer describes itself (OpenID Connect Discovery
/// 1.0 §3, RFC 8414 §2). Nothing else in the document is read, so that nothing else makes it
/// unreadable.
///
/// @param issuer null: none is named. The same holds for each endpoint
/// @param keys where its key set is
/// @param clientAuthentication how the token endpoint takes a client's secret
/// @param idTokenAlgorithms by which it signs ID tokens; null: it does not say
/// @param namesItself whether its authorization responses have `iss` (RFC 9207 §3)
record IssuerMetadata(
    @Nullable String issuer,
    @Nullable URI authorizationEndpoint,
    @Nullable URI tokenEndpoint,
    @Nullable URI userInfoEndpoint,
    @Nullable URI introspectionEndpoint,
    @Nullable URI keys,
    List<String> clientAuthentication,
    @Nullable List<String> idTokenAlgorithms,
    boolean namesItself) {

  private static final Logger LOG = LoggerFactory.getLogger(IssuerMetadata.class);

  // OpenID Connect Discovery §3: the one that holds where none is named.
  private static final List<String> DEFAULT_AUTHENTICATION = List.of("client_secret_basic");

  /// Reads the members of the document. A member that can't be read counts as missing, and an item
  /// of a list that can't be read is skipped and logged. Checks nothing else.
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
        Boolean.TRUE.equals(members.get("authorization_response_iss_parameter_supported")));
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
    return List.copyOf(texts);
  }
}
