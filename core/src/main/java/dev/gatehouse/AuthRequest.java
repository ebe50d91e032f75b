package dev.gatehouse;

import dev.gatehouse.secret.LoggedPath;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What the gate may know of a request: parsed once, immutable, the same for every server.
///
/// @param method the HTTP method, as sent: case matters (RFC 9110 §9.1)
/// @param scheme `https` or `http`: by which the client came, as far as is known; empty: unknown
/// @param authority the host, and the port if given, as sent; empty: unknown
/// @param target the request target as sent, query included
/// @param fields the header fields
/// @param peer the client's address: the connection's own, or what a listed proxy says
/// @param certificates what the client showed: its own listener, or a listed proxy, saw that it has
///   the key of the first
/// @param body to be read by a method that signs it
public record AuthRequest(
    String method,
    String scheme,
    String authority,
    String target,
    HeaderFields fields,
    InetAddress peer,
    PeerCertificates certificates,
    RequestBody body) {

  private static final int MAX_LOGGED_CHARS = 200;

  /// Checks that nothing is missing.
  public AuthRequest {
    Objects.requireNonNull(method);
    Objects.requireNonNull(scheme);
    Objects.requireNonNull(authority);
    Objects.requireNonNull(target);
    Objects.requireNonNull(fields);
    Objects.requireNonNull(peer);
    Objects.requireNonNull(certificates);
    Objects.requireNonNull(body);
  }

  /// A request without a body and a client certificate, to a place that is not known: no `Origin`
  /// is its own.
  public AuthRequest(String method, String target, HeaderFields fields, InetAddress peer) {
    this(method, "", "", target, fields, peer, PeerCertificates.NONE, RequestBody.NONE);
  }

  /// The target without its query, as sent.
  public String path() {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  /// The query behind the first `?`, as sent; empty when there is none.
  public String query() {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /// What stands behind that scheme in an `Authorization` field; null when none is of that scheme.
  public @Nullable String credentials(String scheme) {
    for (String value : fields.values("Authorization")) {
      // RFC 9110 §11.1: schemes are compared without regard to case; §11.4: then 1*SP.
      int end = scheme.length();
      if (value.regionMatches(true, 0, scheme, 0, end)
          && (value.length() == end || value.charAt(end) == ' ')) {
        while (end < value.length() && value.charAt(end) == ' ') {
          end++;
        }
        return value.substring(end);
      }
    }
    return null;
  }

  /// The method and the path, as `GET /orders`; no field and no query, since either may hold a
  /// secret. A segment of the path that may be one is left out ([LoggedPath]). Fit for a log:
  /// nothing but visible ASCII, and of bounded length.
  @Override
  public String toString() {
    return visible(method + " " + LoggedPath.of(path()));
  }

  /// The text as it may stand in a log line, which it can neither end nor fill.
  static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_LOGGED_CHARS); i++) {
      char c = text.charAt(i);
      visible.append(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return visible.toString();
  }
}
