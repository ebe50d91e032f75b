package dev.gatehouse.mtls;

import dev.gatehouse.PeerCertificates;
import dev.gatehouse.RootCredential;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.ParentCredential;
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

/// Registers, issues, renews and revokes client certificates.
///
/// The lifecycle is that of every issued credential: see [Credentials]. A registration is either
/// for a certificate of the gate's own CA, or for a name under another client CA. Thread-safe; each
/// method may block, and throws [dev.gatehouse.StoreUnavailableException] if the store does not
/// answer.
public final class ClientCertificates extends Credentials<StoredClientCertificate> {

  /// The lifetime of an issued certificate if the request names no end: 90 days.
  public static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

  private static final Duration MAX_LIFETIME = Duration.ofDays(2 * 365);

  private final ClientCertificateStore store;
  private final CurrentClientTrust trust;
  private final @Nullable CertificateIssuer issuer;
  private final String trustDomain;
  private final Clock clock;

  /// A service that keeps its registrations in this store. Throws [IllegalArgumentException] if the
  /// trust domain is malformed.
  ///
  /// @param trust the client CAs in force
  /// @param issuer the gate's own CA; null: the gate issues no certificates
  /// @param trustDomain the trust domain of the SPIFFE IDs in issued certificates
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
    spiffeId("check"); // Throws if the trust domain is malformed.
  }

  /// Issues a certificate for this key. It ends at the end that the request names, or after
  /// [#DEFAULT_LIFETIME]. Refuses an end after more than two years, and a certificate that the gate
  /// itself would not accept, for example for a weak key.
  ///
  /// Does not check whether the client has the private key: the caller has verified that.
  public CredentialIssuance<StoredClientCertificate> issue(
      CredentialRequest request, PublicKey key) {
    return issue(request, draft -> certified(draft, key));
  }

  /// Issues a successor with another key and the same owner, scopes, networks and rate. The
  /// certificate with this id stays valid for the overlap, and then ends. Refuses a certificate of
  /// another CA, and a successor with the same key.
  ///
  /// @param expiresAt when the successor ends; null: its lifetime is that of the certificate
  public CredentialIssuance<StoredClientCertificate> renew(
      String id, PublicKey key, Duration overlap, @Nullable Instant expiresAt) {
    return rotate(
        id,
        overlap,
        expiresAt,
        (old, draft) -> {
          StoredClientCertificate.Issued issued = old.material().issued();
          if (issued == null) {
            return new NewMaterial.Refused<>(
                "another CA issued it: ask that one for a new certificate");
          }
          return isOfKey(issued, key)
              ? new NewMaterial.Refused<>(
                  "a renewal is for another key, and the request is for the key of the certificate"
                      + " that it renews")
              : certified(draft, key);
        });
  }

  /// Registers a certificate, or all certificates with a name, of a client CA that is not the
  /// gate's own. Refuses an unknown CA, the gate's own CA, a name that is registered already under
  /// this CA, and a fingerprint that was revoked.
  ///
  /// @param ca the id of a configured client CA
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

  private NewMaterial<StoredClientCertificate> registered(
      Draft draft, String ca, CertificateName identity) {
    Optional<String> decided =
        identity.kind() == CertificateName.Kind.FINGERPRINT
            ? decidedBy(identity, ca)
            : Optional.empty();
    return decided.isPresent()
        ? new NewMaterial.Refused<>(
            "that certificate is registered as "
                + decided.get()
                + ", or was: a revoked one stays revoked")
        : new NewMaterial.Made<>(
            new StoredClientCertificate(ca, identity, null), draft.terms(), null);
  }

  // A fingerprint is registered once for each CA. A revocation counts for all CAs.
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

  private NewMaterial<StoredClientCertificate> certified(Draft draft, PublicKey key) {
    if (issuer == null) {
      return new NewMaterial.Refused<>("the gate is no CA: set ownCa under methods, mtls");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    Instant wanted = draft.terms().expiresAt();
    Instant end = wanted == null ? now.plus(DEFAULT_LIFETIME) : wanted;
    if (end.isAfter(now.plus(MAX_LIFETIME))) {
      return new NewMaterial.Refused<>(
          "a certificate lasts at most " + MAX_LIFETIME.toDays() + " days");
    }
    X509Certificate issued =
        issuer.issue(key, draft.id(), spiffeId(draft.owner()), end.truncatedTo(ChronoUnit.SECONDS));
    // Refuses a certificate that this gate would not accept, for example one with a weak key.
    if (trust.current().validate(List.of(issued), clock.instant())
        instanceof ChainVerdict.Invalid(String cause)) {
      return new NewMaterial.Refused<>(cause);
    }
    byte[] der = CertificateEncoding.der(issued);
    Instant notAfter = issued.getNotAfter().toInstant();
    return new NewMaterial.Made<>(
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

  /// Returns the text form of the path with which a client has just authenticated. A token that is
  /// issued to the client stores it, for [#standing]. Empty if the chain is not valid now, or does
  /// not lead to the CA of the registration. Verifies a few signatures.
  ///
  /// @param id the id of the registration
  public Optional<String> certificationPath(String id, PeerCertificates shown) {
    return trust.current().validate(shown.chain(), clock.instant())
            instanceof ChainVerdict.Valid good
        ? store
            .byId(id)
            .flatMap(owned -> good.path(owned.credential().material().ca()))
            .map(path -> CertificationPath.of(path.certificates()).toString())
        : Optional.empty();
  }

  /// Returns what the registration with this id allows now to the holder of a token that was issued
  /// for it. Empty if the registration does not exist or was revoked, if its CA is not trusted any
  /// more, or if a list of revoked certificates names a certificate of the path.
  ///
  /// Does not check times: the token expires when the path expires.
  ///
  /// @param path the [#certificationPath] of the certificate with which the token was obtained;
  ///   null or malformed: the result is empty
  public Optional<ParentCredential> standing(String id, @Nullable String path) {
    return store
        .byId(id)
        .filter(owned -> owned.credential().revokedAt() == null)
        .filter(owned -> stillTrusts(path, owned.credential().material().ca()))
        // Neither the registration nor the path says which key the client used.
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
