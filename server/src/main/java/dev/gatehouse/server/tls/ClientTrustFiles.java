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
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The files of the client CAs and of their lists of revoked certificates, which somebody else
/// renews. Not thread-safe.
public final class ClientTrustFiles {

  private static final int MAX_CA_BYTES = 1 << 20;

  // Each is held in memory until the restart.
  private static final int MAX_FORMER_LISTS = 32;

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
  private record Look(long modifiedMillis, long bytes) {

    // Of a file that can't be looked at: reading it says why.
    static final Look NONE = new Look(-1, -1);
  }

  // A list, and the file that holds it, or held it last.
  //
  // ofClientCa: a client CA signed it, or a list before it of the same key. When no client CA has
  // that key any more, the list may go; what it revoked stays revoked.
  private record Held(RevocationList list, Path file, boolean ofClientCa) {}

  private final List<Path> caFiles;
  private final List<Path> listFiles;
  private Map<Path, Look> looks = Map.of();
  private Map<Path, List<ClientCa>> casByFile = Map.of();
  private List<Held> heldBefore = List.of(); // also those that went

  /// Names them; reads nothing yet.
  public ClientTrustFiles(List<Path> caFiles, List<Path> listFiles) {
    this.caFiles = List.copyOf(caFiles);
    this.listFiles = List.copyOf(listFiles);
  }

  /// Reads them all, and remembers them as what is in force.
  ///
  /// Throws [Unusable], and remembers nothing, when one of them can't be used: when it can't be
  /// read, or holds a list that a client CA did not sign ([ClientTrust#requireUsable]), or when a
  /// list that is in force is gone, or replaced by an older one or by one that another key signed.
  /// A list may go when no client CA has the name and the key of its CA any more; when that CA
  /// comes back, that list or a newer one must come with it. A restart forgets what was in force.
  ///
  /// @param own the CAs of the gate's own, beside theirs
  public ClientTrust read(List<ClientCa> own) throws Unusable {
    Map<Path, Look> now = look();
    Map<Path, List<ClientCa>> read = new LinkedHashMap<>();
    for (Path file : caFiles) {
      read.put(file, cas(file));
    }
    List<ClientCa> cas = new ArrayList<>(own);
    read.values().forEach(cas::addAll);
    List<Held> held = new ArrayList<>();
    for (Path file : listFiles) {
      for (RevocationList list : lists(file)) {
        try {
          ClientTrust.requireUsable(list, cas);
        } catch (IllegalArgumentException useless) {
          throw new Unusable(file, String.valueOf(useless.getMessage()));
        }
        held.add(new Held(list, file, isOfClientCa(list, cas)));
      }
    }
    List<Held> former = new ArrayList<>();
    for (Held before : heldBefore) {
      List<Held> successors =
          held.stream().filter(one -> one.list.isOfSameKeyAs(before.list)).toList();
      if (!successors.isEmpty()) {
        requireNewer(before, successors);
      } else if (before.ofClientCa && cas.stream().noneMatch(before.list::isSignedBy)) {
        former.add(before);
      } else {
        throw gone(before);
      }
    }
    if (former.size() > MAX_FORMER_LISTS) {
      throw new Unusable(
          former.getFirst().file,
          "and others held more than "
              + MAX_FORMER_LISTS
              + " lists of CAs that were taken out: restart the gate to forget those lists");
    }
    // What a CA revoked stays revoked when the CA is taken out, whether or not its list still lies
    // in a file.
    List<Held> revoking = new ArrayList<>(former);
    held.stream()
        .filter(list -> list.ofClientCa && cas.stream().noneMatch(list.list::isSignedBy))
        .forEach(revoking::add);
    ClientTrust trust = new ClientTrust(cas, lists(held), lists(revoking));
    looks = now;
    casByFile = read;
    held.addAll(former);
    heldBefore = held;
    return trust;
  }

  private boolean isOfClientCa(RevocationList list, List<ClientCa> cas) {
    return cas.stream().anyMatch(list::isSignedBy)
        || heldBefore.stream()
            .anyMatch(before -> before.ofClientCa && before.list.isOfSameKeyAs(list));
  }

  private static List<RevocationList> lists(List<Held> held) {
    return held.stream().map(Held::list).toList();
  }

  /// The ids of the CAs that the CA files hold now. Of a file that can't be used: of those that it
  /// held when all files were read last.
  public Set<String> caIds() {
    Set<String> ids = new HashSet<>();
    for (Path file : caFiles) {
      List<ClientCa> cas;
      try {
        cas = cas(file);
      } catch (Unusable damaged) {
        cas = casByFile.getOrDefault(file, List.of());
      }
      cas.forEach(ca -> ids.add(ca.id()));
    }
    return ids;
  }

  // Whether a client CA signed it, and no client CA has that name and key any more.
  private static Unusable gone(Held before) {
    return new Unusable(
        before.file,
        "holds no list of revoked certificates of "
            + before.list.issuerName()
            + " by the key of the one in force any more: restore it (beside a list of a new key), take"
            + " the CA's certificate of that key out of 'clientCas', or restart the gate to go on"
            + " without it");
  }

  // What a CA revoked must not be accepted again because an old file was restored. A list that
  // another key signed is no successor: it may be of another CA of the same name.
  private static void requireNewer(Held before, List<Held> successors) throws Unusable {
    if (successors.stream().allMatch(held -> held.list.isOlderThan(before.list))) {
      throw new Unusable(
          successors.getFirst().file,
          "holds a list of revoked certificates of "
              + before.list.issuerName()
              + " that is older (number "
              + successors.getFirst().list.number()
              + ") than the one in force (number "
              + before.list.number()
              + "): get the newest from the CA, or restart the gate to go back to this one");
    }
  }

  /// Whether a file looks otherwise than when all were read last.
  public boolean changed() {
    return !look().equals(looks);
  }

  private Map<Path, Look> look() {
    Map<Path, Look> now = new LinkedHashMap<>();
    for (List<Path> files : List.of(caFiles, listFiles)) {
      for (Path file : files) {
        try {
          now.put(file, new Look(Files.getLastModifiedTime(file).toMillis(), Files.size(file)));
        } catch (IOException unreadable) {
          now.put(file, Look.NONE);
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
