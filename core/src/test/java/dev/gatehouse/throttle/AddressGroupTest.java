package dev.gatehouse.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddressGroupTest {

  @Test
  void ipv4AddressIsOneGroup() {
    assertThat(groups("192.0.2.1"))
        .containsExactly(new AddressGroup(AddressGroup.Width.IPV4, 0xc0000201L))
        .isNotEqualTo(groups("192.0.2.2"));
  }

  @Test
  void ipv6AddressBelongsToItsSiteAndToTheBlocksInIt() {
    assertThat(groups("2001:db8:1:2345:6:7:8:9"))
        .containsExactly(
            new AddressGroup(AddressGroup.Width.IPV6_48, 0x20010db8_0001_0000L),
            new AddressGroup(AddressGroup.Width.IPV6_56, 0x20010db8_0001_2300L),
            new AddressGroup(AddressGroup.Width.IPV6_64, 0x20010db8_0001_2345L))
        .isEqualTo(groups("2001:db8:1:2345::"));
  }

  @Test
  void widerGroupHasALargerAllowance() {
    assertThat(groups("2001:db8::1"))
        .extracting(group -> group.width().allowance())
        .containsExactly(4, 2, 1);
  }

  @Test
  void ipv6AddressThatStandsForAnIpv4AddressCountsAsThat() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = (byte) 192;
    mapped[14] = 2;
    mapped[15] = 1;
    InetAddress stillIpv6 = Inet6Address.getByAddress(null, mapped, -1);
    assertThat(stillIpv6.getAddress()).hasSize(16);
    assertThat(AddressGroup.of(stillIpv6)).isEqualTo(groups("192.0.2.1"));
    assertThat(groups("64:ff9b::c000:201")).isEqualTo(groups("192.0.2.1"));
  }

  private static List<AddressGroup> groups(String address) {
    return AddressGroup.of(Network.address(address));
  }
}
