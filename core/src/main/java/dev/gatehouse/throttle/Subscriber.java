package dev.gatehouse.throttle;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// Who is behind an address, as far as it tells: an IPv6 address counts as its /64, which one
/// subscriber has to itself (RFC 6177 §2).
///
/// @param prefix the bytes of the address that count
public record Subscriber(ByteBuffer prefix) {

  private static final int IPV6_SUBNET_BYTES = 8;

  /// The gate itself, which asks for things from no address.
  public static final Subscriber NONE = new Subscriber(ByteBuffer.allocate(0).asReadOnlyBuffer());

  /// The subscriber of that address.
  public static Subscriber of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return new Subscriber(
        ByteBuffer.wrap(
                bytes.length > IPV6_SUBNET_BYTES ? Arrays.copyOf(bytes, IPV6_SUBNET_BYTES) : bytes)
            .asReadOnlyBuffer());
  }
}
