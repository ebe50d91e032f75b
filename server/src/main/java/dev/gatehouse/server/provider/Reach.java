package dev.gatehouse.server.provider;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.util.List;

/// How far inside an address lies, the outermost first.
///
/// Whoever is named in the configuration may name addresses of its own kind and further out, none
/// further in: a document from outside sends the gate nowhere that only the gate can reach.
enum Reach {
  PUBLIC,
  PRIVATE,
  LOOPBACK,
  /// Nobody's: the link's own, where machines in a cloud find their credentials; and what is no
  /// address of one host.
  NEVER;

  private static final List<Network> PRIVATE_NETWORKS =
      networks(
          "10.0.0.0/8", // RFC 1918 §3
          "172.16.0.0/12",
          "192.168.0.0/16",
          "100.64.0.0/10", // RFC 6598 §7: shared address space of carriers
          "198.18.0.0/15", // RFC 2544: benchmarks
          "fc00::/7", // RFC 4193 §3.1: unique local addresses
          "fec0::/10", // RFC 3879: site-local, no longer in use
          "2002::/16", // RFC 3056 §2 and RFC 4380 §2.6 hold an IPv4 address that may lie inside
          "2001::/32");

  private static final List<Network> NO_HOST =
      networks(
          "0.0.0.0/8", // RFC 1122 §3.2.1.3: this network
          "169.254.0.0/16", // RFC 3927 §2.1: the link's own
          "100.100.100.200/32", // two clouds answer with credentials outside of it
          "fd00:ec2::254/128",
          "192.0.0.0/24", // RFC 6890 §2.2.2
          "224.0.0.0/4", // RFC 5771: multicast
          "240.0.0.0/4", // RFC 1112 §4: reserved
          "::/128",
          "fe80::/10", // RFC 4291 §2.5.6
          "ff00::/8");

  private static final Network LOOPBACK_4 = Network.parse("127.0.0.0/8");
  private static final Network LOOPBACK_6 = Network.parse("::1/128");
  private static final Network TRANSLATED = Network.parse("64:ff9b::/96");

  /// Where that address lies.
  static Reach of(InetAddress address) {
    InetAddress told = TRANSLATED.contains(address) ? last4Bytes(address) : address;
    if (among(NO_HOST, told)) {
      return NEVER;
    }
    if (LOOPBACK_4.contains(told) || LOOPBACK_6.contains(told)) {
      return LOOPBACK;
    }
    return among(PRIVATE_NETWORKS, told) ? PRIVATE : PUBLIC;
  }

  // RFC 6052 §2.2: behind a prefix of 96 bits stands an IPv4 address.
  private static InetAddress last4Bytes(InetAddress address) {
    byte[] bytes = address.getAddress();
    return Network.address(
        "%d.%d.%d.%d"
            .formatted(bytes[12] & 0xff, bytes[13] & 0xff, bytes[14] & 0xff, bytes[15] & 0xff));
  }

  private static boolean among(List<Network> networks, InetAddress address) {
    return networks.stream().anyMatch(network -> network.contains(address));
  }

  private static List<Network> networks(String... blocks) {
    return List.of(blocks).stream().map(Network::parse).toList();
  }
}
