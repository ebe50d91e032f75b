package dev.gatehouse.client;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Locale;

/// What of a request is signed, as it will go over the wire.
public final class OutgoingRequest {

  private final String method;
  private final URI uri;
  private final HttpHeaders fields;
  private final byte[] body;

  /// A request that is about to be sent.
  ///
  /// @param uri absolute and in ASCII, with the host in lower case and without a default port: what
  ///   the other side will take for the target
  /// @param fields those that it has so far
  /// @param body empty where there is none
  public OutgoingRequest(String method, URI uri, HttpHeaders fields, byte[] body) {
    if (uri.getHost() == null || uri.getScheme() == null) {
      throw new IllegalArgumentException("A request is sent to an absolute URI");
    }
    this.method = method;
    this.uri = uri;
    this.fields = fields;
    this.body = body.clone();
  }

  /// The method as it is sent: case matters (RFC 9110 §9.1).
  public String method() {
    return method;
  }

  /// The absolute URI that it is sent to.
  public URI uri() {
    return uri;
  }

  /// The fields that it has so far.
  public HttpHeaders fields() {
    return fields;
  }

  /// A copy of the body; empty where there is none.
  public byte[] body() {
    return body.clone();
  }

  /// Whether there is no body, or an empty one, which on the wire is the same.
  public boolean isEmpty() {
    return body.length == 0;
  }

  /// Path and query as the request's first line has them (RFC 9112 §3.2.1).
  public String target() {
    return uri.getRawQuery() == null ? path() : path() + "?" + uri.getRawQuery();
  }

  /// The path; `/` where it is empty.
  String path() {
    return uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
  }

  /// Host and port, the host in lower case, without a default port (RFC 9110 §4.2.3).
  String authority() {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return uri.getPort() < 0 ? host : host + ":" + uri.getPort();
  }

  @Override
  public String toString() {
    return "OutgoingRequest[" + method + "]";
  }
}
