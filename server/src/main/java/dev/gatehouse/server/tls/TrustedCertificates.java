package dev.gatehouse.server.tls;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.signing.PublicKeyCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;

/// The certificates by which a server is trusted in place of the public CAs.
///
/// @param pem all of them, in PEM
public record TrustedCertificates(String pem) {

  private static final int MAX_BYTES = 1 << 20;

  /// Reads a PEM file of one or more certificates, each with a key in which [PublicKeyCheck] finds
  /// no fault. Throws [IllegalArgumentException] whose message follows a name for the file.
  public static TrustedCertificates read(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new IllegalArgumentException(file + " is too long: name a PEM file of certificates");
      }
      List<X509Certificate> certificates = Pem.certificates(Files.readString(file));
      for (X509Certificate certificate : certificates) {
        String fault = PublicKeyCheck.fault(certificate.getPublicKey());
        if (fault != null) {
          throw new IllegalArgumentException(
              file
                  + " holds a certificate that can't be trusted ("
                  + certificate.getSubjectX500Principal().getName()
                  + " has "
                  + fault
                  + "): name a certificate with a strong key");
        }
      }
      return new TrustedCertificates(Pem.text(certificates.toArray(X509Certificate[]::new)));
    } catch (IOException failed) {
      throw new IllegalArgumentException(
          file + " cannot be read (" + StartupException.reason(failed) + "): name a PEM file");
    } catch (Pem.Unreadable unreadable) {
      throw new IllegalArgumentException(file + " " + unreadable.getMessage());
    }
  }

  /// The certificates; at least one. Throws [IllegalStateException] if the text holds none.
  List<X509Certificate> all() {
    try {
      return Pem.certificates(pem);
    } catch (Pem.Unreadable unreadable) {
      throw new IllegalStateException("the PEM text " + unreadable.getMessage(), unreadable);
    }
  }
}
