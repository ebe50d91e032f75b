package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReachTest {

  @ParameterizedTest
  @CsvSource({
    "93.184.216.34, PUBLIC",
    "2606:2800:220:1::1, PUBLIC",
    "10.0.0.1, PRIVATE",
    "172.31.255.255, PRIVATE",
    "172.32.0.0, PUBLIC",
    "192.168.1.1, PRIVATE",
    "100.64.0.1, PRIVATE",
    "fd12::1, PRIVATE",
    "2002:7f00:1::, PRIVATE",
    "127.0.0.1, LOOPBACK",
    "127.8.8.8, LOOPBACK",
    "::1, LOOPBACK",
    "::ffff:127.0.0.1, LOOPBACK",
    "64:ff9b::7f00:1, LOOPBACK",
    "169.254.169.254, NEVER",
    "::ffff:169.254.169.254, NEVER",
    "64:ff9b::a9fe:a9fe, NEVER",
    "fd00:ec2::254, NEVER",
    "100.100.100.200, NEVER",
    "fe80::1, NEVER",
    "0.0.0.0, NEVER",
    "::, NEVER",
    "224.0.0.1, NEVER",
    "255.255.255.255, NEVER",
    "ff02::1, NEVER",
  })
  void eachAddressLiesAsFarInsideAsItsBlockSays(String address, Reach reach) {
    assertThat(Reach.of(Network.address(address))).isEqualTo(reach);
  }
}
