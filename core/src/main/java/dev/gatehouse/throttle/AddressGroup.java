package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;

/// A block of addresses that one party may own. Immutable.
///
/// An IPv4 address is a group by itself. An IPv6 address belongs to three groups: its /64, its /56
/// and its /48, which are the sizes that are assigned to sites (RFC 6177). The owner of a /48 has
/// 65536 blocks of /64. So everything that is counted by address is counted for each group, and a
/// wider group gets a larger allowance, because it may belong to several parties.
///
/// @param prefix the leading bits of the address; the other bits are zero
public record AddressGroup(Width width, long prefix) {

  /// The sizes of groups.
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

    /// Returns how many leading bits the addresses of the group have in common.
    int prefixBits() {
      return prefixBits;
    }

    /// Returns the allowance of a group of this width, as a multiple of that of a single /64 or
    /// IPv4 address.
    public int allowance() {
      return allowance;
    }
  }

  /// The length of [#bytes()].
  public static final int BYTES = 1 + Long.BYTES;

  /// Returns the group in a unique form that always has the same length.
  public byte[] bytes() {
    return ByteBuffer.allocate(BYTES).put((byte) width.prefixBits()).putLong(prefix).array();
  }

  /// Returns the groups of that address, the widest first. The last one is its /64 or its IPv4
  /// address.
  ///
  /// Two kinds of IPv6 addresses that represent an IPv4 address count as that address: IPv4-mapped
  /// ones (RFC 4291 §2.5.5.2), and those with the well-known prefix `64:ff9b::/96` (RFC 6052),
  /// which a translator uses for all IPv4 clients. A 6to4 address counts as other IPv6 addresses
  /// do: its /48 belongs to one IPv4 address (RFC 3056).
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
