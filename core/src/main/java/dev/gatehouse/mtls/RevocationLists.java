package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The lists of revoked certificates beside the client CAs, and which of them count for a CA (RFC
/// 5280 §6.3.3).
///
/// A list whose signature can't be verified is never taken for no list. Immutable and thread-safe.
final class RevocationLists {

  // Signed by a client CA.
  private final List<RevocationList> verified = new ArrayList<>();
  // Of CAs that only a chain shows: their signature is verified with the chain.
  private final List<RevocationList> ofOthers = new ArrayList<>();

  /// Throws [IllegalArgumentException] as [#isOfOneOf].
  RevocationLists(List<ClientCa> cas, List<RevocationList> lists) {
    for (RevocationList list : lists) {
      (isOfOneOf(cas, list) ? verified : ofOthers).add(list);
    }
  }

  /// Whether one of these CAs signed that list. False: it is of a CA that only a chain shows.
  ///
  /// Throws [IllegalArgumentException] when the list can't be used. Its message follows the name of
  /// the list's file; what to do stands behind a colon. The list can't be used when it names one of
  /// these CAs or its key, and was not signed by it; when that CA may not sign lists; and when it
  /// is of another CA and does not name the CA's key.
  static boolean isOfOneOf(List<ClientCa> cas, RevocationList list) {
    String holds = "holds a list of revoked certificates of " + list.issuerName();
    boolean named = false;
    boolean signed = false;
    for (ClientCa ca : cas) {
      if (list.isSignedBy(ca.certificate())) {
        if (RevocationList.maySign(ca.certificate())) {
          return true;
        }
        signed = true;
      }
      // By its key, too: a change of the issuer's name must not make it a list of another CA.
      named |= list.isIssuedBy(ca.certificate()) || list.namesKeyOf(ca.certificate());
    }
    if (signed) {
      throw new IllegalArgumentException(
          holds
              + ", whose certificate has not the key usage cRLSign: name a certificate of that CA"
              + " that may sign lists");
    }
    if (named) {
      throw new IllegalArgumentException(
          holds
              + " that does not have the signature of that client CA"
              + ": get the list from the CA again");
    }
    if (!list.namesItsKey()) {
      throw new IllegalArgumentException(
          holds
              + ", which is none of the client CAs, and the list has no authority key identifier"
              + ": name that CA in clientCas, or let it make lists as RFC 5280 §5.2.1 says");
    }
    return false;
  }

  /// The lists that count for the certificates of that CA.
  ///
  /// A list counts for the key that signed it. A list that a client CA signed counts for other keys
  /// of the CA's name, too, as long as they have no list of their own: a CA that changes its key
  /// signs its list with the new one.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, when a list names that CA and
  /// its signature can't be verified, and when that CA may not sign lists and signed one.
  List<RevocationList> of(X509Certificate issuer) {
    List<RevocationList> counting = new ArrayList<>();
    for (List<RevocationList> lists : List.of(verified, ofOthers)) {
      for (RevocationList list : lists) {
        if (list.isSignedBy(issuer)) {
          counting.add(list);
        }
      }
    }
    if (!counting.isEmpty() && !RevocationList.maySign(issuer)) {
      throw new IllegalArgumentException("has a CA that signs lists and may not");
    }
    boolean own = !counting.isEmpty();
    for (RevocationList list : ofOthers) {
      if (!counting.contains(list)
          && (list.namesKeyOf(issuer) || (!own && list.isIssuedBy(issuer)))) {
        throw new IllegalArgumentException(
            "the list of revoked certificates of "
                + list.issuerName()
                + " can't be verified: the key of its CA did not sign it");
      }
    }
    if (!own) {
      verified.stream().filter(list -> list.isIssuedBy(issuer)).forEach(counting::add);
    }
    return counting;
  }

  /// What an operator should know: one line each.
  List<String> notes() {
    return ofOthers.stream()
        .map(
            list ->
                "The list of revoked certificates of "
                    + list.issuerName()
                    + " is of none of the client CAs: it counts only for chains that show its CA")
        .toList();
  }

  /// The lists that refuse every certificate of their CA at that instant: one line each.
  List<String> refusingAll(Instant now) {
    List<String> lines = new ArrayList<>();
    for (List<RevocationList> lists : List.of(verified, ofOthers)) {
      lists.stream()
          .map(list -> list.refusingAll(now))
          .filter(Objects::nonNull)
          .map(why -> why + ": every certificate of that CA is refused")
          .forEach(lines::add);
    }
    return lines;
  }

  @Override
  public String toString() {
    return "RevocationLists[" + verified + ", " + ofOthers + "]";
  }
}
