package dev.gatehouse.server.assembly;

import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.LimitsConfig;
import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.listen.ListenLimits;
import dev.gatehouse.server.listen.ListenerSettings;
import dev.gatehouse.server.listen.TlsSettings;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The settings of listeners, as a configuration and this process give them.
public final class ListenSettings {

  // The part of the heap that may hold answers which clients have not taken yet.
  private static final int UNSENT_PART_OF_MEMORY = 8;
  private static final int MAX_HTTP2_RESETS = 200;
  private static final int REQUEST_LINE_BYTES_BESIDE_TARGET = 64;

  private ListenSettings() {}

  /// The main listener's, on one event loop for each processor.
  static ListenerSettings main(GatehouseConfig config, @Nullable TlsSettings tls) {
    ListenConfig listen = config.listen();
    return new ListenerSettings(
        listen.address().getHostAddress(),
        listen.port(),
        tls,
        listen.tlsTerminators(),
        listen.certificateField().orElse(null),
        listen.hsts().orElse(null),
        limits(config),
        Runtime.getRuntime().availableProcessors());
  }

  /// The admin listener's: plain HTTP on one event loop.
  static ListenerSettings admin(GatehouseConfig config) {
    return new ListenerSettings(
        config.admin().address().getHostAddress(),
        config.admin().port(),
        null,
        List.of(),
        limits(config),
        1);
  }

  /// The bounds of what callers may send. There are no more connections than this process may open
  /// files for.
  public static ListenLimits limits(GatehouseConfig config) {
    LimitsConfig limits = config.limits();
    int connections = descriptors(config).affordable(limits.connections());
    return new ListenLimits(
        limits.targetBytes() + REQUEST_LINE_BYTES_BESIDE_TARGET,
        limits.headerBytes(),
        limits.headerCount(),
        limits.headerTimeout(),
        limits.bodyTimeout(),
        config.methods().hmac().bodyMemory(),
        Runtime.getRuntime().maxMemory() / UNSENT_PART_OF_MEMORY,
        limits.idleTimeout(),
        connections,
        share(limits.connectionsPerAddress(), connections, limits.connections()),
        limits.http2Streams(),
        MAX_HTTP2_RESETS);
  }

  // The same part of the connections that there may be as of those that are configured.
  private static int share(int perAddress, int connections, int configured) {
    return Math.toIntExact(Math.ceilDiv((long) perAddress * connections, (long) configured));
  }

  static FileDescriptors descriptors(GatehouseConfig config) {
    return FileDescriptors.ofThisProcess(config.maxUpstreamConnections());
  }

  /// The address that a person types. The development certificate is for localhost.
  static URI address(ListenConfig listen, int port) {
    String scheme = listen.transport() instanceof ListenConfig.PlainHttp ? "http" : "https";
    String host =
        listen.address().isLoopbackAddress()
            ? "localhost"
            : hostInUrl(listen.address().getHostAddress());
    return URI.create(scheme + "://" + host + ":" + port);
  }

  /// The address of the admin API at that port.
  static String adminUrl(GatehouseConfig config, int port) {
    return "http://" + hostInUrl(config.admin().address().getHostAddress()) + ":" + port;
  }

  private static String hostInUrl(String address) {
    return address.indexOf(':') >= 0 ? "[" + address + "]" : address;
  }
}
