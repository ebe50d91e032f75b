package dev.gatehouse;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/// A block of IP addresses, written as CIDR: `10.0.0.0/8`, `2001:db8::/32`, or one address.
public final class Network {

  private final byte[] prefix;
  private final int prefixBits;

  private Network(byte[] prefix, int prefixBits) {
    this.prefix = prefix;
    this.prefixBits = prefixBits;
  }

  /// Reads a block; throws [IllegalArgumentException] that says what is wrong with it.
  ///
  /// Bits behind the prefix must be zero: `10.1.2.3/8` is more likely a slip than a block.
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

  /// The address that this literal is; throws [IllegalArgumentException] for anything else. Never
  /// asks a name server.
  public static InetAddress address(String literal) {
    try {
      return InetAddress.getByAddress(literal(literal, literal));
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }

  /// Whether the address lies in this block. An IPv4-mapped IPv6 address counts as IPv4.
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == prefix.length && Arrays.equals(masked(bytes, prefixBits), prefix);
  }

  private static byte[] literal(String address, String whole) {
    // Only digits, hex, dots and colons reach InetAddress, so that it never resolves a name.
    boolean looksNumeric =
        !address.isEmpty()
            && address.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == '.' || c == ':')
            && (address.indexOf(':') >= 0 || address.matches("\\d{1,3}(\\.\\d{1,3}){3}"));
    if (looksNumeric) {
      try {
        return InetAddress.getByName(address).getAddress();
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

  /// The CIDR form.
  @Override
  public String toString() {
    try {
      return InetAddress.getByAddress(prefix).getHostAddress() + "/" + prefixBits;
    } catch (UnknownHostException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
