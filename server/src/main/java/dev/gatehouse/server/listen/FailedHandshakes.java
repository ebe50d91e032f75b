package dev.gatehouse.server.listen;

import dev.gatehouse.FailureText;
import dev.gatehouse.throttle.AddressGroup;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs failed TLS handshakes where the listener asks clients for certificates.
///
/// The JDK's TLS ends the handshake of a client whose certificate it can't parse. No route sees
/// that client, so only the log can tell why it was rejected. There is at most one line a minute
/// for an IPv4 address or an IPv6 /48, and at most [#MAX_LINES_A_MINUTE] in total. A line holds no
/// data of the client except its address. Thread-safe; does not block.
final class FailedHandshakes {

  private static final Logger LOG = LoggerFactory.getLogger(FailedHandshakes.class);

  static final int MAX_LINES_A_MINUTE = 20;

  private final Set<AddressGroup> told = new HashSet<>();
  private long minute;

  /// Logs if the handshake of that connection fails.
  void watch(SslHandler tls, InetAddress peer) {
    if (tls.engine().getWantClientAuth() || tls.engine().getNeedClientAuth()) {
      var _ =
          tls.handshakeFuture()
              .addListener(
                  handshake -> {
                    Throwable failure = handshake.cause();
                    // A client that goes away, as probes of ports do, says nothing of certificates.
                    if (failure != null
                        && !(failure instanceof ClosedChannelException)
                        && mayTell(peer, System.nanoTime())) {
                      LOG.warn(
                          "The TLS handshake of {} failed: {}",
                          peer.getHostAddress(),
                          FailureText.of(failure));
                    }
                  });
    }
  }

  /// Whether that address may have a line now. Takes the line of its widest [AddressGroup].
  ///
  /// @param nanos of a clock that never goes back
  synchronized boolean mayTell(InetAddress peer, long nanos) {
    long now = Math.floorDiv(nanos, Duration.ofMinutes(1).toNanos());
    if (now != minute) {
      minute = now;
      told.clear();
    }
    return told.size() < MAX_LINES_A_MINUTE && told.add(AddressGroup.of(peer).getFirst());
  }
}
