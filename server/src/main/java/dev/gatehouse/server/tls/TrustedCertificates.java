package dev.gatehouse.server.tls;

import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;

/// The certificates by which a server is known that no public CA vouches for.
///
/// @param pem all of them, in PEM
public record TrustedCertificates(String pem) {

  private static final int MAX_BYTES = 1 << 20;

  /// Reads a PEM file of one or more certificates; throws [IllegalArgumentException] whose message
  /// follows a name for the file.
  public static TrustedCertificates read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(file + " is too long: name a PEM file of certificates");
      }
      return new TrustedCertificates(
          Pem.text(Pem.certificates(Files.readString(file)).toArray(X509Certificate[]::new)));
    } catch (IOException failed) {
      throw new IllegalArgumentException(
          file + " cannot be read (" + StartupException.reason(failed) + "): name a PEM file");
    } catch (Pem.Unreadable unreadable) {
      throw new IllegalArgumentException(file + " " + unreadable.getMessage());
    }
  }
}
