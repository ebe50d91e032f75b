package dev.gatehouse;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.regex.Pattern;

/// A block of IP addresses in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`, or a single address.
/// Immutable; no method blocks or asks a name server.
public final class Network {

  private static final int IPV6_BYTES = 16;

  // Only the canonical form of a number: 010 is 8 for some parsers and 10 for others.
  private static final Pattern IPV4 =
      Pattern.compile(
          "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
              + "(\\.(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

  private final byte[] prefix;
  private final int prefixBits;

  private Network(byte[] prefix, int prefixBits) {
    this.prefix = prefix;
    this.prefixBits = prefixBits;
  }

  /// Parses a block. Throws [IllegalArgumentException] with a message that says what is wrong.
  ///
  /// The bits after the prefix must be zero: `10.1.2.3/8` is more likely a mistake than a block.
  public static Network parse(String text) {
    int slash = text.indexOf('/');
    byte[] address = literal(slash < 0 ? text : text.substring(0, slash), text);
    int bits = slash < 0 ? address.length * 8 : prefixBits(text.substring(slash + 1), text);
    if (bits > address.length * 8) {
      throw new IllegalArgumentException("'" + text + "' has a prefix longer than its address");
    }
    if (!Arrays.equals(masked(address, bits), address)) {
      throw new IllegalArgumentException("'" + text + "' has bits set behind its prefix");
    }
    return new Network(address, bits);
  }

  /// Parses an address literal. Throws [IllegalArgumentException] for anything else, such as a host
  /// name.
  public static InetAddress address(String literal) {
    try {
      return InetAddress.getByAddress(literal(literal, literal));
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /// Whether the address is in this block. An IPv4-mapped IPv6 address counts as IPv4 (RFC 4291
  /// §2.5.5.2).
  public boolean contains(InetAddress address) {
    byte[] bytes = unmapped(address.getAddress());
    return bytes.length == prefix.length && Arrays.equals(masked(bytes, prefixBits), prefix);
  }

  /// Whether every address of this block is in one of the given blocks.
  public boolean isCoveredBy(Collection<Network> blocks) {
    if (blocks.stream().anyMatch(block -> block.contains(this))) {
      return true;
    }
    return blocks.stream().anyMatch(this::contains)
        && half(false).isCoveredBy(blocks)
        && half(true).isCoveredBy(blocks);
  }

  private boolean contains(Network other) {
    return other.prefix.length == prefix.length
        && other.prefixBits >= prefixBits
        && Arrays.equals(masked(other.prefix, prefixBits), prefix);
  }

  private Network half(boolean upper) {
    byte[] start = prefix.clone();
    if (upper) {
      start[prefixBits / 8] |= (byte) (0x80 >> (prefixBits % 8));
    }
    return new Network(start, prefixBits + 1);
  }

  // RFC 4291 §2.5.5.2: ::ffff:a.b.c.d.
  private static byte[] unmapped(byte[] address) {
    if (address.length != IPV6_BYTES || address[10] != -1 || address[11] != -1) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    return Arrays.copyOfRange(address, 12, IPV6_BYTES);
  }

  private static byte[] literal(String address, String whole) {
    // InetAddress resolves anything that is not a literal as a name. Four complete numbers are
    // always a literal, and text in brackets can only be IPv6.
    boolean ipv4 = IPV4.matcher(address).matches();
    if (ipv4 || IPV6.matcher(address).matches()) {
      try {
        return InetAddress.getByName(ipv4 ? address : "[" + address + "]").getAddress();
      } catch (UnknownHostException notAnAddress) {
        // falls through to the one message
      }
    }
    throw new IllegalArgumentException(
        "'"
            + whole
            + "' is no IP address or block: write 10.0.0.0/8, 2001:db8::/32 or one address");
  }

  private static int prefixBits(String digits, String whole) {
    if (!digits.matches("0|[1-9]\\d{0,2}")) {
      throw new IllegalArgumentException("'" + whole + "' has no prefix length behind its slash");
    }
    return Integer.parseInt(digits);
  }

  private static byte[] masked(byte[] address, int bits) {
    byte[] masked = new byte[address.length];
    for (int i = 0; i < address.length; i++) {
      int left = Math.clamp(bits - i * 8L, 0, 8);
      masked[i] = (byte) (address[i] & (0xff00 >> left));
    }
    return masked;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Network network
        && network.prefixBits == prefixBits
        && Arrays.equals(network.prefix, prefix);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(prefix) * 31 + prefixBits;
  }

  /// Returns the block in CIDR notation.
  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(prefix).getHostAddress() + "/" + prefixBits;
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
