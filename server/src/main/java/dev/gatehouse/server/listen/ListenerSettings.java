package dev.gatehouse.server.listen;

import dev.gatehouse.Network;
import dev.gatehouse.mtls.ForwardedCertificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where to listen, as whom, and within what bounds.
///
/// @param address of the interface
/// @param port 0: any free one
/// @param tls null: plain HTTP
/// @param trustedProxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count
/// @param certificateField in which they say what certificate the client showed; null: in none
/// @param hsts what clients that come by HTTPS are told; null: nothing
/// @param eventLoops how many serve it
public record ListenerSettings(
    String address,
    int port,
    @Nullable TlsSettings tls,
    List<Network> trustedProxies,
    @Nullable ForwardedCertificate certificateField,
    @Nullable Hsts hsts,
    ListenLimits limits,
    int eventLoops) {

  /// Checks the port and the number of event loops; throws [IllegalArgumentException].
  public ListenerSettings {
    trustedProxies = List.copyOf(trustedProxies);
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a port lies between 0 and 65535, not " + port);
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("a listener needs an event loop");
    }
  }

  /// No field of a proxy says anything of certificates, and clients are told nothing of HTTPS.
  public ListenerSettings(
      String address,
      int port,
      @Nullable TlsSettings tls,
      List<Network> trustedProxies,
      ListenLimits limits,
      int eventLoops) {
    this(address, port, tls, trustedProxies, null, null, limits, eventLoops);
  }
}
