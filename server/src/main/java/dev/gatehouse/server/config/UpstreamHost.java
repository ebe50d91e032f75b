package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/// The host of an address, in one form for all its spellings. Names other than `localhost` are not
/// looked up.
///
/// @param name in lower case without a final dot; `localhost` for names below it too
/// @param address that it is a literal of; empty: it is a name
record UpstreamHost(String name, Optional<InetAddress> address) {

  private static final String LOCALHOST = "localhost";

  static UpstreamHost of(URI uri) {
    return of(uri.getHost());
  }

  /// Of a name, an IPv4 address, or an IPv6 address in brackets.
  static UpstreamHost of(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.endsWith(".")) {
      name = name.substring(0, name.length() - 1); // RFC 3986 §3.2.2: it names the same host
    }
    if (name.equals(LOCALHOST) || name.endsWith("." + LOCALHOST)) { // RFC 6761 §6.3
      return new UpstreamHost(LOCALHOST, Optional.empty());
    }
    InetAddress address;
    try {
      address = Network.address(name.replaceAll("[\\[\\]]", ""));
    } catch (IllegalArgumentException noLiteral) {
      return new UpstreamHost(name, Optional.empty());
    }
    return new UpstreamHost(address.getHostAddress(), Optional.of(address));
  }

  /// Whether both may be the same server where the ports are the same.
  boolean mayBe(UpstreamHost other) {
    return equals(other) || (isLoopback() && other.isLoopback());
  }

  /// Whether a connection to it may reach a listener of this machine at that address.
  boolean reaches(InetAddress listener) {
    boolean listensOnAll = listener.isAnyLocalAddress();
    if (address.isEmpty() || address.get().isAnyLocalAddress()) {
      return isLoopback() && (listensOnAll || listener.isLoopbackAddress());
    }
    return address.get().equals(listener)
        || (listensOnAll && (isLoopback() || isOfThisMachine(address.get())));
  }

  // A connection to the unspecified address reaches this machine by loopback.
  private boolean isLoopback() {
    return address
        .map(literal -> literal.isLoopbackAddress() || literal.isAnyLocalAddress())
        .orElse(name.equals(LOCALHOST));
  }

  private static boolean isOfThisMachine(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }
}
