package dev.gatehouse.server.assembly;

import dev.gatehouse.server.config.ListenConfig;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.server.tls.ServerCertificate;
import dev.gatehouse.server.tls.WatchedCertificate;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The certificate of the main listener: one of the development CA, one whose files are watched, or
/// none where the listener speaks plain HTTP.
final class ServerCertificates {

  private static final Duration FILE_CHECK_INTERVAL = Duration.ofMinutes(1);
  private static final Duration DEVELOPMENT_RENEWAL_INTERVAL = Duration.ofHours(12);

  private final @Nullable DevelopmentCa developmentCa;
  private final @Nullable WatchedCertificate watched;
  private final Clock clock;

  private ServerCertificates(
      @Nullable DevelopmentCa developmentCa, @Nullable WatchedCertificate watched, Clock clock) {
    this.developmentCa = developmentCa;
    this.watched = watched;
    this.clock = clock;
  }

  /// The certificate of those settings. Makes the development CA where it is needed and the folder
  /// has none. Throws [dev.gatehouse.server.StartupException] when files can't be read.
  static ServerCertificates of(ListenConfig config, DataFolder folder, Clock clock) {
    return switch (config.transport()) {
      case ListenConfig.PlainHttp() -> new ServerCertificates(null, null, clock);
      case ListenConfig.Tls(ServerCertificate certificate) ->
          new ServerCertificates(null, new WatchedCertificate(certificate), clock);
      case ListenConfig.DevelopmentTls() ->
          new ServerCertificates(DevelopmentCa.in(folder.path(), clock), null, clock);
    };
  }

  /// The file of the development CA; null: the certificate is not of it.
  @Nullable Path developmentCaFile() {
    return developmentCa == null ? null : developmentCa.certificateFile();
  }

  /// The certificate to use now; null: plain HTTP.
  @Nullable ServerCertificate current() {
    if (developmentCa != null) {
      return developmentCa.server();
    }
    return watched == null ? null : watched.current();
  }

  /// Renews the certificate in time, or looks whether its files changed.
  ///
  /// @param use puts a certificate to use; may block
  void renew(Housekeeper housekeeper, Consumer<ServerCertificate> use) {
    if (developmentCa != null) {
      DevelopmentCa ca = developmentCa;
      housekeeper.every(DEVELOPMENT_RENEWAL_INTERVAL, () -> use.accept(ca.server()));
    }
    if (watched != null) {
      WatchedCertificate files = watched;
      housekeeper.every(FILE_CHECK_INTERVAL, () -> files.look(clock.instant(), use));
    }
  }
}
