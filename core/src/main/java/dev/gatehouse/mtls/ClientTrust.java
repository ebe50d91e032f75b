package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/// The client CAs and their lists of revoked certificates, as they were read at one time. Validates
/// chains against them (RFC 5280 §6).
///
/// Immutable and thread-safe. Does not block and asks no other party, but verifies signatures,
/// which takes CPU time.
public final class ClientTrust {

  /// A trust without a client CA. No chain is valid.
  public static final ClientTrust NONE = new ClientTrust(List.of(), List.of());

  private final List<ClientCa> cas;
  private final RevocationLists lists;
  private final KeyPurposeId purpose;

  /// A trust in these CAs, with these lists of revoked certificates.
  ///
  /// Throws [IllegalArgumentException] if none of the CAs signed one of the lists, if the CA that
  /// signed a list may not sign lists, or if one key of a CA signed two lists.
  public ClientTrust(List<ClientCa> cas, List<RevocationList> lists) {
    this(cas, List.of(), lists, List.of());
  }

  /// The same, with lists of CAs below the client CAs, and with lists of CAs that were removed.
  ///
  /// @param issuers the CAs that signed lists and are not client CAs
  /// @param former lists of CAs that were removed from the configuration: the certificates on them
  ///   stay revoked, and the lists have no other effect
  public ClientTrust(
      List<ClientCa> cas,
      List<CrlIssuer> issuers,
      List<RevocationList> lists,
      List<RevocationList> former) {
    this(cas, new RevocationLists(cas, issuers, lists, former), KeyPurposeId.id_kp_clientAuth);
  }

  ClientTrust(List<ClientCa> cas, List<RevocationList> lists, KeyPurposeId purpose) {
    this(cas, new RevocationLists(cas, List.of(), lists, List.of()), purpose);
  }

  private ClientTrust(List<ClientCa> cas, RevocationLists lists, KeyPurposeId purpose) {
    this.cas = List.copyOf(cas);
    this.lists = lists;
    this.purpose = purpose;
  }

  /// Returns the same trust, restricted to the CAs with these ids. All lists stay in force.
  public ClientTrust restrictedTo(Set<String> caIds) {
    return new ClientTrust(
        cas.stream().filter(ca -> caIds.contains(ca.id())).toList(), lists, purpose);
  }

  /// Returns warnings for operators about what was read, one line each.
  public List<String> warnings() {
    return lists.warnings();
  }

  /// Returns a line for each list that is not in force at this instant: it is not in force yet, or
  /// it is past its next update. Every certificate of its CA is then refused.
  public List<String> listsNotInForce(Instant now) {
    return lists.listsNotInForce(now);
  }

  /// The client CAs.
  public List<ClientCa> cas() {
    return cas;
  }

  /// The client CA with this id; null if there is none.
  public @Nullable ClientCa ca(String id) {
    return cas.stream().filter(ca -> ca.id().equals(id)).findFirst().orElse(null);
  }

  /// Returns true if a path that was valid before still leads to the CA with this id: the CA is
  /// trusted, and no list names the CA or a certificate of the path. Does not need the
  /// certificates, and does not check times or signatures.
  boolean stillTrusts(CertificationPath path, String ca) {
    return cas.stream().anyMatch(one -> one.id().equals(ca) && !lists.isRevoked(one))
        && !lists.listAnyOf(path);
  }

  /// Validates a chain (RFC 5280 §6.1), and looks for a path to each client CA.
  ///
  /// Checks the signatures, the profile of each certificate, the times, the path length, the name
  /// constraints, the policies and the lists of revoked certificates. Does not check whether the
  /// client has the private key, or whether the certificate is registered. The search is bounded:
  /// see [PathSearch].
  ///
  /// @param presented the client's certificate first, then the certificates above it in any order;
  ///   at most 10
  /// @param now the time of the validation
  public ChainVerdict validate(List<X509Certificate> presented, Instant now) {
    if (presented.isEmpty()) {
      return new ChainVerdict.Invalid("there is no certificate");
    }
    if (presented.size() > CertificateEncoding.MAX_CHAIN_LENGTH) {
      return new ChainVerdict.Invalid(
          "more than " + CertificateEncoding.MAX_CHAIN_LENGTH + " certificates were shown");
    }
    // RFC 5280 §4.1.2.5: the times of a certificate are in whole seconds.
    Instant second = now.truncatedTo(ChronoUnit.SECONDS);
    PathSearch search;
    try {
      search = new PathSearch(presented, purpose, second);
    } catch (IllegalArgumentException unfit) {
      return new ChainVerdict.Invalid("the client's certificate " + unfit.getMessage());
    }
    return new Validation(second).of(search);
  }

  private final class Validation {

    private final Instant now;
    private final List<ChainVerdict.Path> good = new ArrayList<>();
    private @Nullable String fault;

    Validation(Instant now) {
      this.now = now;
    }

    ChainVerdict of(PathSearch search) {
      // All client CAs share the bounds of the search. Expired certificates of a CA must not use
      // them up before its current certificate.
      for (ClientCa ca : cas) {
        if (unfit(ca) == null && good.stream().noneMatch(path -> path.ca().id().equals(ca.id()))) {
          search.descend(ca.certificate(), path -> validate(ca, path));
        }
      }
      if (!good.isEmpty()) {
        return new ChainVerdict.Valid(search.leaf(), good);
      }
      return new ChainVerdict.Invalid(fault == null ? causeOfNone(search) : fault);
    }

    // The reason why no valid client CA leads to the certificate. The CA that leads to it may have
    // expired or may be revoked.
    private String causeOfNone(PathSearch search) {
      for (ClientCa ca : cas) {
        String unfit = unfit(ca);
        if (unfit != null && search.descend(ca.certificate(), path -> true)) {
          return "its CA, " + ca.name() + ", " + unfit;
        }
      }
      return search.cause();
    }

    // The reason why the CA is not a trust anchor now; null: it is one.
    private @Nullable String unfit(ClientCa ca) {
      try {
        lists.check(ca, now);
        return PathSearch.validityFault(ca.certificate(), now);
      } catch (IllegalArgumentException refused) {
        return "can't be trusted: " + refused.getMessage();
      }
    }

    // The CA is the first certificate of the path, and the client's certificate is the last.
    private boolean validate(ClientCa ca, List<X509Certificate> path) {
      fault = fault(path);
      if (fault != null) {
        return false;
      }
      try {
        good.add(
            new ChainVerdict.Path(
                ca, earlier(end(path), lists.check(ca, now)), path.subList(1, path.size())));
        return true;
      } catch (IllegalArgumentException refused) {
        fault = refused.getMessage();
        return false;
      }
    }

    private @Nullable String fault(List<X509Certificate> path) {
      String wrong = tooLong(path);
      if (wrong == null) {
        wrong = NameConstraintCheck.violation(path);
      }
      return wrong == null ? PathValidation.fault(path, now) : wrong;
    }

    // The first instant at which a certificate of the path has expired or a list is past its next
    // update. Throws IllegalArgumentException if a list refuses a certificate.
    private Instant end(List<X509Certificate> path) {
      Instant end = Instant.MAX;
      for (int i = 0; i < path.size(); i++) {
        X509Certificate certificate = path.get(i);
        end = earlier(end, certificate.getNotAfter().toInstant().plusSeconds(1));
        if (i > 0) {
          String place =
              i == path.size() - 1 ? "the client's certificate: " : "a certificate above it: ";
          try {
            end = earlier(end, lists.check(certificate, path.get(i - 1), now));
          } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(place + refused.getMessage(), refused);
          }
        }
      }
      return end;
    }
  }

  private static Instant earlier(Instant one, Instant other) {
    return one.isBefore(other) ? one : other;
  }

  // RFC 5280 §6.1.4 (l) and (m). The limit in the client CA's own certificate counts too.
  private static @Nullable String tooLong(List<X509Certificate> path) {
    int left = Integer.MAX_VALUE;
    for (int i = 0; i + 1 < path.size(); i++) {
      X509Certificate ca = path.get(i);
      if (i > 0 && !ca.getSubjectX500Principal().equals(ca.getIssuerX500Principal())) {
        if (left == 0) {
          return "its chain is longer than a CA of it allows";
        }
        left--;
      }
      left = Math.min(left, ca.getBasicConstraints());
    }
    return null;
  }

  @Override
  public String toString() {
    return "CAs " + cas + ", lists " + lists;
  }
}
