package dev.gatehouse.client;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.Locale;

/// The parts of a request that can be signed, as they are sent. Immutable.
public final class OutgoingRequest {

  private final String method;
  private final URI uri;
  private final HttpHeaders fields;
  private final byte[] body;

  /// A request that is about to be sent. Copies the body.
  ///
  /// @param uri absolute and in ASCII, with the host in lower case and without a default port, as
  ///   the receiver will reconstruct it
  /// @param fields the fields that the request has so far
  /// @param body the body; empty if there is none
  /// @throws IllegalArgumentException if the URI is not absolute
  public OutgoingRequest(String method, URI uri, HttpHeaders fields, byte[] body) {
    if (uri.getHost() == null || uri.getScheme() == null) {
      throw new IllegalArgumentException("A request is sent to an absolute URI");
    }
    this.method = method;
    this.uri = uri;
    this.fields = fields;
    this.body = body.clone();
  }

  /// Returns the method as it is sent: case matters (RFC 9110 §9.1).
  public String method() {
    return method;
  }

  /// Returns the absolute URI to which the request is sent.
  public URI uri() {
    return uri;
  }

  /// Returns the fields that the request has so far.
  public HttpHeaders fields() {
    return fields;
  }

  /// Returns a copy of the body; empty if there is none.
  public byte[] body() {
    return body.clone();
  }

  /// Whether there is no body or an empty one, which cannot be distinguished when they are sent.
  public boolean isEmpty() {
    return body.length == 0;
  }

  /// Returns the path and query as in the request line (RFC 9112 §3.2.1).
  public String target() {
    return uri.getRawQuery() == null ? path() : path() + "?" + uri.getRawQuery();
  }

  /// Returns the path; `/` if it is empty.
  String path() {
    return uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
  }

  /// Returns the host in lower case and the port, without a default port (RFC 9110 §4.2.3).
  String authority() {
    String host = uri.getHost().toLowerCase(Locale.ROOT);
    return uri.getPort() < 0 ? host : host + ":" + uri.getPort();
  }

  @Override
  public String toString() {
    return "OutgoingRequest[" + method + "]";
  }
}
