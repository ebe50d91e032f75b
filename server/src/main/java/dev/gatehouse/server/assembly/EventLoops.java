package dev.gatehouse.server.assembly;

import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.listen.BoundedAccept;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Event loops, which end with the process.
record EventLoops(Vertx vertx) implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventLoops.class);
  private static final int CLOSE_SECONDS = 10;

  /// For the listeners. Warns when the process may open fewer files than connections are
  /// configured.
  static Vertx listening(GatehouseConfig config) {
    int connections = config.limits().connections();
    FileDescriptors descriptors = ListenSettings.descriptors(config);
    if (descriptors.affordable(connections) < connections) {
      LOG.warn("{}", descriptors.advice(connections));
    }
    return BoundedAccept.vertx(
        options(), ListenSettings.limits(config), config.listen().tlsTerminators());
  }

  /// For requests to issuers and providers: what the gate asks of them waits for none of its
  /// callers.
  static Vertx outbound() {
    return Vertx.vertx(options().setEventLoopPoolSize(1));
  }

  private static VertxOptions options() {
    return new VertxOptions()
        // Nothing is served from files, so none is unpacked into a temporary folder.
        .setFileSystemOptions(
            new FileSystemOptions()
                .setFileCachingEnabled(false)
                .setClassPathResolvingEnabled(false));
  }

  /// Closes them, and waits a while until that is done.
  @Override
  public void close() throws TimeoutException {
    vertx.close().await(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
