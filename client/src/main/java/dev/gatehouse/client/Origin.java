package dev.gatehouse.client;

import java.net.URI;
import java.util.Locale;
import java.util.regex.Pattern;

/// The origin of the gate: scheme, host and port (RFC 6454 §4). Credentials are sent to this origin
/// only. Immutable.
///
/// @param scheme `https`, or `http` on loopback
/// @param host in lower case
/// @param port -1 for the default port of the scheme
record Origin(String scheme, String host, int port) {

  private static final int HTTPS_PORT = 443;
  private static final int HTTP_PORT = 80;
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1]");

  /// Returns the origin of a base URL, which must have no other parts.
  ///
  /// @throws IllegalArgumentException for a path, a query or a user, and for plain HTTP to a host
  ///   that is not loopback
  static Origin of(URI base) {
    if (base.getHost() == null
        || base.getRawUserInfo() != null
        || base.getRawQuery() != null
        || base.getRawFragment() != null
        || !(base.getRawPath().isEmpty() || base.getRawPath().equals("/"))) {
      throw new IllegalArgumentException(
          "A base URL is a scheme, a host and perhaps a port: https://api.example.com");
    }
    Origin origin = in(base);
    if (origin.scheme.equals("http") && !LOOPBACK.matcher(origin.host).matches()) {
      throw new IllegalArgumentException(
          "Credentials are not sent over plain HTTP, but to loopback: use https://" + origin.host);
    }
    if (!origin.scheme.equals("http") && !origin.scheme.equals("https")) {
      throw new IllegalArgumentException("A base URL begins with https://");
    }
    return origin;
  }

  private static Origin in(URI absolute) {
    String scheme = absolute.getScheme().toLowerCase(Locale.ROOT);
    int port = absolute.getPort();
    boolean usual =
        (scheme.equals("https") && port == HTTPS_PORT)
            || (scheme.equals("http") && port == HTTP_PORT);
    return new Origin(scheme, absolute.getHost().toLowerCase(Locale.ROOT), usual ? -1 : port);
  }

  boolean isHttps() {
    return scheme.equals("https");
  }

  /// Returns the URI of that path, optionally with a query.
  ///
  /// @throws IllegalArgumentException if it does not begin with a slash, or is not a URI
  URI resolve(String target) {
    if (!target.startsWith("/")) {
      throw new IllegalArgumentException("A path begins with a slash");
    }
    return own(URI.create(this + target));
  }

  /// Returns that URI as it is sent and signed: in ASCII, with the host in lower case, without a
  /// default port and without a fragment.
  ///
  /// @throws IllegalArgumentException if it has another origin
  URI own(URI uri) {
    if (uri.getScheme() == null || uri.getHost() == null || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException("A request is sent to an absolute URI without a user");
    }
    Origin other = in(uri);
    if (!other.equals(this)) {
      throw new IllegalArgumentException(
          "This client proves itself to " + this + " alone, and sends nothing to " + other);
    }
    URI ascii = URI.create(uri.toASCIIString());
    String path = ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
    String query = ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery();
    return URI.create(this + path + query);
  }

  @Override
  public String toString() {
    return scheme + "://" + host + (port < 0 ? "" : ":" + port);
  }
}
