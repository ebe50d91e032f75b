package dev.gatehouse.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.jspecify.annotations.Nullable;

/// Finds the certification paths from client CAs to a client's certificate (RFC 5280 §6.1).
///
/// An unknown client sends the certificates, so the work is bounded. Names and key identifiers are
/// compared first. A certificate that does not lead to the client's certificate costs no signature.
/// Signatures are then verified from the client CA downwards, each of them once. The key of a
/// presented certificate is used only after the certificate itself was verified and checked.
///
/// Does not check path lengths, name constraints or lists of revoked certificates. Not thread-safe;
/// does not block.
final class PathSearch {

  /// How many signatures the search verifies for one chain. [PathValidation] verifies the
  /// signatures of a complete path again, for at most [#MAX_PATHS] paths.
  static final int MAX_SIGNATURES = 16;

  /// After how many wrong signatures the search stops. With honest CAs, matching names and key
  /// identifiers lead to no wrong signature.
  static final int MAX_WRONG_SIGNATURES = 3;

  /// How many complete paths are validated.
  static final int MAX_PATHS = 8;

  // A certificate with the identifiers of its own key and of its issuer's key.
  private record Link(
      X509Certificate certificate,
      @Nullable ASN1OctetString key,
      @Nullable ASN1OctetString issuersKey) {

    static Link of(X509Certificate certificate) {
      return new Link(
          certificate, KeyIdentifiers.ofSubject(certificate), KeyIdentifiers.ofIssuer(certificate));
    }

    // RFC 5280 §6.1.3 (a) (4): the names match. §4.2.1.1: so do the key identifiers, if both exist.
    boolean mayHaveIssued(Link below) {
      return certificate
              .getSubjectX500Principal()
              .equals(below.certificate.getIssuerX500Principal())
          && (key == null || below.issuersKey == null || key.equals(below.issuersKey));
    }

    boolean isSameCaAs(Link other) {
      return certificate
              .getSubjectX500Principal()
              .equals(other.certificate.getSubjectX500Principal())
          && certificate.getPublicKey().equals(other.certificate.getPublicKey());
    }
  }

  private record Step(Link issuer, Link below) {}

  private final KeyPurposeId purpose;
  private final Instant now;
  private final Link leaf;
  private final List<Link> above = new ArrayList<>();
  private final Map<Step, Boolean> verified = new HashMap<>();
  private String cause = "no client CA issued it";
  private int signatures;
  private int wrongSignatures;
  private int paths;

  /// A search for the chain of these certificates. Throws [IllegalArgumentException], whose message
  /// continues a sentence about the client's certificate, if that certificate violates the profile
  /// of a client certificate or is not valid at this instant.
  ///
  /// @param presented the client's certificate first, then the certificates above it in any order
  PathSearch(List<X509Certificate> presented, KeyPurposeId purpose, Instant now) {
    this.purpose = purpose;
    this.now = now;
    X509Certificate own = read(presented.getFirst());
    String fault = fault(own, CertificateProfile.Role.LEAF);
    if (fault != null) {
      throw new IllegalArgumentException(fault);
    }
    this.leaf = Link.of(own);
    List<Link> others = new ArrayList<>();
    for (X509Certificate other : presented.subList(1, presented.size())) {
      try {
        Link link = Link.of(read(other));
        if (!others.contains(link) && !link.equals(leaf)) {
          others.add(link);
        }
      } catch (IllegalArgumentException malformed) {
        cause = "a certificate above it is malformed";
      }
    }
    keepThoseAbove(others);
  }

  // Keeps the certificates from which names and identifiers lead to the client's certificate.
  private void keepThoseAbove(List<Link> others) {
    List<Link> reached = new ArrayList<>(List.of(leaf));
    for (int i = 0; i < reached.size(); i++) {
      Link below = reached.get(i);
      for (Link other : others) {
        if (!reached.contains(other) && other.mayHaveIssued(below)) {
          reached.add(other);
        }
      }
    }
    others.stream().filter(reached::contains).forEach(above::add);
  }

  // Parses the bytes with the JDK, so that all certificates have the same class.
  private static X509Certificate read(X509Certificate shown) {
    return CertificateEncoding.parse(CertificateEncoding.der(shown));
  }

  private @Nullable String fault(X509Certificate certificate, CertificateProfile.Role role) {
    String fault =
        CertificateProfile.fault(certificate, CertificateEncoding.der(certificate), role, purpose);
    return fault == null ? validityFault(certificate, now) : fault;
  }

  /// Returns why a certificate is not valid at this instant, in words for operators; null if it is.
  /// The period includes both ends (RFC 5280 §4.1.2.5).
  static @Nullable String validityFault(X509Certificate certificate, Instant now) {
    return now.isBefore(certificate.getNotBefore().toInstant())
        ? "is not good before " + certificate.getNotBefore().toInstant()
        : now.isAfter(certificate.getNotAfter().toInstant())
            ? "expired at " + certificate.getNotAfter().toInstant()
            : null;
  }

  /// Passes the paths from this CA to the client's certificate to `judge`, until it accepts one. In
  /// a path, the CA is the first certificate. All signatures of a path are valid, and each
  /// certificate below the CA satisfies the profile. Returns false if `judge` accepted none.
  boolean descend(X509Certificate ca, Predicate<List<X509Certificate>> judge) {
    Deque<Link> path = new ArrayDeque<>();
    path.addLast(Link.of(ca));
    return descend(path, judge);
  }

  private boolean descend(Deque<Link> path, Predicate<List<X509Certificate>> judge) {
    Link lowest = path.getLast();
    if (issued(lowest, leaf)) {
      if (paths == MAX_PATHS) {
        cause = "its chain has too many paths";
        return false;
      }
      paths++;
      List<X509Certificate> whole = new ArrayList<>();
      path.forEach(link -> whole.add(link.certificate));
      whole.add(leaf.certificate);
      if (judge.test(whole)) {
        return true;
      }
    }
    for (Link next : above) {
      // RFC 4158 §2.4.1: a path contains a CA with the same name and key only once.
      if (path.stream().noneMatch(next::isSameCaAs) && issued(lowest, next)) {
        path.addLast(next);
        if (descend(path, judge)) {
          return true;
        }
        path.removeLast();
      }
    }
    return false;
  }

  private boolean issued(Link issuer, Link below) {
    return issuer.mayHaveIssued(below)
        && verified.computeIfAbsent(new Step(issuer, below), this::verify);
  }

  private boolean verify(Step step) {
    if (signatures == MAX_SIGNATURES || wrongSignatures == MAX_WRONG_SIGNATURES) {
      cause = "its chain needs too many signatures, or too many of them are invalid";
      return false;
    }
    signatures++;
    try {
      step.below.certificate.verify(step.issuer.certificate.getPublicKey());
    } catch (GeneralSecurityException | RuntimeException notBy) {
      wrongSignatures++;
      cause = "a signature of its chain is invalid";
      return false;
    }
    String fault =
        step.below.equals(leaf)
            ? null
            : fault(step.below.certificate, CertificateProfile.Role.INTERMEDIATE);
    if (fault != null) {
      cause = "a certificate above it " + fault;
    }
    return fault == null;
  }

  /// The client's certificate, as the JDK parses it.
  X509Certificate leaf() {
    return leaf.certificate;
  }

  /// The reason why no path was found, for operators: the last fault that the search met.
  String cause() {
    return cause;
  }

  /// How many signatures were verified so far.
  int signatures() {
    return signatures;
  }
}
