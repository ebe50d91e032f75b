package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "192.168.1.128/25, 192.168.1.128, true",
    "192.168.1.128/25, 192.168.1.127, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 10.0.0.1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::1, false",
    "2001:db8::/33, 2001:db8:8000::, false",
    "::1, ::1, true",
    "10.0.0.0/8, ::ffff:10.1.2.3, true",
    "::ffff:10.1.2.3, 10.1.2.3, true"
  })
  void aBlockHoldsItsAddresses(String block, String address, boolean held) {
    assertThat(Network.parse(block).contains(Network.address(address))).isEqualTo(held);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0/0, 0.0.0.0/0, true",
    "0.0.0.0/0, 0.0.0.0/1 128.0.0.0/1, true",
    "0.0.0.0/0, 128.0.0.0/2 0.0.0.0/1 192.0.0.0/2, true",
    "0.0.0.0/0, 0.0.0.0/1, false",
    "0.0.0.0/0, ::/0, false",
    "0.0.0.0/0, '', false",
    "10.0.0.0/8, 0.0.0.0/1, true",
    "192.0.2.0/31, 192.0.2.0 192.0.2.1, true",
    "192.0.2.0/31, 192.0.2.0, false",
    "192.0.2.1, 192.0.2.0, false",
    "2000::/3, ::/1, true",
    "2000::/3, 2000::/4 3000::/4, true",
    "2000::/3, 2000::/4 3000::/5, false",
  })
  void blocksTogetherMayHoldAllOfOne(String block, String blocks, boolean covered) {
    List<Network> several =
        Stream.of(blocks.split(" ", -1)).filter(b -> !b.isEmpty()).map(Network::parse).toList();
    assertThat(Network.parse(block).isCoveredBy(several)).isEqualTo(covered);
  }

  @Test
  void aMappedAddressThatJavaKeptAsIpv6CountsAsIpv4() throws Exception {
    byte[] mapped = new byte[16];
    mapped[10] = -1;
    mapped[11] = -1;
    mapped[12] = 10;
    InetAddress address = Inet6Address.getByAddress("", mapped, -1);

    assertThat(address).isInstanceOf(Inet6Address.class);
    assertThat(Network.parse("10.0.0.0/8").contains(address)).isTrue();
    assertThat(Network.parse("::/0").contains(address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/8/8",
        "10.1.2.3/8",
        "2001:db8::/129",
        "2001:db8::1/32",
        "10.0.0",
        "10",
        "167772160",
        "0x0a000000",
        "010.0.0.1",
        "1.2.3.999",
        "1.2.3.4.5",
        "1.2.3.4 ",
        "localhost",
        "example.com",
        "face",
        "::1%lo",
        "[::1]",
        "1.2.3.4:80",
        ":",
        ":::",
        "::g",
        "1::2::3",
        "a:b",
        "١.١.١.١",
        "١::"
      })
  void whatIsNoAddressIsRefusedWithoutAskingANameServer(String text) {
    CountingResolver.reset();

    assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class);
    assertThat(CountingResolver.asked()).isEmpty();
  }

  @Test
  void theResolverOfTheseTestsWouldHaveSeenAQuestion() {
    CountingResolver.reset();

    assertThatThrownBy(() -> InetAddress.getAllByName("name.invalid"));
    assertThat(CountingResolver.asked()).containsExactly("name.invalid");
  }

  @Test
  void itsTextIsReadBackAsTheSameBlock() {
    for (String text :
        new String[] {"10.0.0.0/8", "2001:db8::/32", "192.0.2.7", "::1", "0.0.0.0/0"}) {
      Network network = Network.parse(text);
      assertThat(Network.parse(network.toString())).isEqualTo(network).hasSameHashCodeAs(network);
    }
  }
}
