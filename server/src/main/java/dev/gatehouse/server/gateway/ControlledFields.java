package dev.gatehouse.server.gateway;

import java.util.List;

/// The names of header fields that the gate controls, grouped by the reason. A name that ends with
/// `*` stands for all names with that beginning.
final class ControlledFields {

  static final String SUBJECT = "X-Auth-Subject";
  static final String METHOD = "X-Auth-Method";
  static final String SCOPES = "X-Auth-Scopes";
  static final String CREDENTIAL = "X-Auth-Credential";
  static final String PROVIDER_TOKEN = "X-Auth-Provider-Token";

  private ControlledFields() {}

  /// In these the gate, and only the gate, tells the upstream who is calling.
  static final List<String> IDENTITY =
      List.of(SUBJECT, METHOD, SCOPES, CREDENTIAL, PROVIDER_TOKEN, "Gatehouse-*", "X-Gatehouse-*");

  /// These belong to one connection (RFC 9110 §7.6.1), with those of RFC 2068 that are still in
  /// use.
  static final List<String> HOP_BY_HOP =
      List.of(
          "Connection",
          "Keep-Alive",
          "Proxy", // CGI makes HTTP_PROXY of it
          "Proxy-*",
          "TE",
          "Trailer",
          "Transfer-Encoding",
          "Upgrade",
          "HTTP2-Settings");

  /// In these the gate, or a proxy before it, tells the upstream where a request came from and with
  /// which certificate.
  static final List<String> ORIGIN_OF_REQUEST =
      List.of(
          "Host",
          "Forwarded",
          "X-Forwarded",
          "X-Forwarded-*",
          "X-Original-Forwarded-For",
          "X-Real-IP",
          "X-Client-IP",
          "X-Cluster-Client-IP",
          "X-Remote-Addr",
          "X-Remote-IP",
          "X-Envoy-External-Address",
          "X-Azure-ClientIP",
          "X-Azure-SocketIP",
          "True-Client-IP",
          "CF-Connecting-IP",
          "CF-Connecting-IPv6",
          "CF-Pseudo-IPv4",
          "Fastly-Client-IP",
          "Fly-Client-IP",
          "WL-Proxy-*",
          "Client-Cert*",
          "X-Client-Cert*",
          "X-SSL-Client-*",
          "SSL-Client-*");

  /// With these some upstreams handle another request than the one that the gate judged.
  static final List<String> REQUEST_OVERRIDES =
      List.of(
          "X-HTTP-Method-Override",
          "X-HTTP-Method",
          "X-Method-Override",
          "X-Original-URL",
          "X-Original-URI",
          "X-Original-Method",
          "X-Original-Host",
          "X-Rewrite-URL",
          "X-Envoy-Original-*");
}
