package dev.gatehouse.mtls;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.jspecify.annotations.Nullable;

/// The client CAs and their lists of revoked certificates, as they were read at one time; judges
/// chains by them (RFC 5280 §6). Immutable and thread-safe; asks nobody else, and takes the CPU of
/// some signatures.
public final class ClientTrust {

  /// No client CA: no chain is good.
  public static final ClientTrust NONE = new ClientTrust(List.of(), List.of());

  // How many signatures and how many ways up a chain costs at most.
  private static final int MAX_SIGNATURES = 24;
  private static final int MAX_PATHS = 8;

  private final List<ClientCa> cas;
  private final List<RevocationList> lists;
  private final KeyPurposeId purpose;
  private final List<String> notes;

  /// Trusts those CAs as far as their lists let it. A list of which none of them is the issuer
  /// counts where a chain shows the CA that signed it.
  ///
  /// Throws [IllegalArgumentException] when a list is signed by a CA that may not sign lists: its
  /// certificates could not be judged.
  public ClientTrust(List<ClientCa> cas, List<RevocationList> lists) {
    this(cas, lists, KeyPurposeId.id_kp_clientAuth);
  }

  ClientTrust(List<ClientCa> cas, List<RevocationList> lists, KeyPurposeId purpose) {
    this.cas = List.copyOf(cas);
    this.lists = List.copyOf(lists);
    this.purpose = purpose;
    List<String> said = new ArrayList<>();
    for (RevocationList list : lists) {
      note(list, said);
    }
    this.notes = List.copyOf(said);
  }

  private void note(RevocationList list, List<String> said) {
    boolean named = false;
    for (ClientCa ca : cas) {
      named |= list.issuer().equals(ca.certificate().getSubjectX500Principal());
      if (list.isSignedBy(ca.certificate())) {
        if (!RevocationList.maySign(ca.certificate())) {
          throw new IllegalArgumentException(
              "the list of " + ca.name() + " is worth nothing: the CA has not the usage cRLSign");
        }
        return;
      }
    }
    said.add(
        named
            ? "The list of revoked certificates of "
                + list.issuer().getName()
                + " does not bear its CA's signature: it counts for nothing"
            : "The list of revoked certificates of "
                + list.issuer().getName()
                + " is of none of the client CAs: it counts only for chains that show its CA");
  }

  /// What an operator should know of what was read: one line each.
  public List<String> notes() {
    return notes;
  }

  /// The lists that refuse every certificate of their CA at that instant, since a newer one should
  /// have come: one line each.
  public List<String> overdue(Instant now) {
    return lists.stream()
        .filter(list -> !now.isBefore(list.nextUpdate()))
        .map(
            list ->
                "The list of revoked certificates of "
                    + list.issuer().getName()
                    + " should have been renewed by "
                    + list.nextUpdate()
                    + ": every certificate of that CA is refused")
        .toList();
  }

  /// The CAs.
  public List<ClientCa> cas() {
    return cas;
  }

  /// The CA of that id; null when it is none of these.
  public @Nullable ClientCa ca(String id) {
    return cas.stream().filter(ca -> ca.id().equals(id)).findFirst().orElse(null);
  }

  /// Judges a chain.
  ///
  /// @param presented the client's own first; what is above it, in any order
  public ChainVerdict judge(List<X509Certificate> presented, Instant now) {
    if (presented.isEmpty()) {
      return new ChainVerdict.Bad("there is no certificate");
    }
    if (presented.size() > PresentedChain.MAX_CERTIFICATES) {
      return new ChainVerdict.Bad(
          "more than " + PresentedChain.MAX_CERTIFICATES + " certificates were shown");
    }
    return new Climb(presented, now).judge();
  }

  /// One judgement: the ways up from the leaf, one after the other.
  private final class Climb {

    private final List<X509Certificate> presented;
    private final List<X509Certificate> intermediates = new ArrayList<>();
    // RFC 5280 §4.1.2.5: to the second, both ends included.
    private final Instant now;
    private final Deque<X509Certificate> path = new ArrayDeque<>();
    private String cause = "no client CA issued it";
    private int signatures;
    private int paths;

    Climb(List<X509Certificate> presented, Instant now) {
      this.presented = presented;
      this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    ChainVerdict judge() {
      X509Certificate leaf;
      try {
        leaf = read(presented.getFirst(), CertificateProfile.Role.LEAF);
      } catch (IllegalArgumentException fault) {
        return new ChainVerdict.Bad("the client's certificate " + fault.getMessage());
      }
      for (X509Certificate above : presented.subList(1, presented.size())) {
        try {
          X509Certificate read = read(above, CertificateProfile.Role.INTERMEDIATE);
          if (!intermediates.contains(read) && !read.equals(leaf)) {
            intermediates.add(read);
          }
        } catch (IllegalArgumentException fault) {
          cause = "a certificate above it " + fault.getMessage();
        }
      }
      path.addLast(leaf);
      ChainVerdict.Good good = climb(leaf);
      return good == null ? new ChainVerdict.Bad(cause) : good;
    }

    private X509Certificate read(X509Certificate shown, CertificateProfile.Role role) {
      byte[] der = PresentedChain.der(shown);
      X509Certificate read = PresentedChain.certificate(der);
      String fault = CertificateProfile.fault(read, der, role, purpose);
      if (fault == null) {
        fault = outOfTime(read);
      }
      if (fault != null) {
        throw new IllegalArgumentException(fault);
      }
      return read;
    }

    private @Nullable String outOfTime(X509Certificate certificate) {
      return now.isBefore(certificate.getNotBefore().toInstant())
          ? "is not good before " + certificate.getNotBefore().toInstant()
          : now.isAfter(certificate.getNotAfter().toInstant())
              ? "expired at " + certificate.getNotAfter().toInstant()
              : null;
    }

    private ChainVerdict.@Nullable Good climb(X509Certificate top) {
      for (ClientCa ca : cas) {
        if (issued(ca.certificate(), top)) {
          if (++paths > MAX_PATHS) {
            return null;
          }
          ChainVerdict.Good good = arrived(ca);
          if (good != null) {
            return good;
          }
        }
      }
      for (X509Certificate above : intermediates) {
        if (paths <= MAX_PATHS && !path.contains(above) && issued(above, top)) {
          path.addLast(above);
          ChainVerdict.Good good = climb(above);
          if (good != null) {
            return good;
          }
          path.removeLast();
        }
      }
      return null;
    }

    private boolean issued(X509Certificate issuer, X509Certificate certificate) {
      if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
          || !sameKeyIdentifier(issuer, certificate)) {
        return false;
      }
      if (++signatures > MAX_SIGNATURES) {
        cause = "its chain has too many ways";
        return false;
      }
      try {
        certificate.verify(issuer.getPublicKey());
        return true;
      } catch (GeneralSecurityException notBy) {
        cause = "a signature of its chain is wrong";
        return false;
      }
    }

    private ChainVerdict.@Nullable Good arrived(ClientCa ca) {
      String fault = outOfTime(ca.certificate());
      if (fault != null) {
        cause = "its CA, " + ca.name() + ", " + fault;
        return null;
      }
      List<X509Certificate> whole = new ArrayList<>(path);
      whole.add(ca.certificate());
      List<X509Certificate> downwards = whole.reversed();
      fault = tooLong(downwards);
      if (fault == null) {
        fault = NameBounds.brokenBy(downwards);
      }
      if (fault == null) {
        fault = notValid(ca);
      }
      if (fault == null) {
        fault = revoked(whole);
      }
      if (fault != null) {
        cause = fault;
        return null;
      }
      return new ChainVerdict.Good(path.getFirst(), ca, endOf(whole));
    }

    // RFC 5280 §6.1.4 (l), (m), the anchor's own length included, which the JDK does not look at.
    private @Nullable String tooLong(List<X509Certificate> downwards) {
      int left = Integer.MAX_VALUE;
      for (int i = 0; i + 1 < downwards.size(); i++) {
        X509Certificate ca = downwards.get(i);
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

    private @Nullable String notValid(ClientCa ca) {
      try {
        PKIXParameters parameters =
            new PKIXParameters(Set.of(new TrustAnchor(ca.certificate(), null)));
        // Lists are looked at below: the JDK would demand one of every CA, or ask for it outside.
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(now));
        CertPathValidator.getInstance("PKIX")
            .validate(
                CertificateFactory.getInstance("X.509").generateCertPath(new ArrayList<>(path)),
                parameters);
        return null;
      } catch (GeneralSecurityException refused) {
        return "its chain is not valid: " + refused.getMessage();
      }
    }

    private @Nullable String revoked(List<X509Certificate> whole) {
      for (int i = 0; i + 1 < whole.size(); i++) {
        X509Certificate issuer = whole.get(i + 1);
        for (RevocationList list : lists) {
          if (list.isSignedBy(issuer)) {
            String refusing =
                RevocationList.maySign(issuer)
                    ? list.refusing(whole.get(i), now)
                    : "has a CA that signs lists and may not";
            if (refusing != null) {
              return (i == 0 ? "the client's certificate: " : "a certificate above it: ")
                  + refusing;
            }
          }
        }
      }
      return null;
    }

    private Instant endOf(List<X509Certificate> whole) {
      Instant end = Instant.MAX;
      for (X509Certificate certificate : whole) {
        Instant over = certificate.getNotAfter().toInstant().plusSeconds(1);
        end = over.isBefore(end) ? over : end;
      }
      for (RevocationList list : lists) {
        for (X509Certificate issuer : whole.subList(1, whole.size())) {
          if (list.nextUpdate().isBefore(end) && list.isSignedBy(issuer)) {
            end = list.nextUpdate();
          }
        }
      }
      return end;
    }
  }

  // RFC 5280 §4.2.1.1: tells keys of one name apart. Only one of them is worth a signature's cost.
  private static boolean sameKeyIdentifier(X509Certificate issuer, X509Certificate certificate) {
    AuthorityKeyIdentifier wanted =
        AuthorityKeyIdentifier.fromExtensions(
            Certificate.getInstance(PresentedChain.der(certificate))
                .getTBSCertificate()
                .getExtensions());
    SubjectKeyIdentifier own =
        SubjectKeyIdentifier.fromExtensions(
            Certificate.getInstance(PresentedChain.der(issuer))
                .getTBSCertificate()
                .getExtensions());
    byte[] identifier = wanted == null ? null : wanted.getKeyIdentifierOctets();
    return identifier == null || own == null || Arrays.equals(identifier, own.getKeyIdentifier());
  }

  @Override
  public String toString() {
    return "ClientTrust[" + cas + ", " + lists + "]";
  }
}
