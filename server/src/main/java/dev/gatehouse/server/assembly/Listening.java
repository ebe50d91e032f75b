package dev.gatehouse.server.assembly;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.listen.Arrival;
import dev.gatehouse.server.listen.Listener;
import dev.gatehouse.server.listen.ListenerSettings;
import dev.gatehouse.server.listen.TlsSettings;
import dev.gatehouse.server.tls.ServerCertificate;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.BindException;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The sockets of a gate. They last: their handlers ask [Current] which configuration is in force.
final class Listening {

  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(10);

  private final LastingParts lasting;
  private final GatehouseConfig config;

  /// @param config that names the addresses; read once
  Listening(LastingParts lasting, GatehouseConfig config) {
    this.lasting = lasting;
    this.config = config;
  }

  /// Opens the admin API's socket; throws [StartupException] when that can't be done.
  ///
  /// @return its address
  String startAdmin() {
    Arrival.Handler handler = lasting.current.adminHandler();
    return ListenSettings.adminUrl(
        config, start(ListenSettings.admin(config), () -> handler).port());
  }

  /// Opens the main socket; throws [StartupException] when that can't be done.
  Main startMain() {
    ServerCertificate certificate = lasting.serverCertificates.current();
    Listener listener =
        start(
            ListenSettings.main(config, certificate == null ? null : tls(certificate)),
            lasting.current.gatewayHandlers());
    return new Main(listener, ListenSettings.address(config.listen(), listener.port()));
  }

  private Listener start(ListenerSettings settings, Supplier<? extends Arrival.Handler> handlers) {
    try {
      return await(Listener.start(lasting.vertx, settings, handlers));
    } catch (CompletionException failed) {
      Throwable cause = failed.getCause() == null ? failed : failed.getCause();
      String where = settings.address() + ":" + settings.port();
      throw new StartupException(
          cause instanceof BindException
              ? where
                  + " can't be listened on ("
                  + String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT)
                  + "): end what listens there, or choose another port"
              : "cannot listen on " + where + ": " + cause.getMessage(),
          failed);
    }
  }

  private TlsSettings tls(ServerCertificate certificate) {
    return new TlsSettings(
        Buffer.buffer(certificate.chainPem()),
        Buffer.buffer(certificate.keyPem()),
        lasting.clientTrust.authentication());
  }

  private static <T extends @Nullable Object> T await(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  /// The main socket.
  final class Main {

    private final Listener listener;
    private final URI address;

    private Main(Listener listener, URI address) {
      this.listener = listener;
      this.address = address;
    }

    URI address() {
      return address;
    }

    /// Uses renewed certificates, and names the CAs that are trusted now, since they stand in the
    /// handshake.
    void keepCertificates(Housekeeper housekeeper) {
      if (lasting.serverCertificates.current() == null) {
        return;
      }
      lasting
          .clientTrust
          .reloader()
          .onChange(() -> use(Objects.requireNonNull(lasting.serverCertificates.current(), "TLS")));
      lasting.serverCertificates.renew(housekeeper, this::use);
    }

    private void use(ServerCertificate certificate) {
      await(listener.reload(tls(certificate)));
    }

    /// Takes no more requests, and waits a while until those that have begun are answered.
    void drain() {
      await(listener.drain(DRAIN_TIMEOUT));
    }
  }
}
