package dev.gatehouse;

import dev.gatehouse.secret.LoggedPath;
import java.net.InetAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The parts of a request that the gate uses to authenticate its caller. It does not depend on the
/// server that parsed the request. Immutable, except for the body, which is read when a method asks
/// for it.
///
/// Checks only that no part is null. Does not check the form of any part.
///
/// @param method the HTTP method, as sent: case matters (RFC 9110 §9.1)
/// @param scheme `https` or `http`: the scheme by which the client came, as far as it is known;
///   empty: unknown
/// @param authority the host, and the port if one was given, as sent; empty: unknown
/// @param target the request target as sent, with its query
/// @param fields the header fields
/// @param peer the client's address: that of the connection, or the one that a trusted proxy names
/// @param certificates the certificates that the client presented. The gate's own listener, or a
///   trusted proxy, verified that the client has the private key of the first
/// @param body the body, which is read only by a method that signs it
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

  /// Throws [NullPointerException] if a part is null.
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

  /// A request without a body and without a client certificate. Its scheme and authority are
  /// unknown, so no `Origin` is its own origin.
  public AuthRequest(String method, String target, HeaderFields fields, InetAddress peer) {
    this(method, "", "", target, fields, peer, PeerCertificates.NONE, RequestBody.NONE);
  }

  /// Returns the target without its query, as sent.
  public String path() {
    int mark = target.indexOf('?');
    return mark < 0 ? target : target.substring(0, mark);
  }

  /// Returns the query after the first `?`, as sent; empty if there is none.
  public String query() {
    int mark = target.indexOf('?');
    return mark < 0 ? "" : target.substring(mark + 1);
  }

  /// Returns the text after that scheme in an `Authorization` field, without the spaces between
  /// (RFC 9110 §11.4). The scheme is compared without regard to case. If there are several such
  /// fields, returns the first.
  ///
  /// @return null if no field has that scheme
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

  /// Returns the method and the path, such as `GET /orders`. It contains no field and no query,
  /// since either may contain a secret, and it leaves out a path segment that may be a secret
  /// ([LoggedPath]). The text can be logged: it consists of printable ASCII and has at most 200
  /// characters.
  @Override
  public String toString() {
    return visible(method + " " + LoggedPath.of(path()));
  }

  /// Returns the text in a form that can stand in a log line: printable ASCII only, at most 200
  /// characters.
  static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    for (int i = 0; i < Math.min(text.length(), MAX_LOGGED_CHARS); i++) {
      char c = text.charAt(i);
      visible.append(c >= 0x20 && c < 0x7f ? c : '?');
    }
    return visible.toString();
  }
}
