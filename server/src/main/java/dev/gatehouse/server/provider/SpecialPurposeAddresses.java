package dev.gatehouse.server.provider;

import dev.gatehouse.Network;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, RFC 8190), the addresses
/// that clouds serve credentials at, and the IPv4 addresses that IPv6 addresses embed.
public final class SpecialPurposeAddresses {

  private record Block(Network network, boolean globallyReachable) {}

  // Of two blocks that hold an address, the first counts: the more specific one stands first. Where
  // the registry says "N/A", or the block was deprecated, it is not globally reachable.
  private static final List<Block> REGISTRY =
      Stream.concat(
              blocks(
                  true,
                  "192.0.0.9/32", // RFC 7723: Port Control Protocol anycast
                  "192.0.0.10/32", // RFC 8155: TURN anycast
                  "192.31.196.0/24", // RFC 7535: AS112
                  "192.52.193.0/24", // RFC 7450: AMT
                  "192.175.48.0/24", // RFC 7534: AS112
                  "64:ff9b::/96", // RFC 6052: translation; the embedded address counts too
                  "2001:1::1/128", // RFC 7723
                  "2001:1::2/128", // RFC 8155
                  "2001:1::3/128", // RFC 9665: service registration anycast
                  "2001:3::/32", // RFC 7450
                  "2001:4:112::/48", // RFC 7535
                  "2001:20::/28", // RFC 7343: ORCHIDv2
                  "2001:30::/28", // RFC 9374: drone remote identification
                  "2620:4f:8000::/48"), // RFC 7534
              blocks(
                  false,
                  "0.0.0.0/8", // RFC 791: this network
                  "10.0.0.0/8", // RFC 1918
                  "100.64.0.0/10", // RFC 6598: shared address space
                  "127.0.0.0/8", // RFC 1122: loopback
                  "169.254.0.0/16", // RFC 3927: link-local
                  "172.16.0.0/12", // RFC 1918
                  "192.0.0.0/24", // RFC 6890: IETF protocol assignments
                  "192.0.2.0/24", // RFC 5737: documentation
                  "192.88.99.0/24", // RFC 7526: 6to4 relay anycast, deprecated
                  "192.168.0.0/16", // RFC 1918
                  "198.18.0.0/15", // RFC 2544: benchmarking
                  "198.51.100.0/24", // RFC 5737
                  "203.0.113.0/24", // RFC 5737
                  "240.0.0.0/4", // RFC 1112: reserved; with 255.255.255.255 (RFC 8190)
                  "::/128", // RFC 4291: unspecified
                  "::1/128", // RFC 4291: loopback
                  "::ffff:0:0:0/96", // RFC 2765: IPv4-translated; in no registry
                  "64:ff9b:1::/48", // RFC 8215: local-use translation
                  "100::/64", // RFC 6666: discard-only
                  "100:0:0:1::/64", // RFC 9780: dummy prefix
                  "2001::/23", // RFC 2928: IETF protocol assignments, Teredo and benchmarking
                  "2001:db8::/32", // RFC 3849: documentation
                  "2002::/16", // RFC 3056: 6to4
                  "3fff::/20", // RFC 9637: documentation
                  "5f00::/16", // RFC 9602: segment routing
                  "fc00::/7", // RFC 4193: unique local
                  "fe80::/10")) // RFC 4291: link-local
          .toList();

  private static final Network ALL_IPV4 = Network.parse("0.0.0.0/0");
  private static final Network MULTICAST = Network.parse("224.0.0.0/4"); // RFC 5771

  // RFC 4291 §2.4 and the IPv6 address space registry: all unicast that was allocated.
  private static final Network GLOBAL_UNICAST = Network.parse("2000::/3");

  // RFC 3927. Clouds serve credentials and settings to their machines here, each at addresses of
  // its own: 169.254.169.254 (most), 169.254.170.2 and 169.254.170.23 (AWS), 169.254.42.42
  // (Scaleway), 169.254.0.23 (Tencent).
  private static final Network LINK_LOCAL = Network.parse("169.254.0.0/16");

  // Other addresses at which clouds do so: AWS, Azure's host, Alibaba, Oracle, Scaleway, Google,
  // Akamai, OpenStack.
  private static final List<Network> METADATA =
      List.of(
          Network.parse("fd00:ec2::254/128"),
          Network.parse("fd00:ec2::23/128"),
          Network.parse("168.63.129.16/32"),
          Network.parse("100.100.100.200/32"),
          Network.parse("192.0.0.192/32"),
          Network.parse("fd00:42::42/128"),
          Network.parse("fd20:ce::254/128"),
          Network.parse("fd00:c1::a9fe:a9fe/128"),
          Network.parse("fd00:a9fe:a9fe::1/128"),
          Network.parse("fd00:100::100:200/128"),
          Network.parse("fe80::a9fe:a9fe/128"));

  private static final byte[] ZERO = new byte[16];
  private static final Network TRANSLATED = Network.parse("64:ff9b::/96");
  private static final Network LOCAL_TRANSLATED = Network.parse("64:ff9b:1::/48");
  private static final Network COMPATIBLE = Network.parse("::/96");
  private static final Network SIIT = Network.parse("::ffff:0:0:0/96");
  private static final Network SIX_TO_FOUR = Network.parse("2002::/16");
  private static final Network TEREDO = Network.parse("2001::/32");

  private SpecialPurposeAddresses() {}

  /// Whether every public IPv4 address lies in one of those blocks. Blocks of addresses that no
  /// host on the Internet has need not be among them.
  public static boolean holdAllPublicIpv4(Collection<Network> blocks) {
    return ALL_IPV4.isCoveredBy(withSpecialPurpose(blocks));
  }

  /// The same for IPv6.
  public static boolean holdAllPublicIpv6(Collection<Network> blocks) {
    return GLOBAL_UNICAST.isCoveredBy(withSpecialPurpose(blocks));
  }

  private static List<Network> withSpecialPurpose(Collection<Network> blocks) {
    List<Network> all = new ArrayList<>(blocks);
    all.add(MULTICAST);
    REGISTRY.stream()
        .filter(block -> !block.globallyReachable)
        .map(Block::network)
        .forEach(all::add);
    return all;
  }

  /// Whether the address is one of a host that everybody reaches. Addresses that it embeds are not
  /// judged ([#embeddedIn]).
  static boolean isPublic(InetAddress address) {
    for (Block block : REGISTRY) {
      if (block.network.contains(address)) {
        return block.globallyReachable;
      }
    }
    return address instanceof Inet4Address
        ? !MULTICAST.contains(address)
        : GLOBAL_UNICAST.contains(address);
  }

  /// That address alone, if clouds serve credentials to their machines at it, or may do so: every
  /// IPv4 link-local address counts. Addresses that it embeds are not judged.
  static Optional<Network> metadata(InetAddress address) {
    return LINK_LOCAL.contains(address)
        ? Optional.of(Network.parse(address.getHostAddress()))
        : METADATA.stream().filter(alone -> alone.contains(address)).findAny();
  }

  /// The IPv4 addresses that an IPv6 address embeds: to those a translator or a tunnel carries what
  /// is sent. An IPv4-mapped address is IPv4 itself, since Java makes it so.
  static List<InetAddress> embeddedIn(InetAddress address) {
    if (address instanceof Inet4Address) {
      return List.of();
    }
    byte[] bytes = address.getAddress();
    List<InetAddress> embedded = new ArrayList<>();
    if (TRANSLATED.contains(address) // RFC 6052 §2.2
        || SIIT.contains(address) // RFC 2765
        || (COMPATIBLE.contains(address) && !address.isLoopbackAddress()) // RFC 4291 §2.5.5.1
        || isIsatap(bytes)) {
      embedded.add(ipv4(bytes, 12));
    }
    if (LOCAL_TRANSLATED.contains(address)) {
      // RFC 6052 §2.2: which bytes hold it depends on the length of the translator's prefix. Only
      // /96, with zeros behind the block, is read. Any other embeds 0.0.0.0, which is refused.
      embedded.add(
          isZero(bytes, 6, 12) && !isZero(bytes, 13, 16) ? ipv4(bytes, 12) : ipv4(ZERO, 0));
    }
    if (SIX_TO_FOUR.contains(address)) {
      embedded.add(ipv4(bytes, 2)); // RFC 3056 §2
    }
    if (TEREDO.contains(address)) {
      embedded.add(ipv4(bytes, 4)); // RFC 4380 §4: the server's
      byte[] client = Arrays.copyOfRange(bytes, 12, 16);
      for (int i = 0; i < client.length; i++) {
        client[i] = (byte) ~client[i]; // RFC 4380 §4: the client's, inverted
      }
      embedded.add(ipv4(client, 0));
    }
    return embedded;
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    return Arrays.equals(bytes, from, to, ZERO, 0, to - from);
  }

  // RFC 5214 §6.1: 00-00-5E-FE, or 02-00-5E-FE, and an IPv4 address.
  private static boolean isIsatap(byte[] bytes) {
    return (bytes[8] == 0 || bytes[8] == 2)
        && bytes[9] == 0
        && bytes[10] == 0x5e
        && bytes[11] == (byte) 0xfe;
  }

  private static InetAddress ipv4(byte[] bytes, int from) {
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(bytes, from, from + 4));
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible); // four bytes are an address
    }
  }

  private static Stream<Block> blocks(boolean globallyReachable, String... blocks) {
    return Stream.of(blocks).map(block -> new Block(Network.parse(block), globallyReachable));
  }
}
