package dev.gatehouse.server.config;

import dev.gatehouse.Network;
import dev.gatehouse.mtls.ForwardedCertificate;
import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.tls.ServerCertificate;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/// Where the gate listens, and how connections are protected.
///
/// The default address is loopback: without a certificate, the gate can be reached from this
/// machine only.
///
/// @param address the local address
/// @param port 0 takes any free one
/// @param transport how the bytes are protected
/// @param tlsTerminators the proxies that end TLS in front of the gate; from them, and only from
///   them, the caller's address is the rightmost hop of `X-Forwarded-For` that is not one of them
/// @param clientCertificates whether callers are asked for a certificate
/// @param certificateField in which the terminators say what certificate the caller showed; empty:
///   what they say of it counts for nothing
/// @param hsts what clients that come by HTTPS are told; empty: nothing
public record ListenConfig(
    InetAddress address,
    int port,
    Transport transport,
    List<Network> tlsTerminators,
    ClientCertificates clientCertificates,
    Optional<ForwardedCertificate> certificateField,
    Optional<Hsts> hsts) {

  static final InetAddress DEFAULT_ADDRESS = Network.address("127.0.0.1");
  static final int DEFAULT_PORT = 8443;

  public ListenConfig {
    tlsTerminators = List.copyOf(tlsTerminators);
  }

  /// Clients are asked for a certificate where a route accepts one. No proxy sends certificates.
  /// There is no HSTS.
  public ListenConfig(
      InetAddress address, int port, Transport transport, List<Network> tlsTerminators) {
    this(
        address,
        port,
        transport,
        tlsTerminators,
        ClientCertificates.AS_NEEDED,
        Optional.empty(),
        Optional.empty());
  }

  /// Whether callers are asked for a certificate in the handshake.
  public enum ClientCertificates {
    /// Clients are asked where a route accepts certificates.
    AS_NEEDED,
    /// All clients are asked. A client may have none.
    REQUEST,
    /// Clients are asked for a certificate, and a client without a valid one is not served.
    REQUIRE
  }

  /// How the bytes between caller and gate are protected.
  public sealed interface Transport {}

  /// TLS with the development certificate of the data folder; on loopback only.
  public record DevelopmentTls() implements Transport {}

  /// TLS with the user's certificate, which was valid when the configuration was read.
  public record Tls(ServerCertificate certificate) implements Transport {}

  /// No TLS: on loopback, or behind the terminators.
  public record PlainHttp() implements Transport {}
}
