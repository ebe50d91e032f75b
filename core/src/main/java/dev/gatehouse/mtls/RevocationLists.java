package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// The lists of revoked certificates beside the client CAs, and what they say of a certificate (RFC
/// 5280 §6.3.3).
///
/// A list whose signature can't be verified is never taken for no list. Immutable and thread-safe.
final class RevocationLists {

  // Signed by a client CA.
  private final List<RevocationList> verified = new ArrayList<>();
  // Of CAs that only a chain shows: their signature is verified with the chain.
  private final List<RevocationList> ofOthers = new ArrayList<>();
  private final List<RevocationList> former;
  private final List<ClientCa> cas;

  /// Throws [IllegalArgumentException] as [#isOfOneOf].
  ///
  /// @param former lists that were in force before and that no file holds any more: what they
  ///   revoked stays revoked, and nothing else rests on them
  RevocationLists(List<ClientCa> cas, List<RevocationList> lists, List<RevocationList> former) {
    this.cas = List.copyOf(cas);
    this.former = List.copyOf(former);
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

  /// Judges a certificate by the lists of its CA. Returns the earliest next update of the lists
  /// that decide; [Instant#MAX] when there are none.
  ///
  /// A certificate is revoked when its serial number is on any list that names its CA, whichever
  /// key signed the list, and whether or not the list is in force: a CA that changed its key may
  /// list the certificates of its old key on the list of the new one. RFC 5280 §6.3.3 (f) and (g)
  /// allow every key that has a path to the same trust anchor. The gate also heeds a list whose key
  /// it does not know (it is of an intermediate): such a list can only refuse.
  ///
  /// The lists that the CA's own key signed decide whether there is a list and whether it is in
  /// force. If there are none, the lists that client CAs of the same name signed decide: a CA that
  /// changed its key may sign with the new key only.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, when one of these is true:
  ///
  /// - The certificate is revoked.
  /// - A list that decides is not in force.
  /// - A list names the CA's key, but that key did not sign it.
  /// - A list names the CA, no client CA signed it, and the CA's key signed no list.
  /// - The CA signed a list and may not sign lists.
  Instant judge(X509Certificate certificate, X509Certificate issuer, Instant now) {
    List<RevocationList> deciding = deciding(issuer);
    for (List<RevocationList> lists : List.of(verified, ofOthers, former)) {
      for (RevocationList list : lists) {
        if (list.isIssuedBy(issuer) && list.names(certificate)) {
          throw new IllegalArgumentException("is on its CA's list of revoked certificates");
        }
      }
    }
    Instant end = Instant.MAX;
    for (RevocationList list : deciding) {
      String refusing = list.refusingAll(now);
      if (refusing != null) {
        throw new IllegalArgumentException(refusing);
      }
      if (list.nextUpdate().isBefore(end)) {
        end = list.nextUpdate();
      }
    }
    return end;
  }

  /// Whether a certificate of that path is on a list that names its CA, as in [#judge].
  boolean nameOneOf(CertificationPath path) {
    return Stream.of(verified, ofOthers, former)
        .flatMap(List::stream)
        .anyMatch(list -> path.entries().stream().anyMatch(list::names));
  }

  /// Judges a client CA by the lists of the CA that issued it. Returns the earliest next update of
  /// the lists that decide; [Instant#MAX] when there are none.
  ///
  /// A client CA is a trust anchor, so RFC 5280 does not ask this. But the CA that lists it says
  /// that its key must not be trusted any more. Only lists count that a client CA signed: nothing
  /// else shows who signed them.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, when the CA is revoked, or a
  /// list that decides is not in force.
  Instant judge(ClientCa ca, Instant now) {
    if (isRevoked(ca)) {
      throw new IllegalArgumentException("it is on its CA's list of revoked certificates");
    }
    Instant end = Instant.MAX;
    for (RevocationList list : decidingAbout(ca.certificate())) {
      String refusing = list.refusingAll(now);
      if (refusing != null) {
        throw new IllegalArgumentException(refusing);
      }
      if (list.nextUpdate().isBefore(end)) {
        end = list.nextUpdate();
      }
    }
    return end;
  }

  // As with any certificate: the lists of the key that issued it, and otherwise those of the name.
  private List<RevocationList> decidingAbout(X509Certificate ca) {
    if (ca.getIssuerX500Principal().equals(ca.getSubjectX500Principal())) {
      return List.of();
    }
    List<RevocationList> ofName =
        verified.stream()
            .filter(list -> list.issuer().equals(ca.getIssuerX500Principal()))
            .toList();
    List<RevocationList> ofKey = ofName.stream().filter(list -> list.isOfIssuerOf(ca)).toList();
    return ofKey.isEmpty() ? ofName : ofKey;
  }

  /// Whether the certificate of that client CA is on a list of the CA that issued it.
  boolean isRevoked(ClientCa ca) {
    X509Certificate certificate = ca.certificate();
    return Stream.of(verified, former)
        .flatMap(List::stream)
        .anyMatch(
            list ->
                list.issuer().equals(certificate.getIssuerX500Principal())
                    && list.names(certificate));
  }

  private List<RevocationList> deciding(X509Certificate issuer) {
    List<RevocationList> own = new ArrayList<>();
    for (List<RevocationList> lists : List.of(verified, ofOthers)) {
      lists.stream().filter(list -> list.isSignedBy(issuer)).forEach(own::add);
    }
    if (!own.isEmpty() && !RevocationList.maySign(issuer)) {
      throw new IllegalArgumentException("has a CA that signs lists and may not");
    }
    for (RevocationList list : ofOthers) {
      if (!own.contains(list)
          && (list.namesKeyOf(issuer) || (own.isEmpty() && list.isIssuedBy(issuer)))) {
        throw new IllegalArgumentException(
            "the list of revoked certificates of "
                + list.issuerName()
                + " can't be verified: the key of its CA did not sign it");
      }
    }
    return own.isEmpty() ? verified.stream().filter(list -> list.isIssuedBy(issuer)).toList() : own;
  }

  /// What an operator should know: one line each.
  List<String> notes() {
    Stream<String> ofNoClientCa =
        ofOthers.stream()
            .map(
                list ->
                    "The list of revoked certificates of "
                        + list.issuerName()
                        + " is of none of the client CAs: it counts only for chains that show its"
                        + " CA");
    Stream<String> ofRevokedCas =
        cas.stream()
            .filter(this::isRevoked)
            .map(
                ca ->
                    "The client CA "
                        + ca.name()
                        + " is on its CA's list of revoked certificates: no certificate that leads"
                        + " to it alone is accepted");
    return Stream.concat(ofNoClientCa, ofRevokedCas).toList();
  }

  /// The lists that refuse every certificate of their CA at that instant: one line each.
  List<String> refusingAll(Instant now) {
    List<String> lines = new ArrayList<>();
    for (List<RevocationList> lists : List.of(verified, ofOthers)) {
      lists.stream()
          .map(list -> list.refusingAll(now))
          .filter(Objects::nonNull)
          .map(
              why ->
                  why + ": every certificate of that CA is refused, and client CAs that it issued")
          .forEach(lines::add);
    }
    return lines;
  }

  @Override
  public String toString() {
    return "RevocationLists[" + verified + ", " + ofOthers + ", " + former + "]";
  }
}
