package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;

/// Parses the text of one value, for [Section#parsed].
///
/// Each method throws an [IllegalArgumentException] whose message says what is wrong and, after a
/// colon, what to do. Thread-safe; no method blocks.
final class ValueParsers {

  private static final Pattern HOST =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
              + "(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|\\[[0-9a-f:.]{2,45}\\]");

  private ValueParsers() {}

  /// A file or folder. Whether it exists is not checked.
  static Path path(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("is no path: name a file or folder");
    }
    return Path.of(text);
  }

  /// An IP address; no name is looked up.
  static InetAddress address(String text) {
    try {
      return Network.address(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no IP address: write 127.0.0.1, ::1, or 0.0.0.0 for every address", e);
    }
  }

  /// A block of addresses. A block that holds every address is refused.
  static Network network(String text) {
    try {
      Network network = Network.parse(text);
      if (text.endsWith("/0")) {
        throw new IllegalArgumentException("takes in every address");
      }
      return network;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "is no block of addresses ("
              + e.getMessage()
              + "): write one address, or a block as in 10.0.0.0/8",
          e);
    }
  }

  /// RFC 6454 §6.2: scheme, host and, where it is not the scheme's own, port.
  static String origin(String text) {
    if (text.equals("*")) {
      throw new IllegalArgumentException(
          "is '*', which would let every site in: name each origin, as in"
              + " https://app.example.com");
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "is no origin: write scheme and host, as in https://app.example.com", e);
    }
    RouteConfig.refuseUnderscore(uri);
    boolean http = "http".equals(uri.getScheme());
    boolean https = "https".equals(uri.getScheme());
    if (!(http || https)
        || uri.getHost() == null
        || !HOST.matcher(uri.getHost()).matches()
        || uri.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "is no origin: write scheme and host in small letters, as in https://app.example.com");
    }
    if (!uri.getRawPath().isEmpty() || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "has a path or query: write scheme and host only, without a slash behind");
    }
    if (uri.getPort() == (https ? 443 : 80)) {
      throw new IllegalArgumentException(
          "names its scheme's own port: leave it out, as browsers do");
    }
    if (uri.getPort() == 0 || uri.getPort() > 65535) {
      throw new IllegalArgumentException("has an impossible port: a port is 1 to 65535");
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://" + uri.getHost() + port;
  }

  /// A host name or an IPv6 address in brackets, in small letters.
  static String host(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    if (!HOST.matcher(host).matches() || (host.startsWith("[") && !isIpv6(host))) {
      throw new IllegalArgumentException(
          "is no host name: write the name alone, without scheme, port or path");
    }
    return host;
  }

  private static boolean isIpv6(String inBrackets) {
    String address = inBrackets.substring(1, inBrackets.length() - 1);
    try {
      Network.address(address);
      return address.indexOf(':') >= 0;
    } catch (IllegalArgumentException none) {
      return false;
    }
  }

  /// The text itself, if all of it matches the pattern.
  ///
  /// @param message of the exception if it does not
  static String matching(Pattern pattern, String text, String message) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException(message);
    }
    return text;
  }
}
