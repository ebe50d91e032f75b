package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/// A block of addresses that one party may hold.
///
/// An IPv4 address is a group by itself. An IPv6 address belongs to three groups: its /64, its /56
/// and its /48, which are the sizes that a site is given (RFC 6177). A party that holds a /48 has
/// 65536 blocks of /64. So whatever counts by address counts each of the groups, and a wider group
/// gets a larger allowance, because it may hold several parties.
///
/// @param prefix the leading bits of the address; the others are zero
public record AddressGroup(Width width, long prefix) {

  /// How many addresses a group holds.
  public enum Width {
    /// The block of a site.
    IPV6_48(48, 4),
    /// The block of a small site.
    IPV6_56(56, 2),
    /// One subnet.
    IPV6_64(64, 1),
    /// One address.
    IPV4(32, 1);

    private final int prefixBits;
    private final int allowance;

    Width(int prefixBits, int allowance) {
      this.prefixBits = prefixBits;
      this.allowance = allowance;
    }

    /// How many leading bits its addresses have in common.
    int prefixBits() {
      return prefixBits;
    }

    /// How many times the allowance of a single /64 or IPv4 address a group of this width has.
    public int allowance() {
      return allowance;
    }
  }

  /// How long [#bytes()] is.
  public static final int BYTES = 1 + Long.BYTES;

  /// The group in a form of its own, always of the same length.
  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).put((byte) width.prefixBits()).putLong(prefix).array();
  }

  /// The groups of that address, the widest first. The last one is its /64 or its IPv4 address.
  ///
  /// An IPv6 address that stands for an IPv4 address counts as that: an IPv4-mapped one (RFC 4291
  /// §2.5.5.2), and one of the well-known prefix `64:ff9b::/96` (RFC 6052), under which a
  /// translator shows all IPv4 clients. A 6to4 address counts like other IPv6 addresses: its /48
  /// belongs to one IPv4 address (RFC 3056).
  public static List<AddressGroup> of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    if (bytes.remaining() == Integer.BYTES) {
      return List.of(ipv4(bytes.getInt()));
    }
    long high = bytes.getLong();
    long low = bytes.getLong();
    boolean mapped = high == 0 && low >>> 32 == 0xffff;
    boolean translated = high == 0x0064_ff9b_0000_0000L && low >>> 32 == 0;
    return mapped || translated
        ? List.of(ipv4((int) low))
        : List.of(
            new AddressGroup(Width.IPV6_48, high & -1L << 16),
            new AddressGroup(Width.IPV6_56, high & -1L << 8),
            new AddressGroup(Width.IPV6_64, high));
  }

  private static AddressGroup ipv4(int address) {
    return new AddressGroup(Width.IPV4, Integer.toUnsignedLong(address));
  }
}
