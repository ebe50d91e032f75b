package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.CrlIssuer;
import dev.gatehouse.mtls.RevocationList;
import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Reads one file of certificates of CAs, or of lists of revoked certificates.
///
/// A file is read whole, within bounds. Each method blocks, and throws [UnusableFileException] when
/// the file can't be read or does not hold what it should. Whether a list is signed by a trusted CA
/// is not checked here. Thread-safe.
final class TrustFileReader {

  private static final int MAX_CA_BYTES = 1 << 20;
  private static final int MAX_LISTS_PER_FILE = 64;

  private TrustFileReader() {}

  /// The client CAs whose certificates the file holds.
  static List<ClientCa> cas(Path file) throws UnusableFileException {
    return certificates(file, ClientCa::of);
  }

  /// The CRL issuers whose certificates the file holds.
  static List<CrlIssuer> issuers(Path file) throws UnusableFileException {
    return certificates(file, CrlIssuer::new);
  }

  private static <T> List<T> certificates(Path file, Function<X509Certificate, T> use)
      throws UnusableFileException {
    List<X509Certificate> certificates;
    try {
      certificates = Pem.certificates(text(file, MAX_CA_BYTES));
    } catch (Pem.Unreadable unreadable) {
      throw new UnusableFileException(
          file, unreadable.getMessage() + ": give the CA's certificate as PEM text");
    }
    List<T> used = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      try {
        used.add(use.apply(certificate));
      } catch (IllegalArgumentException unfit) {
        throw new UnusableFileException(
            file,
            "holds a certificate that can't be trusted ("
                + certificate.getSubjectX500Principal().getName()
                + " "
                + unfit.getMessage()
                + "): name the certificate of the CA, made by today's rules (RFC 5280)");
      }
    }
    return used;
  }

  /// The lists of revoked certificates that the file holds, each in DER.
  static List<byte[]> lists(Path file) throws UnusableFileException {
    List<byte[]> lists;
    try {
      byte[] bytes = bytes(file, RevocationList.maxBytes() * 2);
      // CAs publish lists in DER or in PEM.
      lists =
          bytes.length > 0 && bytes[0] == 0x30
              ? List.of(bytes)
              : Pem.lists(new String(bytes, StandardCharsets.ISO_8859_1));
    } catch (Pem.Unreadable unreadable) {
      throw noList(file, unreadable);
    }
    if (lists.size() > MAX_LISTS_PER_FILE) {
      throw new UnusableFileException(
          file,
          "holds more than "
              + MAX_LISTS_PER_FILE
              + " lists of revoked certificates: name the newest list of each key, once");
    }
    return lists;
  }

  /// One list of that file.
  static RevocationList list(byte[] der, Path file) throws UnusableFileException {
    try {
      return RevocationList.of(der);
    } catch (IllegalArgumentException unreadable) {
      throw noList(file, unreadable);
    }
  }

  private static UnusableFileException noList(Path file, Exception unreadable) {
    return new UnusableFileException(
        file,
        unreadable.getMessage()
            + ": give a whole list of revoked certificates, as DER or PEM text");
  }

  private static String text(Path file, int most) throws UnusableFileException {
    return new String(bytes(file, most), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(Path file, int most) throws UnusableFileException {
    try {
      if (Files.isDirectory(file)) {
        throw new UnusableFileException(file, "is a folder: name a file");
      }
      if (Files.size(file) > most) {
        throw new UnusableFileException(
            file, "is longer than " + most + " bytes: name a shorter file");
      }
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw unreadable(file, failed);
    }
  }

  private static UnusableFileException unreadable(Path file, IOException failed) {
    return new UnusableFileException(
        file,
        "cannot be read ("
            + StartupException.reason(failed)
            + "): check the path, and that the gate's user may read it",
        failed);
  }
}
