package dev.gatehouse.server.tls;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;

/// A certificate whose files somebody else renews. Thread-safe.
public final class WatchedCertificate {

  private ServerCertificate current;
  private FileTime certificateTime;
  private FileTime keyTime;

  /// Watches the files of that certificate, which was read just now.
  ///
  /// Throws [StartupException] when they can't be looked at.
  public WatchedCertificate(ServerCertificate current) {
    this.current = current;
    this.certificateTime = time(current.certificateFile());
    this.keyTime = time(current.keyFile());
  }

  /// The certificate if its files changed since it was read last; empty when they did not.
  ///
  /// Throws [StartupException] when what stands there now is not usable: the one before stays the
  /// current one, and the next call looks again.
  public synchronized Optional<ServerCertificate> changed(Instant now) {
    FileTime newCertificateTime = time(current.certificateFile());
    FileTime newKeyTime = time(current.keyFile());
    if (newCertificateTime.equals(certificateTime) && newKeyTime.equals(keyTime)) {
      return Optional.empty();
    }
    ServerCertificate renewed =
        ServerCertificate.read(current.certificateFile(), current.keyFile(), now).orThrow();
    current = renewed;
    certificateTime = newCertificateTime;
    keyTime = newKeyTime;
    return Optional.of(renewed);
  }

  /// The certificate as it was read last.
  public synchronized ServerCertificate current() {
    return current;
  }

  private static FileTime time(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException failed) {
      throw new StartupException(
          "cannot look at " + file + ": " + StartupException.reason(failed), failed);
    }
  }
}
