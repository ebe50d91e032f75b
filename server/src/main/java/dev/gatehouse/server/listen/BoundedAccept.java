package dev.gatehouse.server.listen;

import dev.gatehouse.Network;
import dev.gatehouse.throttle.AddressGroup;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A transport of Vert.x that bounds the connections of its listeners when they are accepted:
/// before TLS, and whether or not the client ever sends a byte. It also adds [StrictFrames] to each
/// connection.
///
/// Vert.x reports a connection only after its TLS handshake, and an HTTP/2 connection only after
/// its SETTINGS. Netty's server channel can be reached earlier only in the transport. Each
/// listening socket has separate counts with the same bounds. Thread-safe.
public final class BoundedAccept implements Transport {

  private static final Logger LOG = LoggerFactory.getLogger(BoundedAccept.class);

  // Refused connections have one line in the log for so long.
  static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

  private final Transport nio = io.vertx.core.transport.Transport.NIO.implementation();
  private final int maxConnections;
  private final int maxPerAddress;
  private final ForwardedHops proxies;

  /// @param proxies whose connections count for all, and not for their address
  BoundedAccept(ListenLimits limits, List<Network> proxies) {
    this.maxConnections = limits.maxConnections();
    this.maxPerAddress = limits.maxConnectionsPerAddress();
    this.proxies = new ForwardedHops(List.copyOf(proxies));
  }

  /// Makes a Vert.x whose listeners keep to these bounds of connections.
  ///
  /// @param proxies which are trusted: the bound for an address does not hold for theirs
  public static Vertx vertx(VertxOptions options, ListenLimits limits, List<Network> proxies) {
    BoundedAccept bounded = new BoundedAccept(limits, proxies);
    return Vertx.builder().with(options).withTransport(bounded.new Named()).build();
  }

  /// Throws [IllegalArgumentException] where that Vert.x does not bound its connections.
  static void demand(Vertx vertx) {
    if (!(((VertxInternal) vertx).transport() instanceof BoundedAccept)) {
      throw new IllegalArgumentException("this Vert.x does not bound what it accepts");
    }
  }

  @Override
  public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
    nio.configure(config, domainSocket, bootstrap);
    bootstrap.handler(
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel listening) {
            listening.pipeline().addLast(new AcceptedConnections());
          }
        });
  }

  /// Counts the connections of one listening socket. Belongs to the event loop that accepts; the
  /// connections end on others.
  final class AcceptedConnections extends ChannelInboundHandlerAdapter {

    private final FailedHandshakes handshakes = new FailedHandshakes();
    private final AtomicInteger open = new AtomicInteger();
    private final Map<AddressGroup, Integer> perGroup = new ConcurrentHashMap<>();
    private int refusedOfAll;
    private int refusedOfAddress;

    /// @param accepted a channel that is not registered yet
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      if (accepted instanceof Channel channel) {
        if (!take(context, channel)) {
          channel.unsafe().closeForcibly();
          return;
        }
        channel.pipeline().addLast(new PlainHttpOnTls(handshakes));
        StrictFrames.addTo(channel);
      }
      context.fireChannelRead(accepted);
    }

    private boolean take(ChannelHandlerContext context, Channel channel) {
      if (!(channel.remoteAddress() instanceof InetSocketAddress address)) {
        return false; // it is gone already
      }
      if (open.get() >= maxConnections) {
        refusedOfAll++;
        logLater(context);
        return false;
      }
      List<AddressGroup> counted = counted(address.getAddress());
      for (AddressGroup group : counted) {
        if (perGroup.getOrDefault(group, 0) >= share(group.width())) {
          refusedOfAddress++;
          logLater(context);
          return false;
        }
      }
      counted.forEach(group -> perGroup.merge(group, 1, Integer::sum));
      open.incrementAndGet();
      channel
          .closeFuture()
          .addListener(
              closed -> {
                open.decrementAndGet();
                for (AddressGroup group : counted) {
                  perGroup.computeIfPresent(group, (same, count) -> count == 1 ? null : count - 1);
                }
              });
      return true;
    }

    private List<AddressGroup> counted(InetAddress address) {
      return proxies.trusts(address) ? List.of() : AddressGroup.of(address);
    }

    // A wide group may hold several parties. Even so it gets no more than half of all.
    private int share(AddressGroup.Width width) {
      long wanted = (long) width.allowance() * maxPerAddress;
      return (int) Math.min(wanted, Math.max(maxPerAddress, maxConnections / 2));
    }

    private void logLater(ChannelHandlerContext context) {
      if (refusedOfAll + refusedOfAddress == 1) {
        var _ =
            context
                .executor()
                .schedule(
                    () -> log(context.channel()), LOG_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
      }
    }

    private void log(Channel listening) {
      LOG.warn(
          "{} refused {} connections within {} seconds: {} beyond the limit of {}, and {} of"
              + " addresses that have {} open",
          listening.localAddress(),
          refusedOfAll + refusedOfAddress,
          LOG_INTERVAL.toSeconds(),
          refusedOfAll,
          maxConnections,
          refusedOfAddress,
          maxPerAddress);
      refusedOfAll = 0;
      refusedOfAddress = 0;
    }

    /// How many connections are open.
    int open() {
      return open.get();
    }
  }

  /// How Vert.x takes a transport.
  private final class Named implements io.vertx.core.transport.Transport {

    @Override
    public String name() {
      return "bounded";
    }

    @Override
    public boolean available() {
      return true;
    }

    @Override
    public @Nullable Throwable unavailabilityCause() {
      return null;
    }

    @Override
    public Transport implementation() {
      return BoundedAccept.this;
    }
  }

  @Override
  public boolean supportsDomainSockets() {
    return nio.supportsDomainSockets();
  }

  @Override
  public java.net.SocketAddress convert(SocketAddress address) {
    return nio.convert(address);
  }

  @Override
  public SocketAddress convert(java.net.SocketAddress address) {
    return nio.convert(address);
  }

  @Override
  public IoHandlerFactory ioHandlerFactory() {
    return nio.ioHandlerFactory();
  }

  @Override
  public EventLoopGroup eventLoopGroup(
      int type, int threads, ThreadFactory threadFactory, int ioRatio) {
    return nio.eventLoopGroup(type, threads, threadFactory, ioRatio);
  }

  @Override
  @SuppressWarnings("deprecation") // it stands in the interface
  public DatagramChannel datagramChannel(io.netty.channel.socket.InternetProtocolFamily family) {
    return nio.datagramChannel(family);
  }

  @Override
  public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
    return nio.datagramChannelFactory();
  }

  @Override
  public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
    return nio.channelFactory(domainSocket);
  }

  @Override
  public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
    return nio.serverChannelFactory(domainSocket);
  }

  @Override
  public void configure(DatagramChannel channel, DatagramSocketOptions options) {
    nio.configure(channel, options);
  }
}
