package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.ClientCa;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CrlIssuer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads the files of the client CAs and of their lists of revoked certificates. Other programs
/// renew these files. Not thread-safe; every call blocks.
public final class ClientTrustFiles {

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
  private final RevocationListRules listRules = new RevocationListRules();

  private Map<Path, FileState> looks = Map.of();

  private Map<Path, List<ClientCa>> casByFile = Map.of();

  private List<String> notes = List.of();

  /// Names the files. Nothing is read yet.
  public ClientTrustFiles(Named files) {
    this.files = files;
  }

  /// Reads all files. If they are good together, they are in force from then on.
  ///
  /// Throws [UnusableFileException], and changes nothing, when one of the files can't be used:
  ///
  /// - It can't be read.
  /// - It holds a list that none of these CRL issuers and client CAs signed. A list that follows
  ///   one in force is accepted, too: the same key signed it, and its CA was removed meanwhile.
  /// - It holds a second list by the same key of a CA.
  /// - It holds a CRL issuer, and no file holds a list that this CA signed. Or it holds a client
  ///   CA, there are files of lists, none of them holds a list of that CA, and the file of the CA
  ///   is not one of those that need no list.
  /// - A list in force is missing, or was replaced by an older one or by one that another key
  ///   signed. A list may be removed together with its CA: when no certificate of a client CA or a
  ///   CRL issuer has that name and key any more. When that CA comes back, that list or a newer one
  ///   must come with it.
  ///
  /// A restart forgets which lists were in force. Blocks.
  ///
  /// @param own the gate's own CAs, which are trusted beside those of the files
  public ClientTrust read(List<ClientCa> own) throws UnusableFileException {
    Map<Path, FileState> now = look();
    looks = Map.of();
    try {
      ClientTrust read = readAll(own);
      looks = now;
      return read;
    } catch (UnusableFileException unusable) {
      // A file with wrong content is read again when it has changed. A file that could not be read
      // may be readable the next time.
      if (!(unusable.getCause() instanceof IOException)) {
        looks = now;
      }
      throw unusable;
    }
  }

  private ClientTrust readAll(List<ClientCa> own) throws UnusableFileException {
    Map<Path, List<ClientCa>> read = new LinkedHashMap<>();
    for (Path file : files.cas) {
      read.put(file, TrustFileReader.cas(file));
    }
    List<ClientCa> cas = new ArrayList<>(own);
    read.values().forEach(cas::addAll);
    Map<CrlIssuer, Path> issuers = new LinkedHashMap<>();
    for (Path file : files.issuers) {
      TrustFileReader.issuers(file).forEach(issuer -> issuers.put(issuer, file));
    }
    RevocationListRules.Check check = listRules.check(signers(read, issuers));
    for (Path file : files.lists) {
      for (byte[] der : TrustFileReader.lists(file)) {
        check.add(TrustFileReader.list(der, file), file);
      }
    }
    RevocationListRules.Checked lists = check.finish();
    ClientTrust trust =
        new ClientTrust(
            cas, List.copyOf(issuers.keySet()), lists.currentLists(), lists.formerLists());
    casByFile = read;
    listRules.putInForce(lists);
    notes = lists.notes();
    return trust;
  }

  // If there are no files of lists, the client CAs are trusted to revoke nothing.
  private CrlSigners signers(Map<Path, List<ClientCa>> casByFile, Map<CrlIssuer, Path> issuers) {
    Map<ClientCa, Path> needingLists = new LinkedHashMap<>();
    if (!files.lists.isEmpty() || !issuers.isEmpty()) {
      casByFile.forEach(
          (file, cas) -> {
            if (!files.casWithoutLists.contains(file)) {
              cas.forEach(ca -> needingLists.put(ca, file));
            }
          });
    }
    return new CrlSigners(needingLists, issuers);
  }

  /// Reads each file by itself, so that every wrong file is found, and then all together as [#read]
  /// does. Returns what is wrong, at most once for each file. Blocks.
  public List<UnusableFileException> faults() {
    List<UnusableFileException> faults = new ArrayList<>();
    Map<Path, List<ClientCa>> cas = new LinkedHashMap<>();
    Map<CrlIssuer, Path> issuers = new LinkedHashMap<>();
    each(files.cas, file -> cas.put(file, TrustFileReader.cas(file)), faults);
    each(
        files.issuers,
        file -> TrustFileReader.issuers(file).forEach(one -> issuers.put(one, file)),
        faults);
    if (faults.isEmpty()) {
      CrlSigners signers = signers(cas, issuers);
      each(
          files.lists,
          file -> {
            for (byte[] list : TrustFileReader.lists(file)) {
              listRules.isSigned(TrustFileReader.list(list, file), file, signers);
            }
          },
          faults);
    }
    if (faults.isEmpty()) {
      try {
        read(List.of());
      } catch (UnusableFileException unusable) {
        faults.add(unusable);
      }
    }
    return faults;
  }

  private interface Reading {
    void of(Path file) throws UnusableFileException;
  }

  private static void each(List<Path> files, Reading reading, List<UnusableFileException> faults) {
    for (Path file : files) {
      try {
        reading.of(file);
      } catch (UnusableFileException unusable) {
        faults.add(unusable);
      }
    }
  }

  /// What an operator should know about the files that were read last, in addition to
  /// [ClientTrust#warnings]: one line each.
  public List<String> notes() {
    return notes;
  }

  /// The ids of the CAs that the CA files hold now. For a file that can't be used, these are the
  /// CAs that it held when all files were read last.
  public Set<String> caIds() {
    Set<String> ids = new HashSet<>();
    for (Path file : files.cas) {
      List<ClientCa> cas;
      try {
        cas = TrustFileReader.cas(file);
      } catch (UnusableFileException damaged) {
        cas = casByFile.getOrDefault(file, List.of());
      }
      cas.forEach(ca -> ids.add(ca.id()));
    }
    return ids;
  }

  /// Whether a file has changed since all files were read last.
  public boolean changed() {
    return !look().equals(looks);
  }

  private Map<Path, FileState> look() {
    Map<Path, FileState> now = new LinkedHashMap<>();
    for (List<Path> files : List.of(files.cas, files.issuers, files.lists)) {
      for (Path file : files) {
        try {
          now.put(file, FileState.at(file));
        } catch (IOException unreadable) {
          // Reading the file reports the reason. The state differs once the attributes can be read.
          now.remove(file);
        }
      }
    }
    return now;
  }
}
