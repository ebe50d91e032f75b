package dev.gatehouse.server.listen;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.util.List;

/// Finds the client's address in `X-Forwarded-For` when the connection comes from a trusted proxy.
/// Thread-safe; does not block.
final class ForwardedHops {

  private static final int MAX_HOPS = 32;

  private final List<Network> trusted;

  ForwardedHops(List<Network> trusted) {
    this.trusted = trusted;
  }

  boolean trusts(InetAddress address) {
    for (Network network : trusted) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }

  /// The rightmost address in `X-Forwarded-For` that is no trusted proxy. Clients can write
  /// anything to the left of it.
  ///
  /// If a trusted proxy passed on something that is no address, the search ends at that proxy.
  ///
  /// @param peer the connection's own, a trusted proxy
  /// @param forwardedFor every line of `X-Forwarded-For`, in order
  InetAddress client(InetAddress peer, List<String> forwardedFor) {
    InetAddress nearest = peer;
    int hops = 0;
    for (int line = forwardedFor.size() - 1; line >= 0; line--) {
      String value = forwardedFor.get(line);
      int end = value.length();
      while (end >= 0 && hops++ < MAX_HOPS) {
        int comma = value.lastIndexOf(',', end - 1);
        try {
          nearest = Network.address(withoutPort(value.substring(comma + 1, end).strip()));
        } catch (IllegalArgumentException noAddress) {
          return nearest;
        }
        if (!trusts(nearest)) {
          return nearest;
        }
        end = comma;
      }
    }
    return nearest;
  }

  /// Whether any proxy on the way says that a request came to it without TLS; some say so of a
  /// WebSocket in its own words.
  ///
  /// @param forwardedProto every line of `X-Forwarded-Proto`
  static boolean anyInClear(List<String> forwardedProto) {
    for (String line : forwardedProto) {
      for (String scheme : line.split(",", -1)) {
        if (scheme.strip().equalsIgnoreCase("http") || scheme.strip().equalsIgnoreCase("ws")) {
          return true;
        }
      }
    }
    return false;
  }

  // Some proxies write 192.0.2.1:4711 and [2001:db8::1]:4711.
  private static String withoutPort(String hop) {
    if (hop.startsWith("[")) {
      int bracket = hop.indexOf(']');
      return bracket < 0 ? hop : hop.substring(1, bracket);
    }
    int colon = hop.indexOf(':');
    return colon >= 0 && colon == hop.lastIndexOf(':') ? hop.substring(0, colon) : hop;
  }
}
