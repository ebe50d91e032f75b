package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import dev.gatehouse.server.provider.AllowedAddresses;
import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads `internalNetworks`: which addresses beside public ones the hosts of a provider or an
/// issuer may have.
final class InternalNetworks {

  private static final String KEY = "internalNetworks";
  private static final int MAX_NETWORKS = 64;

  private InternalNetworks() {}

  /// The addresses of a provider's or issuer's section. A configured host that can have no allowed
  /// address is a problem. Names are not looked up, except that `localhost` is known (RFC 6761).
  ///
  /// @param hosts the URLs of the section, each with a host
  static AllowedAddresses read(Section section, List<URI> hosts, Problems problems) {
    List<Network> networks = new ArrayList<>();
    List<Node> nodes = section.list(KEY);
    for (Node node : nodes) {
      Section.parsed(node, "an item of '" + KEY + "'", ValueParsers::network, problems)
          .ifPresent(networks::add);
    }
    if (nodes.size() > MAX_NETWORKS) {
      problems.add(nodes.getFirst(), "more than " + MAX_NETWORKS + " blocks", "list larger blocks");
    }
    AllowedAddresses addresses = new AllowedAddresses(networks);
    for (URI uri : hosts) {
      String host = Objects.requireNonNull(uri.getHost());
      refusal(host, addresses)
          .ifPresent(
              why ->
                  problems.add(
                      section.node(),
                      host + " " + why,
                      "add " + KEY + ": [127.0.0.0/8, '::1'], or its own address or block"));
    }
    return addresses;
  }

  private static Optional<String> refusal(String host, AllowedAddresses addresses) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || name.endsWith(".localhost")) {
      Optional<String> ipv4 = addresses.refusal(Network.address("127.0.0.1"));
      return addresses.refusal(Network.address("::1")).isPresent() ? ipv4 : Optional.empty();
    }
    InetAddress literal;
    try {
      literal = Network.address(host.startsWith("[") ? host.substring(1, host.length() - 1) : host);
    } catch (IllegalArgumentException isName) {
      return Optional.empty(); // it is looked up when the host is first asked
    }
    return addresses.refusal(literal);
  }
}
