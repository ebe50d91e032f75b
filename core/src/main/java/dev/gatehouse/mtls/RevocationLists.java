package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// The lists of revoked certificates for the client CAs. Checks whether a certificate is revoked
/// (RFC 5280 §6.3.3). Each list is signed by a client CA or by a CRL issuer. Immutable and
/// thread-safe; does not block.
final class RevocationLists {

  private final List<ClientCa> cas;
  private final List<RevocationList> lists;
  private final List<RevocationList> former;

  /// Verifies who signed the lists. Throws [IllegalArgumentException] if none of the CAs signed one
  /// of the lists, or if two lists have the same CA and the same key: only the newest list is
  /// valid.
  ///
  /// @param former lists of CAs that were removed from the configuration: the certificates on them
  ///   stay revoked, and the lists have no other effect
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

  /// Checks a certificate against the lists of its CA. Returns the earliest next update of the
  /// deciding lists; [Instant#MAX] if there is no deciding list.
  ///
  /// A certificate is revoked if its serial number is on any list that names its CA. It does not
  /// matter which key signed the list, or whether the list is in force: a CA that changed its key
  /// may list the certificates of its old key on the list of the new key. RFC 5280 §6.3.3 (f) and
  /// (g) allow every key that has a path to the same trust anchor.
  ///
  /// The deciding lists determine whether there is a list in force. They are the lists that the
  /// CA's own key signed. If there are none, they are the lists of CAs with the same name, because
  /// a CA that changed its key may sign with the new key only.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, if one of these is true:
  ///
  /// - The certificate is revoked.
  /// - A deciding list is not in force.
  /// - The CA's key signed a list, but the certificate of the CA in the chain may not sign lists.
  Instant check(X509Certificate certificate, X509Certificate issuer, Instant now) {
    List<RevocationList> deciding = deciding(issuer);
    if (all().anyMatch(list -> list.isIssuedBy(issuer) && list.lists(certificate))) {
      throw new IllegalArgumentException("is on its CA's list of revoked certificates");
    }
    return earliestNextUpdate(deciding, now);
  }

  /// Returns true if a certificate of this path is on a list that names its CA, as in [#check].
  boolean listAnyOf(CertificationPath path) {
    return all().anyMatch(list -> path.entries().stream().anyMatch(list::lists));
  }

  /// Checks a client CA against the lists of the CA that issued it. Returns the earliest next
  /// update of the deciding lists; [Instant#MAX] if there is no deciding list.
  ///
  /// A client CA is a trust anchor, so RFC 5280 does not require this check. But if the issuing CA
  /// lists it, its key must not be trusted any more.
  ///
  /// Throws [IllegalArgumentException], with a message for operators, if the CA is revoked, or if a
  /// deciding list is not in force.
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

  // As for every certificate: the lists of the key that issued it, or else those of the issuer's
  // name.
  private List<RevocationList> decidingAbout(X509Certificate ca) {
    if (ca.getIssuerX500Principal().equals(ca.getSubjectX500Principal())) {
      return List.of();
    }
    List<RevocationList> ofName =
        lists.stream().filter(list -> list.issuer().equals(ca.getIssuerX500Principal())).toList();
    List<RevocationList> ofKey = ofName.stream().filter(list -> list.namesIssuerOf(ca)).toList();
    return ofKey.isEmpty() ? ofName : ofKey;
  }

  /// Returns true if the certificate of this client CA is on a list of the CA that issued it.
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

  /// Returns warnings for operators, one line each.
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

  /// Returns a line for each list that is not in force at this instant.
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
