package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// The lists of revoked certificates beside the client CAs, and what they say of a certificate (RFC
/// 5280 §6.3.3). Each of them has the signature of a client CA or of a CRL issuer. Immutable and
/// thread-safe.
final class RevocationLists {

  private final List<ClientCa> cas;
  private final List<RevocationList> lists;
  private final List<RevocationList> former;

  /// Throws [IllegalArgumentException] when none of those CAs signed a list, and when two lists are
  /// of one CA and one key: only the newest counts, and an older one would say what is not true any
  /// more.
  ///
  /// @param former lists of CAs that were taken out: what they revoked stays revoked, and nothing
  ///   else rests on them
  RevocationLists(
      List<ClientCa> cas,
      List<CrlIssuer> issuers,
      List<RevocationList> lists,
      List<RevocationList> former) {
    this.cas = List.copyOf(cas);
    this.lists = List.copyOf(lists);
    this.former = List.copyOf(former);
    for (RevocationList list : lists) {
      if (!list.isSignedByOneOf(cas, issuers)) {
        throw new IllegalArgumentException(list.unknownIssuerFault());
      }
    }
    for (int i = 1; i < lists.size(); i++) {
      if (lists.subList(0, i).stream().anyMatch(lists.get(i)::hasSameSignerAs)) {
        throw new IllegalArgumentException(lists.get(i).duplicateFault());
      }
    }
  }

  /// Judges a certificate by the lists of its CA. Returns the earliest next update of the lists
  /// that decide; [Instant#MAX] when there are none.
  ///
  /// A certificate is revoked when its serial number is on any list that names its CA, whichever
  /// key signed the list, and whether or not the list is in force: a CA that changed its key may
  /// list the certificates of its old key on the list of the new one. RFC 5280 §6.3.3 (f) and (g)
  /// allow every key that has a path to the same trust anchor.
  ///
  /// The lists that the CA's own key signed decide whether there is a list and whether it is in
  /// force. If there are none, the lists of CAs of the same name decide: a CA that changed its key
  /// may sign with the new key only.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, when one of these is true:
  ///
  /// - The certificate is revoked.
  /// - A list that decides is not in force.
  /// - The CA's key signed a list, and the certificate shown for the CA may not sign lists.
  Instant check(X509Certificate certificate, X509Certificate issuer, Instant now) {
    List<RevocationList> deciding = deciding(issuer);
    if (all().anyMatch(list -> list.isIssuedBy(issuer) && list.lists(certificate))) {
      throw new IllegalArgumentException("is on its CA's list of revoked certificates");
    }
    return earliestNextUpdate(deciding, now);
  }

  /// Whether a certificate of that path is on a list that names its CA, as in [#check].
  boolean listAnyOf(CertificationPath path) {
    return all().anyMatch(list -> path.entries().stream().anyMatch(list::lists));
  }

  /// Judges a client CA by the lists of the CA that issued it. Returns the earliest next update of
  /// the lists that decide; [Instant#MAX] when there are none.
  ///
  /// A client CA is a trust anchor, so RFC 5280 does not ask this. But the CA that lists it says
  /// that its key must not be trusted any more.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, when the CA is revoked, or a
  /// list that decides is not in force.
  Instant check(ClientCa ca, Instant now) {
    if (isRevoked(ca)) {
      throw new IllegalArgumentException("it is on its CA's list of revoked certificates");
    }
    return earliestNextUpdate(decidingAbout(ca.certificate()), now);
  }

  // Throws IllegalArgumentException when one of them is not in force.
  private static Instant earliestNextUpdate(List<RevocationList> deciding, Instant now) {
    Instant end = Instant.MAX;
    for (RevocationList list : deciding) {
      String refusing = list.notInForce(now);
      if (refusing != null) {
        throw new IllegalArgumentException(refusing);
      }
      if (list.nextUpdate().isBefore(end)) {
        end = list.nextUpdate();
      }
    }
    return end;
  }

  private Stream<RevocationList> all() {
    return Stream.concat(lists.stream(), former.stream());
  }

  // As with any certificate: the lists of the key that issued it, and otherwise those of the name.
  private List<RevocationList> decidingAbout(X509Certificate ca) {
    if (ca.getIssuerX500Principal().equals(ca.getSubjectX500Principal())) {
      return List.of();
    }
    List<RevocationList> ofName =
        lists.stream().filter(list -> list.issuer().equals(ca.getIssuerX500Principal())).toList();
    List<RevocationList> ofKey = ofName.stream().filter(list -> list.namesIssuerOf(ca)).toList();
    return ofKey.isEmpty() ? ofName : ofKey;
  }

  /// Whether the certificate of that client CA is on a list of the CA that issued it.
  boolean isRevoked(ClientCa ca) {
    X509Certificate certificate = ca.certificate();
    return all()
        .anyMatch(
            list ->
                list.issuer().equals(certificate.getIssuerX500Principal())
                    && list.lists(certificate));
  }

  private List<RevocationList> deciding(X509Certificate issuer) {
    List<RevocationList> ofName = lists.stream().filter(list -> list.isIssuedBy(issuer)).toList();
    List<RevocationList> ofKey = ofName.stream().filter(list -> list.isSignedBy(issuer)).toList();
    if (!ofKey.isEmpty() && !RevocationList.maySign(issuer)) {
      throw new IllegalArgumentException("has a CA that signs lists and may not");
    }
    return ofKey.isEmpty() ? ofName : ofKey;
  }

  /// What an operator should know: one line each.
  List<String> warnings() {
    return cas.stream()
        .filter(this::isRevoked)
        .map(
            ca ->
                "The client CA "
                    + ca.name()
                    + " is on its CA's list of revoked certificates: no certificate that leads"
                    + " to it alone is accepted")
        .toList();
  }

  /// The lists that refuse every certificate of their CA at that instant: one line each.
  List<String> listsNotInForce(Instant now) {
    return lists.stream()
        .map(list -> list.notInForce(now))
        .filter(Objects::nonNull)
        .map(
            why -> why + ": every certificate of that CA is refused, and client CAs that it issued")
        .toList();
  }

  @Override
  public String toString() {
    return "RevocationLists[" + lists + ", " + former + "]";
  }
}
