package dev.gatehouse.server.tls;

import dev.gatehouse.mtls.RevocationList;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The rules for lists of revoked certificates: which CA must have signed a list, and which list
/// may replace the one in force.
///
/// It remembers the lists in force, and reads no file. Not thread-safe; no method blocks.
final class RevocationListRules {

  // Each of them is held in memory until the restart.
  private static final int MAX_FORMER_LISTS = 32;

  /// A list, and the file that holds it, or held it last.
  record ListInFile(RevocationList list, Path file) {}

  /// The lists of all files, after all checks.
  ///
  /// @param current those of CAs that are trusted to sign lists
  /// @param former those of CAs that were taken out, which stay in force
  /// @param notes what an operator should know, one line each
  record Checked(List<ListInFile> current, List<ListInFile> former, List<String> notes) {

    Checked {
      current = List.copyOf(current);
      former = List.copyOf(former);
      notes = List.copyOf(notes);
    }

    List<RevocationList> currentLists() {
      return lists(current);
    }

    List<RevocationList> formerLists() {
      return lists(former);
    }

    private static List<RevocationList> lists(List<ListInFile> read) {
      return read.stream().map(ListInFile::list).toList();
    }
  }

  // Also those whose CA was taken out.
  private List<ListInFile> inForce = List.of();

  /// Begins to check the lists that all files hold now.
  Check check(CrlSigners signers) {
    return new Check(signers);
  }

  /// Puts these lists in force.
  void putInForce(Checked lists) {
    inForce = Stream.concat(lists.current.stream(), lists.former.stream()).toList();
  }

  /// Checks one list by itself. Throws [UnusableFileException] if no CA that may sign lists signed
  /// it and it does not follow a list in force.
  ///
  /// @return false if it follows a list in force whose CA was removed
  boolean isSigned(RevocationList list, Path file, CrlSigners signers)
      throws UnusableFileException {
    if (!signers.anySigned(list)
        && inForce.stream().anyMatch(before -> list.hasSameSignerAs(before.list))) {
      return false;
    }
    try {
      if (signers.isSignedByOneOf(list)) {
        return true;
      }
    } catch (IllegalArgumentException useless) {
      throw new UnusableFileException(file, String.valueOf(useless.getMessage()));
    }
    throw new UnusableFileException(file, list.unknownIssuerFault());
  }

  /// Checks the lists of all files together.
  final class Check {

    private final CrlSigners signers;
    private final List<ListInFile> current = new ArrayList<>();
    private final List<ListInFile> former = new ArrayList<>();

    private Check(CrlSigners signers) {
      this.signers = signers;
    }

    /// Adds a list; throws [UnusableFileException] when it is not signed as it must be, or another
    /// list of that key was added before.
    void add(RevocationList list, Path file) throws UnusableFileException {
      boolean signed = isSigned(list, file, signers);
      // Otherwise a genuine list of another CA, or a second list of the same CA, could take the
      // place of a list, as if that CA had revoked nothing.
      if (added().anyMatch(one -> list.hasSameSignerAs(one.list))) {
        throw new UnusableFileException(file, list.duplicateFault());
      }
      (signed ? current : former).add(new ListInFile(list, file));
    }

    private Stream<ListInFile> added() {
      return Stream.of(current, former).flatMap(List::stream);
    }

    /// Compares the lists with those in force, after all were added. Throws [UnusableFileException]
    /// if a list in force was replaced by an older one or is missing, or if a CA has no list.
    Checked finish() throws UnusableFileException {
      List<String> notes = former.stream().map(RevocationListRules::ofCaTakenOut).toList();
      former.addAll(gone());
      signers.requireLists(current);
      return new Checked(current, former, notes);
    }

    // The lists in force that no file holds any more. Certificates stay revoked when their CA is
    // removed, whether or not its list is still in a file.
    private List<ListInFile> gone() throws UnusableFileException {
      List<ListInFile> gone = new ArrayList<>();
      for (ListInFile before : inForce) {
        List<ListInFile> successors =
            added().filter(one -> one.list.hasSameSignerAs(before.list)).toList();
        if (!successors.isEmpty()) {
          requireNewer(before, successors);
        } else if (signers.anySigned(before.list)) {
          throw isGone(before);
        } else {
          gone.add(before);
        }
      }
      if (gone.size() > MAX_FORMER_LISTS) {
        throw new UnusableFileException(
            gone.getFirst().file,
            "and others held more than "
                + MAX_FORMER_LISTS
                + " lists of CAs that were taken out: restart the gate to forget those lists");
      }
      return gone;
    }
  }

  private static String ofCaTakenOut(ListInFile left) {
    return left.file
        + " holds a list of revoked certificates of "
        + left.list.issuerName()
        + ", which is no client CA any more: take the list out, too; the gate does not start with"
        + " it";
  }

  private static UnusableFileException isGone(ListInFile before) {
    return new UnusableFileException(
        before.file,
        "holds no list of revoked certificates of "
            + before.list.issuerName()
            + " by the key of the one in force any more: restore it (beside a list of a new key), take"
            + " the CA's certificate of that key out of 'clientCas' and 'crlIssuers', or restart the"
            + " gate to go on without it");
  }

  // An older list must not make a revoked certificate valid again. A list that another key signed
  // is no successor: it may belong to another CA of the same name.
  private static void requireNewer(ListInFile before, List<ListInFile> successors)
      throws UnusableFileException {
    if (successors.stream().allMatch(held -> held.list.isOlderThan(before.list))) {
      throw new UnusableFileException(
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
}
