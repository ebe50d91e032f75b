package dev.gatehouse.mtls;

import dev.gatehouse.Network;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.RootCredential;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.CredentialTerms;
import dev.gatehouse.account.Standing;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.signing.PublicKeyDigest;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Registers, issues, renews and revokes client certificates. Thread-safe; every call may block.
public final class ClientCertificates {

  /// What the public ids of registrations begin with.
  public static final String ID_PREFIX = "c_";

  /// How long a certificate lasts when nothing else is said.
  public static final Duration DEFAULT_LIFE = Duration.ofDays(90);

  private static final Duration MAX_LIFE = Duration.ofDays(2 * 365);

  /// What a registration shall be.
  ///
  /// @param owner name or id of the account that it acts for
  /// @param scopes at most the owner's; null: all that the owner has now
  /// @param expiresAt null: 90 days for what is issued here, else when the certificate ends
  public record Request(
      String owner,
      String name,
      @Nullable Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute) {}

  /// What came of it.
  public sealed interface Registration {

    /// It stands.
    record Registered(StoredClientCertificate certificate) implements Registration {}

    /// It does not.
    record Refused(String why) implements Registration {}

    /// There is no such registration.
    record NotFound() implements Registration {}
  }

  private final ClientCertificateStore store;
  private final Accounts accounts;
  private final CurrentTrust trust;
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
      CurrentTrust trust,
      @Nullable CertificateIssuer issuer,
      String trustDomain,
      Clock clock) {
    this.store = store;
    this.accounts = accounts;
    this.trust = trust;
    this.issuer = issuer;
    this.trustDomain = trustDomain;
    this.clock = clock;
    spiffeId("check"); // a trust domain that is none is refused at once
  }

  /// Issues a certificate for that key, whose possession was proved.
  public Registration issue(Request request, PublicKey key) {
    return switch (checked(request)) {
      case Checked.Wrong(String why) -> new Registration.Refused(why);
      case Checked.Right(Account owner, CredentialTerms terms) ->
          switch (make(key, owner.id(), terms)) {
            case Registration.Registered made -> {
              store.add(made.certificate());
              yield made;
            }
            case Registration refused -> refused;
          };
    };
  }

  /// Issues a successor for another key than the certificate's, with the same owner, scopes and
  /// limits; the certificate itself works on for the overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: as long after now as the certificate's own
  ///   life was
  public Registration renew(
      String id, PublicKey key, Duration overlap, @Nullable Instant expiresAt) {
    StoredClientCertificate old = store.byId(id).orElse(null);
    if (old == null) {
      return new Registration.NotFound();
    }
    StoredClientCertificate.Issued issued = old.issued();
    if (issued == null) {
      return new Registration.Refused("another CA issued it: ask that one for a new certificate");
    }
    if (isOfKey(issued, key)) {
      return new Registration.Refused(
          "a renewal is for another key, and the request is for the key of the certificate that it"
              + " renews");
    }
    Instant now = now();
    CredentialTerms terms =
        new CredentialTerms(
            old.name(), old.scopes(), old.expiresAt(), old.networks(), old.requestsPerMinute());
    CredentialTerms renewed = terms.renewed(old.createdAt(), expiresAt, now);
    Optional<String> wrong =
        CredentialTerms.wrongOverlap(overlap)
            .or(
                () ->
                    terms.wrongSuccession("the certificate", old.revokedAt(), old.successor(), now))
            .or(() -> renewed.wrongEnd(now));
    if (wrong.isPresent()) {
      return new Registration.Refused(wrong.get());
    }
    return switch (make(key, old.owner(), renewed)) {
      case Registration.Registered made ->
          store.renew(id, now.plus(overlap), made.certificate())
              ? made
              : new Registration.Refused("the certificate was revoked or replaced just now");
      case Registration refused -> refused;
    };
  }

  /// Registers what another CA vouches for.
  ///
  /// @param ca the id of a client CA that is configured
  public Registration register(Request request, String ca, CertificateName identity) {
    if (trust.trust().ca(ca) == null) {
      return new Registration.Refused("there is no client CA '" + ca + "'");
    }
    if (isOwn(ca)) {
      return new Registration.Refused(
          "what the gate's own CA issues is registered when it is issued");
    }
    return switch (checked(request)) {
      case Checked.Wrong(String why) -> new Registration.Refused(why);
      case Checked.Right(Account owner, CredentialTerms terms) -> {
        Optional<String> decided =
            identity.kind() == CertificateName.Kind.FINGERPRINT
                ? decidedBy(identity, ca)
                : Optional.empty();
        if (decided.isPresent()) {
          yield new Registration.Refused(
              "that certificate is registered as "
                  + decided.get()
                  + ", or was: a revoked one stays revoked");
        }
        StoredClientCertificate certificate =
            stored(RandomIds.next(ID_PREFIX), owner.id(), ca, identity, null, terms);
        try {
          store.add(certificate);
        } catch (IllegalArgumentException taken) {
          yield new Registration.Refused("'" + identity + "' is registered already under that CA");
        }
        yield new Registration.Registered(certificate);
      }
    };
  }

  // A certificate is registered by its fingerprint once under a CA, and is revoked under all.
  private Optional<String> decidedBy(CertificateName fingerprint, String ca) {
    return store.underAnyCa(fingerprint).stream()
        .map(ClientCertificateStore.Owned::certificate)
        .filter(one -> one.ca().equals(ca) || one.revokedAt() != null)
        .map(StoredClientCertificate::id)
        .findFirst();
  }

  private boolean isOwn(String ca) {
    return store.authorities().stream().anyMatch(own -> own.id().equals(ca));
  }

  private Registration make(PublicKey key, String owner, CredentialTerms terms) {
    if (issuer == null) {
      return new Registration.Refused("the gate is no CA: set ownCa under methods, mtls");
    }
    Instant now = now();
    Instant end = terms.expiresAt() == null ? now.plus(DEFAULT_LIFE) : terms.expiresAt();
    if (end.isAfter(now.plus(MAX_LIFE))) {
      return new Registration.Refused("a certificate lasts at most " + MAX_LIFE.toDays() + " days");
    }
    String id = RandomIds.next(ID_PREFIX);
    X509Certificate issued =
        issuer.issue(key, id, spiffeId(owner), end.truncatedTo(ChronoUnit.SECONDS));
    // What this gate would refuse is not worth having: a weak key, above all.
    if (trust.trust().judge(List.of(issued), clock.instant())
        instanceof ChainVerdict.Bad(String cause)) {
      return new Registration.Refused(cause);
    }
    byte[] der = PresentedChain.der(issued);
    Instant notAfter = issued.getNotAfter().toInstant();
    return new Registration.Registered(
        stored(
            id,
            owner,
            issuer.ca().id(),
            CertificateName.fingerprint(der),
            new StoredClientCertificate.Issued(
                issued.getSerialNumber().toString(16), notAfter, pem(der)),
            new CredentialTerms(
                terms.name(),
                terms.scopes(),
                notAfter,
                terms.networks(),
                terms.requestsPerMinute())));
  }

  private StoredClientCertificate stored(
      String id,
      String owner,
      String ca,
      CertificateName identity,
      StoredClientCertificate.@Nullable Issued issued,
      CredentialTerms terms) {
    return new StoredClientCertificate(
        id,
        owner,
        terms.name(),
        ca,
        identity,
        issued,
        terms.scopes(),
        terms.expiresAt(),
        terms.networks(),
        terms.requestsPerMinute(),
        now(),
        null,
        null,
        null);
  }

  private CertificateName spiffeId(String owner) {
    return CertificateName.of(
        CertificateName.Kind.SPIFFE, "spiffe://" + trustDomain + "/account/" + owner);
  }

  private static boolean isOfKey(StoredClientCertificate.Issued issued, PublicKey key) {
    String base64 = issued.pem().replaceAll("-----[A-Z ]+-----", "");
    X509Certificate certificate =
        PresentedChain.certificate(Base64.getMimeDecoder().decode(base64));
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
  public Optional<String> path(String id, PeerCertificates shown) {
    return trust.trust().judge(shown.chain(), clock.instant()) instanceof ChainVerdict.Good good
        ? store
            .byId(id)
            .flatMap(one -> good.path(one.ca()))
            .map(path -> CertificationPath.of(path.certificates()).toString())
        : Optional.empty();
  }

  /// What the registration of that id stands for now, for the holder of a token that was issued on
  /// its strength. Empty when there is none, when it was revoked, when its CA is not trusted any
  /// more, and when a list names a certificate of the path.
  ///
  /// Does not look at times: the token ends with the path.
  ///
  /// @param path of the certificate with which the token was obtained, as [#path] said; null or no
  ///   path: empty is returned
  public Optional<Standing> standing(String id, @Nullable String path) {
    return store
        .byId(id)
        .filter(one -> one.revokedAt() == null && stillLeads(path, one.ca()))
        .flatMap(
            one ->
                accounts
                    .find(one.owner())
                    .map(
                        owner ->
                            new Standing(
                                // Of which key it was, neither says.
                                RootCredential.ofUnknownKeyPair(),
                                owner,
                                one.scopes(),
                                one.expiresAt(),
                                one.networks(),
                                one.requestsPerMinute())));
  }

  private boolean stillLeads(@Nullable String path, String ca) {
    try {
      return path != null && trust.trust().stillLeads(CertificationPath.parse(path), ca);
    } catch (IllegalArgumentException noPath) {
      return false;
    }
  }

  /// Revokes the registration, at once and for good; false when there is none or it was revoked
  /// before.
  public boolean revoke(String id) {
    return store.revoke(id, now());
  }

  /// The registration of that id.
  public Optional<StoredClientCertificate> find(String id) {
    return store.byId(id);
  }

  /// Up to `limit` registrations, of that owner's id or (null) of all, behind that id, in their
  /// order.
  public List<StoredClientCertificate> list(
      @Nullable String owner, @Nullable String afterId, int limit) {
    return store.list(owner, afterId, limit);
  }

  /// Notes when registrations were last used; ids of anything else are passed over.
  public void touch(Map<String, Instant> lastUsed) {
    Map<String, Instant> certificates = new HashMap<>(lastUsed);
    certificates.keySet().removeIf(id -> !id.startsWith(ID_PREFIX));
    if (!certificates.isEmpty()) {
      store.touch(certificates);
    }
  }

  private sealed interface Checked {
    record Right(Account owner, CredentialTerms terms) implements Checked {}

    record Wrong(String why) implements Checked {}
  }

  private Checked checked(Request request) {
    Optional<Account> owner = accounts.find(request.owner());
    if (owner.isEmpty()) {
      return new Checked.Wrong("there is no account '" + request.owner() + "'");
    }
    Scopes granted = accounts.scopesOf(owner.get());
    CredentialTerms terms =
        new CredentialTerms(
            request.name(),
            request.scopes() == null ? granted : request.scopes(),
            request.expiresAt(),
            request.networks(),
            request.requestsPerMinute());
    return terms
        .wrongFor(owner.get(), granted, clock.instant())
        .<Checked>map(Checked.Wrong::new)
        .orElseGet(() -> new Checked.Right(owner.get(), terms));
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
