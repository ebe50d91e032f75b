package dev.gatehouse.mtls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/// The client CAs and their lists of revoked certificates, as they were read at one time; judges
/// chains by them (RFC 5280 §6). Immutable and thread-safe; asks nobody else, and takes the CPU of
/// some signatures.
public final class ClientTrust {

  /// No client CA: no chain is good.
  public static final ClientTrust NONE = new ClientTrust(List.of(), List.of());

  private final List<ClientCa> cas;
  private final RevocationLists lists;
  private final KeyPurposeId purpose;

  /// Trusts those CAs as far as their lists let it.
  ///
  /// Throws [IllegalArgumentException] when none of the CAs signed a list, when a CA that signed
  /// one may not sign lists, and when one key of a CA signed two lists.
  public ClientTrust(List<ClientCa> cas, List<RevocationList> lists) {
    this(cas, List.of(), lists, List.of());
  }

  /// The same, with lists of CAs below the client CAs, and lists of CAs that were taken out.
  ///
  /// @param issuers the CAs that signed the lists that no client CA signed
  /// @param former lists that were in force before, whose CAs are in neither list of CAs any more:
  ///   what they revoked stays revoked, and nothing else rests on them
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

  /// The same trust in those of its CAs that have one of these ids. All lists still count.
  public ClientTrust restrictedTo(Set<String> caIds) {
    return new ClientTrust(
        cas.stream().filter(ca -> caIds.contains(ca.id())).toList(), lists, purpose);
  }

  /// What an operator should know of what was read: one line each.
  public List<String> warnings() {
    return lists.warnings();
  }

  /// The lists that refuse every certificate of their CA at that instant, since they are not in
  /// force yet or a newer one should have come: one line each.
  public List<String> listsNotInForce(Instant now) {
    return lists.listsNotInForce(now);
  }

  /// The CAs.
  public List<ClientCa> cas() {
    return cas;
  }

  /// The CA of that id; null when it is none of these.
  public @Nullable ClientCa ca(String id) {
    return cas.stream().filter(ca -> ca.id().equals(id)).findFirst().orElse(null);
  }

  /// Whether a path that was good still leads to the CA of that id, as far as can be told without
  /// its certificates: the CA is trusted, and no list names it or a certificate of the path. Looks
  /// at no time.
  boolean stillTrusts(CertificationPath path, String ca) {
    return cas.stream().anyMatch(one -> one.id().equals(ca) && !lists.isRevoked(one))
        && !lists.listAnyOf(path);
  }

  /// Judges a chain: every path to a client CA, within the bounds of the search.
  ///
  /// @param presented the client's own first; what is above it, in any order
  public ChainVerdict validate(List<X509Certificate> presented, Instant now) {
    if (presented.isEmpty()) {
      return new ChainVerdict.Invalid("there is no certificate");
    }
    if (presented.size() > CertificateEncoding.MAX_CHAIN_LENGTH) {
      return new ChainVerdict.Invalid(
          "more than " + CertificateEncoding.MAX_CHAIN_LENGTH + " certificates were shown");
    }
    // RFC 5280 §4.1.2.5: to the second.
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
      // The bounds of the search are shared: expired certificates of a CA must not use them up
      // before its current one.
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

    // Why no client CA that is good now leads to the certificate: the one that does may be out of
    // time, or revoked.
    private String causeOfNone(PathSearch search) {
      for (ClientCa ca : cas) {
        String unfit = unfit(ca);
        if (unfit != null && search.descend(ca.certificate(), path -> true)) {
          return "its CA, " + ca.name() + ", " + unfit;
        }
      }
      return search.cause();
    }

    // Why that CA is no anchor now; null: it is one.
    private @Nullable String unfit(ClientCa ca) {
      try {
        lists.check(ca, now);
        return PathSearch.validityFault(ca.certificate(), now);
      } catch (IllegalArgumentException refused) {
        return "can't be trusted: " + refused.getMessage();
      }
    }

    // The CA first, the leaf last.
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

    // When a certificate of the path is past its end, or a list past its next update. Throws
    // IllegalArgumentException when a list refuses one of them.
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

  // RFC 5280 §6.1.4 (l), (m), the length that the CA's own certificate sets included.
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
