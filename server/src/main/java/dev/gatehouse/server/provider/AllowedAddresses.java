package dev.gatehouse.server.provider;

import dev.gatehouse.Network;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The addresses that the hosts of one provider or issuer may have: public ones, and those that the
/// operator lists.
///
/// @param internal the blocks that the operator lists
public record AllowedAddresses(List<Network> internal) {

  /// Copies the list.
  public AllowedAddresses {
    internal = List.copyOf(internal);
  }

  /// Why no connection to that address is made; empty when one may be.
  ///
  /// An IPv4 address that an IPv6 address embeds is judged too. An address at which clouds serve
  /// credentials is allowed only where it is listed alone, not as a part of a block. Every IPv4
  /// link-local address counts as one: each cloud chooses its own.
  ///
  /// @return words that follow the name of a host, and say which setting allows it
  public Optional<String> refusal(InetAddress address) {
    List<InetAddress> all = new ArrayList<>(List.of(address));
    all.addAll(SpecialPurposeAddresses.embeddedIn(address));
    for (InetAddress one : all) {
      String text = one.getHostAddress();
      Optional<Network> metadata = SpecialPurposeAddresses.metadata(one);
      if (metadata.isPresent() && !internal.contains(metadata.get())) {
        return Optional.of(
            "has the address "
                + text
                + ", at which clouds serve credentials: 'internalNetworks' would have to list "
                + metadata.get());
      }
      if (metadata.isEmpty() && !SpecialPurposeAddresses.isPublic(one) && !isListed(one)) {
        return Optional.of(
            "has the address "
                + text
                + ", which is not public: if that is right, add it or its block to"
                + " 'internalNetworks'");
      }
    }
    return Optional.empty();
  }

  private boolean isListed(InetAddress address) {
    return internal.stream().anyMatch(network -> network.contains(address));
  }
}
