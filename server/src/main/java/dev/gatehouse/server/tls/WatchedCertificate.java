package dev.gatehouse.server.tls;

import dev.gatehouse.FailureText;
import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A certificate whose files other programs renew. Thread-safe; reading blocks.
public final class WatchedCertificate {

  private static final Logger LOG = LoggerFactory.getLogger(WatchedCertificate.class);

  private record Looks(FileState certificate, FileState key) {}

  private ServerCertificate current;
  private Looks used;
  private String refused = "";

  /// Watches the files of that certificate, which was read just now.
  ///
  /// Throws [StartupException] when they can't be looked at.
  public WatchedCertificate(ServerCertificate current) {
    this.current = current;
    this.used = looks(current);
  }

  /// Reads the certificate again if its files have changed since the last time.
  ///
  /// If the files can't be used, the previous certificate stays current, and the next call tries
  /// again. The log says why, once for each reason.
  ///
  /// @param use puts the certificate to use; throws any [RuntimeException] if that fails
  public synchronized void look(Instant now, Consumer<ServerCertificate> use) {
    try {
      Looks changed = looks(current);
      if (changed.equals(used)) {
        return;
      }
      ServerCertificate renewed =
          ServerCertificate.read(current.certificateFile(), current.keyFile(), now).orThrow();
      use.accept(renewed);
      current = renewed;
      used = changed;
      refused = "";
      LOG.info("{} is used from now on", renewed);
    } catch (StartupException unusable) {
      refuse(FailureText.of(unusable));
    } catch (RuntimeException failed) {
      refuse(current.certificateFile() + " can't be used: " + FailureText.of(failed));
    }
  }

  private void refuse(String why) {
    if (!why.equals(refused)) {
      refused = why;
      LOG.warn("{}; the certificate that was read before stays in use", why);
    }
  }

  /// The certificate as it was read last.
  public synchronized ServerCertificate current() {
    return current;
  }

  private static Looks looks(ServerCertificate certificate) {
    return new Looks(look(certificate.certificateFile()), look(certificate.keyFile()));
  }

  private static FileState look(Path file) {
    try {
      return FileState.at(file);
    } catch (IOException failed) {
      throw new StartupException(
          "cannot look at " + file + ": " + StartupException.reason(failed), failed);
    }
  }
}
