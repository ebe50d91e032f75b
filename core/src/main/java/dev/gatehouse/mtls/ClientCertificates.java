package dev.gatehouse.mtls;

import dev.gatehouse.PeerCertificates;
import dev.gatehouse.RootCredential;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Standing;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.Credentials;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.signing.PublicKeyDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Registers, issues, renews and revokes client certificates. Thread-safe; every call may block.
public final class ClientCertificates extends Credentials<StoredClientCertificate> {

  /// How long a certificate lasts when nothing else is said.
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

  private static final Duration MAX_LIFETIME = Duration.ofDays(2 * 365);

  private final ClientCertificateStore store;
  private final CurrentClientTrust trust;
  private final @Nullable CertificateIssuer issuer;
  private final String trustDomain;
  private final Clock clock;

  /// Keeps registrations in that store.
  ///
  /// @param issuer the own CA; null: the gate issues nothing
  /// @param trustDomain of the SPIFFE IDs of what it issues
  public ClientCertificates(
      ClientCertificateStore store,
      Accounts accounts,
      CurrentClientTrust trust,
      @Nullable CertificateIssuer issuer,
      String trustDomain,
      Clock clock) {
    super(StoredClientCertificate.KIND, store, accounts, clock);
    this.store = store;
    this.trust = trust;
    this.issuer = issuer;
    this.trustDomain = trustDomain;
    this.clock = clock;
    spiffeId("check"); // a trust domain that is none is refused at once
  }

  /// Issues a certificate for that key, whose possession was proved. It ends when the request says,
  /// or after 90 days; at the latest after two years.
  public CredentialIssuance<StoredClientCertificate> issue(
      CredentialRequest request, PublicKey key) {
    return issue(request, draft -> certified(draft, key));
  }

  /// Issues a successor for another key than the certificate's, with the same owner, scopes,
  /// networks and rate; the certificate itself works on for the overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: as long after now as the certificate's own
  ///   life was
  public CredentialIssuance<StoredClientCertificate> renew(
      String id, PublicKey key, Duration overlap, @Nullable Instant expiresAt) {
    return rotate(
        id,
        overlap,
        expiresAt,
        (old, draft) -> {
          StoredClientCertificate.Issued issued = old.material().issued();
          if (issued == null) {
            return new Making.Unfit<>("another CA issued it: ask that one for a new certificate");
          }
          return isOfKey(issued, key)
              ? new Making.Unfit<>(
                  "a renewal is for another key, and the request is for the key of the certificate"
                      + " that it renews")
              : certified(draft, key);
        });
  }

  /// Registers what another CA vouches for.
  ///
  /// @param ca the id of a client CA that is configured
  public CredentialIssuance<StoredClientCertificate> register(
      CredentialRequest request, String ca, CertificateName identity) {
    if (trust.current().ca(ca) == null) {
      return new CredentialIssuance.Refused<>("there is no client CA '" + ca + "'");
    }
    if (isOwn(ca)) {
      return new CredentialIssuance.Refused<>(
          "what the gate's own CA issues is registered when it is issued");
    }
    try {
      return issue(request, draft -> registered(draft, ca, identity));
    } catch (IllegalArgumentException taken) {
      return new CredentialIssuance.Refused<>(
          "'" + identity + "' is registered already under that CA");
    }
  }

  private Making<StoredClientCertificate> registered(
      Draft draft, String ca, CertificateName identity) {
    Optional<String> decided =
        identity.kind() == CertificateName.Kind.FINGERPRINT
            ? decidedBy(identity, ca)
            : Optional.empty();
    return decided.isPresent()
        ? new Making.Unfit<>(
            "that certificate is registered as "
                + decided.get()
                + ", or was: a revoked one stays revoked")
        : new Making.Made<>(new StoredClientCertificate(ca, identity, null), draft.terms(), null);
  }

  // A certificate is registered by its fingerprint once under a CA, and is revoked under all.
  private Optional<String> decidedBy(CertificateName fingerprint, String ca) {
    return store.underAnyCa(fingerprint).stream()
        .map(OwnedCredential::credential)
        .filter(one -> one.material().ca().equals(ca) || one.revokedAt() != null)
        .map(IssuedCredential::id)
        .findFirst();
  }

  private boolean isOwn(String ca) {
    return store.ownCas().stream().anyMatch(own -> own.id().equals(ca));
  }

  private Making<StoredClientCertificate> certified(Draft draft, PublicKey key) {
    if (issuer == null) {
      return new Making.Unfit<>("the gate is no CA: set ownCa under methods, mtls");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant wanted = draft.terms().expiresAt();
    Instant end = wanted == null ? now.plus(DEFAULT_LIFETIME) : wanted;
    if (end.isAfter(now.plus(MAX_LIFETIME))) {
      return new Making.Unfit<>("a certificate lasts at most " + MAX_LIFETIME.toDays() + " days");
    }
    X509Certificate issued =
        issuer.issue(key, draft.id(), spiffeId(draft.owner()), end.truncatedTo(ChronoUnit.SECONDS));
    // What this gate would refuse is not worth having: a weak key, above all.
    if (trust.current().validate(List.of(issued), clock.instant())
        instanceof ChainVerdict.Invalid(String cause)) {
      return new Making.Unfit<>(cause);
    }
    byte[] der = CertificateEncoding.der(issued);
    Instant notAfter = issued.getNotAfter().toInstant();
    return new Making.Made<>(
        new StoredClientCertificate(
            issuer.ca().id(),
            CertificateName.fingerprint(der),
            new StoredClientCertificate.Issued(
                issued.getSerialNumber().toString(16), notAfter, pem(der))),
        draft.terms().endingBy(notAfter),
        null);
  }

  private CertificateName spiffeId(String owner) {
    return CertificateName.of(
        CertificateName.Kind.SPIFFE, "spiffe://" + trustDomain + "/account/" + owner);
  }

  private static boolean isOfKey(StoredClientCertificate.Issued issued, PublicKey key) {
    String base64 = issued.pem().replaceAll("-----[A-Z ]+-----", "");
    X509Certificate certificate = CertificateEncoding.parse(Base64.getMimeDecoder().decode(base64));
    return PublicKeyDigest.of(certificate.getPublicKey()).equals(PublicKeyDigest.of(key));
  }

  // RFC 7468 §3.
  private static String pem(byte[] der) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }

  /// What a token keeps of the certificates with which its client has just proved that
  /// registration: [#standing] asks for it. Empty when they are not good now. Takes the CPU of some
  /// signatures.
  public Optional<String> certificationPath(String id, PeerCertificates shown) {
    return trust.current().validate(shown.chain(), clock.instant())
            instanceof ChainVerdict.Valid good
        ? store
            .byId(id)
            .flatMap(owned -> good.path(owned.credential().material().ca()))
            .map(path -> CertificationPath.of(path.certificates()).toString())
        : Optional.empty();
  }

  /// What the registration of that id stands for now, for the holder of a token that was issued on
  /// its strength. Empty when there is none, when it was revoked, when its CA is not trusted any
  /// more, and when a list names a certificate of the path.
  ///
  /// Does not look at times: the token ends with the path.
  ///
  /// @param path of the certificate with which the token was obtained, as [#certificationPath]
  ///   said; null or no path: empty is returned
  public Optional<Standing> standing(String id, @Nullable String path) {
    return store
        .byId(id)
        .filter(owned -> owned.credential().revokedAt() == null)
        .filter(owned -> stillTrusts(path, owned.credential().material().ca()))
        // Of which key it was, neither says.
        .map(owned -> owned.standing(RootCredential.ofUnknownKeyPair()));
  }

  private boolean stillTrusts(@Nullable String path, String ca) {
    try {
      return path != null && trust.current().stillTrusts(CertificationPath.parse(path), ca);
    } catch (IllegalArgumentException noPath) {
      return false;
    }
  }
}
