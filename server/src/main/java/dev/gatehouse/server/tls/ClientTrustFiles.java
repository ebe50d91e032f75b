package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.RevocationList;
import dev.gatehouse.server.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The files of the client CAs and of their lists of revoked certificates, which somebody else
/// renews. Not thread-safe.
public final class ClientTrustFiles {

  private static final int MAX_CA_BYTES = 1 << 20;

  /// A file that can't be used. The message follows the file's name; what to do stands behind a
  /// colon.
  public static final class Unusable extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Path file;

    Unusable(Path file, String why) {
      super(why);
      this.file = file;
    }

    /// The file that is to blame.
    public Path file() {
      return file;
    }
  }

  // What a file looked like when it was read.
  private record Look(long modifiedMillis, long bytes) {}

  private final List<Path> caFiles;
  private final List<Path> listFiles;
  private Map<Path, Look> looks = Map.of();

  /// Names them; reads nothing yet.
  public ClientTrustFiles(List<Path> caFiles, List<Path> listFiles) {
    this.caFiles = List.copyOf(caFiles);
    this.listFiles = List.copyOf(listFiles);
  }

  /// Reads them all.
  ///
  /// @param own the CAs of the gate's own, beside theirs
  public ClientTrust read(List<ClientCa> own) throws Unusable {
    Map<Path, Look> now = look();
    List<ClientCa> cas = new ArrayList<>(own);
    for (Path file : caFiles) {
      cas.addAll(cas(file));
    }
    List<RevocationList> lists = new ArrayList<>();
    for (Path file : listFiles) {
      lists.addAll(lists(file));
    }
    try {
      ClientTrust trust = new ClientTrust(cas, lists);
      looks = now;
      return trust;
    } catch (IllegalArgumentException useless) {
      throw new Unusable(
          listFiles.getFirst(), "can't be used (" + useless.getMessage() + "): ask that CA");
    }
  }

  /// Whether a file looks otherwise than when all were read last.
  public boolean changed() throws Unusable {
    return !look().equals(looks);
  }

  private Map<Path, Look> look() throws Unusable {
    Map<Path, Look> now = new LinkedHashMap<>();
    for (List<Path> files : List.of(caFiles, listFiles)) {
      for (Path file : files) {
        try {
          now.put(file, new Look(Files.getLastModifiedTime(file).toMillis(), Files.size(file)));
        } catch (IOException failed) {
          throw unreadable(file, failed);
        }
      }
    }
    return now;
  }

  private static List<ClientCa> cas(Path file) throws Unusable {
    List<X509Certificate> certificates;
    try {
      certificates = Pem.certificates(text(file, MAX_CA_BYTES));
    } catch (Pem.Unreadable unreadable) {
      throw new Unusable(file, unreadable.getMessage() + ": give the CA's certificate as PEM text");
    }
    List<ClientCa> cas = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      try {
        cas.add(ClientCa.of(certificate));
      } catch (IllegalArgumentException unfit) {
        throw new Unusable(
            file,
            "holds a certificate that can't be trusted ("
                + certificate.getSubjectX500Principal().getName()
                + " "
                + unfit.getMessage()
                + "): name the certificate of the CA, made by today's rules (RFC 5280)");
      }
    }
    return cas;
  }

  private static List<RevocationList> lists(Path file) throws Unusable {
    try {
      byte[] bytes = bytes(file, RevocationList.MAX_BYTES * 2);
      // As CAs publish them: DER, or the same as PEM.
      List<byte[]> lists =
          bytes.length > 0 && bytes[0] == 0x30
              ? List.of(bytes)
              : Pem.lists(new String(bytes, StandardCharsets.ISO_8859_1));
      return lists.stream().map(RevocationList::of).toList();
    } catch (Pem.Unreadable | IllegalArgumentException unreadable) {
      throw new Unusable(
          file,
          unreadable.getMessage()
              + ": give a whole list of revoked certificates, as DER or PEM text");
    }
  }

  private static String text(Path file, int most) throws Unusable {
    return new String(bytes(file, most), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(Path file, int most) throws Unusable {
    try {
      if (Files.isDirectory(file)) {
        throw new Unusable(file, "is a folder: name a file");
      }
      if (Files.size(file) > most) {
        throw new Unusable(file, "is longer than " + most + " bytes: name a shorter file");
      }
      return Files.readAllBytes(file);
    } catch (IOException failed) {
      throw unreadable(file, failed);
    }
  }

  private static Unusable unreadable(Path file, IOException failed) {
    return new Unusable(
        file,
        "cannot be read ("
            + StartupException.reason(failed)
            + "): check the path, and that the gate's user may read it");
  }
}
