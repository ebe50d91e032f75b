package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import java.net.InetAddress;

/// Where the admin API listens.
///
/// @param address a loopback address
/// @param port 0 takes any free one
public record AdminConfig(InetAddress address, int port) {

  static final AdminConfig DEFAULT = new AdminConfig(Network.address("127.0.0.1"), 0);
}
