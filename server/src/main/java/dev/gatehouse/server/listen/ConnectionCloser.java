package dev.gatehouse.server.listen;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Closes connections in bounded time, whatever the peer does. Must be called on the event loop of
/// the connection.
///
/// Vert.x closes a connection when everything that is queued was sent, and TLS when its
/// close_notify was sent. A peer that reads nothing could delay both without a limit.
public final class ConnectionCloser {

  /// How long a connection that is closed in order may take to send what is queued.
  static final long FLUSH_TIMEOUT_MILLIS = TimeUnit.SECONDS.toMillis(2);

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionCloser.class);

  private ConnectionCloser() {}

  /// The channel of a connection to a client or an upstream.
  public static Channel channel(HttpConnection connection) {
    return ((ConnectionBase) connection).channel();
  }

  /// Closes the channel now. What is queued here or in the system's buffer is dropped, and the peer
  /// sees a reset. Does nothing where it is closed.
  public static void reset(Channel channel) {
    if (channel.isOpen()) {
      try {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
      } catch (ChannelException peerClosed) {
        LOG.trace("There is nothing to drop", peerClosed);
      }
      now(channel);
    }
  }

  /// Closes the channel now. What is queued here is dropped, also a close_notify; what the system
  /// took already may still reach the peer. Does nothing where it is closed.
  public static void now(Channel channel) {
    if (channel.isOpen()) {
      // Not through the pipeline, where TLS would wait.
      channel.unsafe().close(channel.newPromise());
    }
  }

  /// Closes the channel once what is queued was sent, but no later than after two seconds.
  ///
  /// @param inOrder begins to close it in order
  public static void afterFlush(Channel channel, Runnable inOrder) {
    inOrder.run();
    if (channel.isOpen()) {
      var late =
          channel
              .eventLoop()
              .schedule(() -> now(channel), FLUSH_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
      channel.closeFuture().addListener(closed -> late.cancel(false));
    }
  }
}
