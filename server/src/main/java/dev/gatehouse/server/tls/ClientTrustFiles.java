package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CrlIssuer;
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
import java.util.function.Function;
import java.util.stream.Stream;

/// The files of the client CAs and of their lists of revoked certificates, which somebody else
/// renews. Not thread-safe.
public final class ClientTrustFiles {

  private static final int MAX_CA_BYTES = 1 << 20;
  private static final int MAX_LISTS_OF_FILE = 64;

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

    Unusable(Path file, String why, IOException cause) {
      super(why, cause);
      this.file = file;
    }

    /// The file that is to blame.
    public Path file() {
      return file;
    }
  }

  // A list, and the file that holds it, or held it last.
  private record Held(RevocationList list, Path file) {}

  // The CAs whose lists are read, each with the file of its certificate. Each needs a list, and no
  // other CA's lists are read: a genuine one in the wrong place must not count.
  private record Signers(Map<ClientCa, Path> cas, Map<CrlIssuer, Path> issuers) {

    static final String NO_LIST_NEEDED = "name a file of that certificate alone in 'casWithoutCrl'";
    static final String NO_ISSUER = "take the certificate out of 'crlIssuers'";

    boolean isSignedByOneOf(RevocationList list) {
      return list.isSignedByOneOf(List.copyOf(cas.keySet()), List.copyOf(issuers.keySet()));
    }

    boolean anySigned(RevocationList list) {
      return Stream.concat(
              cas.keySet().stream().map(ClientCa::certificate),
              issuers.keySet().stream().map(CrlIssuer::certificate))
          .anyMatch(list::isSignedBy);
    }

    void requireLists(List<Held> held) throws Unusable {
      for (Map.Entry<ClientCa, Path> ca : cas.entrySet()) {
        requireList(ca.getKey().certificate(), ca.getValue(), held, NO_LIST_NEEDED);
      }
      for (Map.Entry<CrlIssuer, Path> issuer : issuers.entrySet()) {
        requireList(issuer.getKey().certificate(), issuer.getValue(), held, NO_ISSUER);
      }
    }

    private static void requireList(
        X509Certificate ca, Path file, List<Held> held, String otherwise) throws Unusable {
      if (held.stream().noneMatch(one -> one.list.isSignedBy(ca))) {
        throw new Unusable(
            file,
            "holds a certificate of "
                + ca.getSubjectX500Principal().getName()
                + ", and no file of 'crls' holds a list that its key signed: name that list in"
                + " 'crls', or "
                + otherwise);
      }
    }
  }

  /// The files, by what they hold.
  ///
  /// @param cas certificates of client CAs
  /// @param casWithoutLists those files of client CAs whose CAs need no list
  /// @param issuers certificates of CAs that are no client CAs, and sign lists
  /// @param lists lists of revoked certificates
  public record Named(
      List<Path> cas, List<Path> casWithoutLists, List<Path> issuers, List<Path> lists) {

    /// Names them.
    public Named {
      cas = List.copyOf(cas);
      casWithoutLists = List.copyOf(casWithoutLists);
      issuers = List.copyOf(issuers);
      lists = List.copyOf(lists);
    }
  }

  private final Named files;
  private Map<Path, FileLook> looks = Map.of();
  private Map<Path, List<ClientCa>> casByFile = Map.of();
  private List<Held> heldBefore = List.of(); // also those whose CA was taken out
  private List<String> notes = List.of();

  /// Reads nothing yet.
  public ClientTrustFiles(Named files) {
    this.files = files;
  }

  /// Reads them all, and remembers them as what is in force.
  ///
  /// Throws [Unusable], and remembers nothing, when one of them can't be used:
  ///
  /// - It can't be read.
  /// - It holds a list that none of these CRL issuers and client CAs signed. A list that goes on
  ///   from one in force is good, too: the same key signed it, and its CA was taken out meanwhile.
  /// - It holds a second list by one key of a CA.
  /// - It holds a CRL issuer, and no file holds a list that this CA signed. Or it holds a client
  ///   CA, there are files of lists, none of them holds a list of that CA's name, and the CA's file
  ///   is not one of those that need no list.
  /// - A list that is in force is gone, or replaced by an older one or by one that another key
  ///   signed. A list may go when its CA was taken out: no certificate of a client CA or of a CRL
  ///   issuer has that name and key any more. When that CA comes back, that list or a newer one
  ///   must come with it.
  ///
  /// A restart forgets what was in force.
  ///
  /// @param own the CAs of the gate's own, beside theirs
  public ClientTrust read(List<ClientCa> own) throws Unusable {
    Map<Path, FileLook> now = look();
    looks = Map.of();
    try {
      ClientTrust read = readAll(own);
      looks = now;
      return read;
    } catch (Unusable unusable) {
      // A file whose content is to blame is read again when it looks otherwise. One that could not
      // be read may be readable the next time.
      if (!(unusable.getCause() instanceof IOException)) {
        looks = now;
      }
      throw unusable;
    }
  }

  private ClientTrust readAll(List<ClientCa> own) throws Unusable {
    Map<Path, List<ClientCa>> read = new LinkedHashMap<>();
    for (Path file : files.cas) {
      read.put(file, cas(file));
    }
    List<ClientCa> cas = new ArrayList<>(own);
    read.values().forEach(cas::addAll);
    Map<CrlIssuer, Path> issuers = new LinkedHashMap<>();
    for (Path file : files.issuers) {
      issuers(file).forEach(issuer -> issuers.put(issuer, file));
    }
    Signers signers = signers(read, issuers);
    List<Held> held = new ArrayList<>();
    List<Held> ofCasTakenOut = new ArrayList<>();
    for (Path file : files.lists) {
      for (byte[] der : lists(file)) {
        Held list = new Held(list(der, file), file);
        boolean signed = isSigned(list.list, file, signers);
        requireFirst(list, held, ofCasTakenOut);
        (signed ? held : ofCasTakenOut).add(list);
      }
    }
    List<String> leftBehind = ofCasTakenOut.stream().map(ClientTrustFiles::ofCaTakenOut).toList();
    ofCasTakenOut.addAll(gone(held, ofCasTakenOut, signers));
    signers.requireLists(held);
    ClientTrust trust =
        new ClientTrust(cas, List.copyOf(issuers.keySet()), lists(held), lists(ofCasTakenOut));
    casByFile = read;
    held.addAll(ofCasTakenOut);
    heldBefore = held;
    notes = leftBehind;
    return trust;
  }

  // The genuine list of another CA, or a second one of the same, in the place of a list must not
  // make it count as if that CA revoked nothing.
  private static void requireFirst(Held list, List<Held> held, List<Held> ofCasTakenOut)
      throws Unusable {
    if (Stream.of(held, ofCasTakenOut)
        .flatMap(List::stream)
        .anyMatch(one -> list.list.hasSameSignerAs(one.list))) {
      throw new Unusable(list.file, list.list.duplicateFault());
    }
  }

  // Without files of lists, the client CAs are trusted to revoke nothing.
  private Signers signers(Map<Path, List<ClientCa>> casByFile, Map<CrlIssuer, Path> issuers) {
    Map<ClientCa, Path> needingLists = new LinkedHashMap<>();
    if (!files.lists.isEmpty() || !issuers.isEmpty()) {
      casByFile.forEach(
          (file, cas) -> {
            if (!files.casWithoutLists.contains(file)) {
              cas.forEach(ca -> needingLists.put(ca, file));
            }
          });
    }
    return new Signers(needingLists, issuers);
  }

  /// Reads each of them by itself, so that every wrong one is found, and then all of them as
  /// [#read] does; returns what is wrong, a file at most once.
  public List<Unusable> faults() {
    List<Unusable> faults = new ArrayList<>();
    Map<Path, List<ClientCa>> cas = new LinkedHashMap<>();
    Map<CrlIssuer, Path> issuers = new LinkedHashMap<>();
    each(files.cas, file -> cas.put(file, cas(file)), faults);
    each(files.issuers, file -> issuers(file).forEach(one -> issuers.put(one, file)), faults);
    if (faults.isEmpty()) {
      Signers signers = signers(cas, issuers);
      each(
          files.lists,
          file -> {
            for (byte[] list : lists(file)) {
              isSigned(list(list, file), file, signers);
            }
          },
          faults);
    }
    if (faults.isEmpty()) {
      try {
        read(List.of());
      } catch (Unusable unusable) {
        faults.add(unusable);
      }
    }
    return faults;
  }

  private interface Reading {
    void of(Path file) throws Unusable;
  }

  private static void each(List<Path> files, Reading reading, List<Unusable> faults) {
    for (Path file : files) {
      try {
        reading.of(file);
      } catch (Unusable unusable) {
        faults.add(unusable);
      }
    }
  }

  /// What an operator should know of what was read last, beside [ClientTrust#notes]: one line each.
  public List<String> notes() {
    return notes;
  }

  // False: it goes on from a list in force, whose CA was taken out.
  private boolean isSigned(RevocationList list, Path file, Signers signers) throws Unusable {
    if (!signers.anySigned(list)
        && heldBefore.stream().anyMatch(before -> list.hasSameSignerAs(before.list))) {
      return false;
    }
    try {
      if (signers.isSignedByOneOf(list)) {
        return true;
      }
    } catch (IllegalArgumentException useless) {
      throw new Unusable(file, String.valueOf(useless.getMessage()));
    }
    throw new Unusable(file, list.unknownIssuerFault());
  }

  // The lists in force that no file holds any more. What a CA revoked stays revoked when the CA is
  // taken out, whether or not its list still lies in a file.
  private List<Held> gone(List<Held> held, List<Held> ofCasTakenOut, Signers signers)
      throws Unusable {
    List<Held> gone = new ArrayList<>();
    for (Held before : heldBefore) {
      List<Held> successors =
          Stream.of(held, ofCasTakenOut)
              .flatMap(List::stream)
              .filter(one -> one.list.hasSameSignerAs(before.list))
              .toList();
      if (!successors.isEmpty()) {
        requireNewer(before, successors);
      } else if (signers.anySigned(before.list)) {
        throw isGone(before);
      } else {
        gone.add(before);
      }
    }
    if (gone.size() > MAX_FORMER_LISTS) {
      throw new Unusable(
          gone.getFirst().file,
          "and others held more than "
              + MAX_FORMER_LISTS
              + " lists of CAs that were taken out: restart the gate to forget those lists");
    }
    return gone;
  }

  private static List<RevocationList> lists(List<Held> held) {
    return held.stream().map(Held::list).toList();
  }

  private static String ofCaTakenOut(Held left) {
    return left.file
        + " holds a list of revoked certificates of "
        + left.list.issuerName()
        + ", which is no client CA any more: take the list out, too; the gate does not start with"
        + " it";
  }

  /// The ids of the CAs that the CA files hold now. Of a file that can't be used: of those that it
  /// held when all files were read last.
  public Set<String> caIds() {
    Set<String> ids = new HashSet<>();
    for (Path file : files.cas) {
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

  private static Unusable isGone(Held before) {
    return new Unusable(
        before.file,
        "holds no list of revoked certificates of "
            + before.list.issuerName()
            + " by the key of the one in force any more: restore it (beside a list of a new key), take"
            + " the CA's certificate of that key out of 'clientCas' and 'crlIssuers', or restart the"
            + " gate to go on without it");
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

  private Map<Path, FileLook> look() {
    Map<Path, FileLook> now = new LinkedHashMap<>();
    for (List<Path> files : List.of(files.cas, files.issuers, files.lists)) {
      for (Path file : files) {
        try {
          now.put(file, FileLook.at(file));
        } catch (IOException unreadable) {
          // Reading it says why. It looks otherwise when it can be looked at.
          now.remove(file);
        }
      }
    }
    return now;
  }

  private static List<ClientCa> cas(Path file) throws Unusable {
    return certificates(file, ClientCa::of);
  }

  private static List<CrlIssuer> issuers(Path file) throws Unusable {
    return certificates(file, CrlIssuer::new);
  }

  private static <T> List<T> certificates(Path file, Function<X509Certificate, T> use)
      throws Unusable {
    List<X509Certificate> certificates;
    try {
      certificates = Pem.certificates(text(file, MAX_CA_BYTES));
    } catch (Pem.Unreadable unreadable) {
      throw new Unusable(file, unreadable.getMessage() + ": give the CA's certificate as PEM text");
    }
    List<T> used = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      try {
        used.add(use.apply(certificate));
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
    return used;
  }

  // Each in DER.
  private static List<byte[]> lists(Path file) throws Unusable {
    List<byte[]> lists;
    try {
      byte[] bytes = bytes(file, RevocationList.maxBytes() * 2);
      // As CAs publish them: DER, or the same as PEM.
      lists =
          bytes.length > 0 && bytes[0] == 0x30
              ? List.of(bytes)
              : Pem.lists(new String(bytes, StandardCharsets.ISO_8859_1));
    } catch (Pem.Unreadable unreadable) {
      throw noList(file, unreadable);
    }
    if (lists.size() > MAX_LISTS_OF_FILE) {
      throw new Unusable(
          file,
          "holds more than "
              + MAX_LISTS_OF_FILE
              + " lists of revoked certificates: name the newest list of each key, once");
    }
    return lists;
  }

  private static RevocationList list(byte[] der, Path file) throws Unusable {
    try {
      return RevocationList.of(der);
    } catch (IllegalArgumentException unreadable) {
      throw noList(file, unreadable);
    }
  }

  private static Unusable noList(Path file, Exception unreadable) {
    return new Unusable(
        file,
        unreadable.getMessage()
            + ": give a whole list of revoked certificates, as DER or PEM text");
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
            + "): check the path, and that the gate's user may read it",
        failed);
  }
}
