package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedAddressesTest {

  private static final AllowedAddresses PUBLIC = new AllowedAddresses(List.of());

  // The first and the last address of each block of the IANA registries, and what they say of it.
  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, 0.255.255.255, false",
    "10.0.0.0, 10.255.255.255, false",
    "100.64.0.0, 100.127.255.255, false",
    "127.0.0.0, 127.255.255.255, false",
    "169.254.0.0, 169.254.255.255, false",
    "172.16.0.0, 172.31.255.255, false",
    "192.0.0.0, 192.0.0.8, false",
    "192.0.0.9, 192.0.0.10, true",
    "192.0.0.170, 192.0.0.255, false",
    "192.0.2.0, 192.0.2.255, false",
    "192.31.196.0, 192.31.196.255, true",
    "192.52.193.0, 192.52.193.255, true",
    "192.88.99.0, 192.88.99.255, false",
    "192.168.0.0, 192.168.255.255, false",
    "192.175.48.0, 192.175.48.255, true",
    "198.18.0.0, 198.19.255.255, false",
    "198.51.100.0, 198.51.100.255, false",
    "203.0.113.0, 203.0.113.255, false",
    "224.0.0.0, 239.255.255.255, false",
    "240.0.0.0, 255.255.255.255, false",
    "::, ::1, false",
    "64:ff9b::8.8.8.8, 64:ff9b::8.8.4.4, true",
    "64:ff9b:1::, 64:ff9b:1:ffff:ffff:ffff:ffff:ffff, false",
    "100::, 100::ffff:ffff:ffff:ffff, false",
    "100:0:0:1::, 100::1:ffff:ffff:ffff:ffff, false",
    "2001::, 2001:0:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "2001:1::, 2001:1::, false",
    "2001:1::1, 2001:1::3, true",
    "2001:2::, 2001:2:0:ffff:ffff:ffff:ffff:ffff, false",
    "2001:3::, 2001:3:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:4:112::, 2001:4:112:ffff:ffff:ffff:ffff:ffff, true",
    "2001:10::, 2001:1f:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "2001:20::, 2001:2f:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:30::, 2001:3f:ffff:ffff:ffff:ffff:ffff:ffff, true",
    "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff, 2001:40::, false",
    "2001:db8::, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "2002::, 2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "2620:4f:8000::, 2620:4f:8000:ffff:ffff:ffff:ffff:ffff, true",
    "3fff::, 3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "5f00::, 5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "fc00::, fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "fe80::, febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
    "fec0::, ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, false",
  })
  void eachBlockIsWhatTheRegistrySays(String first, String last, boolean globallyReachable) {
    for (String address : List.of(first, last)) {
      assertThat(PUBLIC.refusal(Network.address(address)).isEmpty())
          .as(address)
          .isEqualTo(globallyReachable);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.0.0.0",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::",
        "2001:db9::",
        "2003::",
        "2606:2800:220:1::1",
      })
  void addressBesideABlockIsPublic(String address) {
    assertThat(PUBLIC.refusal(Network.address(address))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "::ffff:10.0.0.1", // IPv4-mapped
        "::10.0.0.1", // IPv4-compatible
        "::8.8.8.8",
        "::ffff:0:10.0.0.1", // IPv4-translated
        "64:ff9b::10.0.0.1", // NAT64
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::10.0.0.1", // local-use NAT64
        "2002:a00:1::", // 6to4
        "2002:808:808::",
        "2001:0:a00:1::", // Teredo
        "2606:2800:220:1:0:5efe:10.0.0.1", // ISATAP
        "2606:2800:220:1:200:5efe:10.0.0.1",
      })
  void embeddedAddressIsNotPublic(String address) {
    assertThat(PUBLIC.refusal(Network.address(address)))
        .hasValueSatisfying(why -> assertThat(why).contains("'internalNetworks'"));
  }

  @Test
  void listedTranslatorReachesOnlyWhatMayBeReached() {
    AllowedAddresses tunnels = allowing("64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96");
    for (String good :
        List.of(
            "64:ff9b:1::8.8.8.8",
            "2002:808:808::1",
            // Teredo: the server 8.8.8.8, the client 8.8.4.4 inverted
            "2001:0:808:808::f7f7:fbfb",
            "::8.8.8.8")) {
      assertThat(tunnels.refusal(Network.address(good))).as(good).isEmpty();
    }
    for (String inward :
        List.of(
            "64:ff9b:1::10.0.0.1",
            "64:ff9b:1:7f00:0:100::", // by a prefix of /48: 127.0.0.1
            "64:ff9b:1:0:a:0:100:0", // by a prefix of /64: 10.0.0.1
            "64:ff9b:1:a00:0:100:808:808", // by a prefix of /48: 10.0.0.1
            "64:ff9b:1:a:0:1:808:808", // by a prefix of /56: 10.0.0.1
            "64:ff9b:1:0:a:0:108:808", // by a prefix of /64: 10.0.0.1
            "64:ff9b:1:2:3::8.8.8.8", // by a longer prefix, which is not told from those
            "2002:a00:1::",
            "2001:0:a00:1::f7f7:fbfb",
            "2001:0:808:808::f5ff:fffe",
            "::10.0.0.1")) {
      assertThat(tunnels.refusal(Network.address(inward))).as(inward).isPresent();
    }
  }

  @Test
  void operatorListsWhatIsAllowedBesidePublicAddresses() {
    AllowedAddresses listed = allowing("10.0.0.0/8", "::1");
    assertThat(listed.refusal(Network.address("10.1.2.3"))).isEmpty();
    assertThat(listed.refusal(Network.address("::ffff:10.1.2.3"))).isEmpty();
    assertThat(listed.refusal(Network.address("::1"))).isEmpty();
    assertThat(listed.refusal(Network.address("93.184.216.34"))).isEmpty();
    assertThat(listed.refusal(Network.address("64:ff9b::10.1.2.3"))).isEmpty();
    assertThat(listed.refusal(Network.address("127.0.0.1")))
        .hasValue(
            "has the address 127.0.0.1, which is not public: if that is right, add it or its block"
                + " to 'internalNetworks'");
    assertThat(listed.refusal(Network.address("192.168.0.1"))).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "169.254.170.2",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd20:ce::254",
        "fe80::a9fe:a9fe",
        "fd00:c1::a9fe:a9fe",
        "fd00:a9fe:a9fe::1",
        "fd00:100::100:200",
        "169.254.0.23",
        "169.254.10.10",
      })
  void addressOfACloudsCredentialsIsAllowedOnlyWhereItIsListedAlone(String address) {
    AllowedAddresses blocks =
        allowing(
            "169.254.0.0/16",
            "169.254.0.0/24",
            "fc00::/7",
            "fe80::/10",
            "100.64.0.0/10",
            "168.63.129.0/24",
            "192.0.0.0/24");
    assertThat(PUBLIC.refusal(Network.address(address))).isPresent();
    assertThat(blocks.refusal(Network.address(address)))
        .hasValueSatisfying(why -> assertThat(why).contains("serve credentials"));
    assertThat(allowing(address).refusal(Network.address(address))).isEmpty();
  }

  @Test
  void addressOfACloudsCredentialsIsFoundInsideATranslatedOne() {
    assertThat(allowing("169.254.0.0/16").refusal(Network.address("64:ff9b::169.254.169.254")))
        .hasValueSatisfying(why -> assertThat(why).contains("clouds serve credentials"));
  }

  private static AllowedAddresses allowing(String... blocks) {
    return new AllowedAddresses(Arrays.stream(blocks).map(Network::parse).toList());
  }
}
