package dev.gatehouse.mtls;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.Standing;
import dev.gatehouse.secret.RandomIds;
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

  /// How long a certificate lasts when nothing else is said.
  public static final Duration DEFAULT_LIFE = Duration.ofDays(90);

  /// How long two certificates work side by side when a renewal says nothing else.
  public static final Duration DEFAULT_OVERLAP = Duration.ofDays(1);

  private static final Duration MAX_LIFE = Duration.ofDays(2 * 365);
  private static final Duration MAX_OVERLAP = Duration.ofDays(90);
  private static final Instant LATEST_END = Instant.parse("9999-12-31T23:59:59Z");
  private static final String ID_PREFIX = "c_";
  private static final int MAX_NAME = 100;
  private static final int MAX_NETWORKS = 64;
  private static final int MAX_PER_MINUTE = 10_000_000;

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
      case Checked.Right(Account owner, Scopes scopes) -> {
        Made made =
            make(
                key,
                owner.id(),
                request.name(),
                scopes,
                request.expiresAt(),
                request.networks(),
                request.requestsPerMinute());
        if (made.certificate == null) {
          yield new Registration.Refused(made.why);
        }
        store.add(made.certificate);
        yield new Registration.Registered(made.certificate);
      }
    };
  }

  /// Issues a successor for another key, with the same owner, scopes and limits; the certificate
  /// itself works on for the overlap, and then ends.
  ///
  /// @param expiresAt when the successor ends; null: 90 days from now
  public Registration renew(
      String id, PublicKey key, Duration overlap, @Nullable Instant expiresAt) {
    if (overlap.isNegative() || overlap.compareTo(MAX_OVERLAP) > 0) {
      return new Registration.Refused(
          "an overlap lasts from 0 to " + MAX_OVERLAP.toDays() + " days");
    }
    StoredClientCertificate old = store.byId(id).orElse(null);
    if (old == null) {
      return new Registration.NotFound();
    }
    if (old.issued() == null) {
      return new Registration.Refused("another CA issued it: ask that one for a new certificate");
    }
    Instant now = now();
    if (old.expiresAt() != null && !now.isBefore(old.expiresAt())) {
      return new Registration.Refused(
          "the certificate expired at " + old.expiresAt() + "; issue a new one");
    }
    Optional<String> wrongEnd = wrongEnd(expiresAt);
    if (wrongEnd.isPresent()) {
      return new Registration.Refused(wrongEnd.get());
    }
    Made made =
        make(
            key,
            old.owner(),
            old.name(),
            old.scopes(),
            expiresAt,
            old.networks(),
            old.requestsPerMinute());
    if (made.certificate == null) {
      return new Registration.Refused(made.why);
    }
    return store.renew(id, now.plus(overlap), made.certificate)
        ? new Registration.Registered(made.certificate)
        : new Registration.Refused("the certificate is revoked, or has a successor already");
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
      case Checked.Right(Account owner, Scopes scopes) -> {
        List<ClientCertificateStore.Owned> there = store.byNames(ca, List.of(identity));
        if (identity.kind() == CertificateName.Kind.FINGERPRINT && !there.isEmpty()) {
          yield new Registration.Refused(
              "that certificate is registered as "
                  + there.getFirst().certificate().id()
                  + ", or was: a revoked one stays revoked");
        }
        StoredClientCertificate certificate =
            new StoredClientCertificate(
                RandomIds.next(ID_PREFIX),
                owner.id(),
                request.name(),
                ca,
                identity,
                null,
                scopes,
                millis(request.expiresAt()),
                request.networks(),
                request.requestsPerMinute(),
                now(),
                null,
                null,
                null);
        try {
          store.add(certificate);
        } catch (IllegalArgumentException taken) {
          yield new Registration.Refused("'" + identity + "' is registered already under that CA");
        }
        yield new Registration.Registered(certificate);
      }
    };
  }

  private boolean isOwn(String ca) {
    return store.authorities().stream().anyMatch(own -> own.id().equals(ca));
  }

  private record Made(@Nullable StoredClientCertificate certificate, String why) {}

  private Made make(
      PublicKey key,
      String owner,
      String name,
      Scopes scopes,
      @Nullable Instant expiresAt,
      List<Network> networks,
      @Nullable Integer requestsPerMinute) {
    if (issuer == null) {
      return new Made(null, "the gate is no CA: set ownCa under methods, mtls");
    }
    Instant now = now();
    Instant end =
        (expiresAt == null ? now.plus(DEFAULT_LIFE) : expiresAt).truncatedTo(ChronoUnit.SECONDS);
    if (end.isAfter(now.plus(MAX_LIFE))) {
      return new Made(null, "a certificate lasts at most " + MAX_LIFE.toDays() + " days");
    }
    String id = RandomIds.next(ID_PREFIX);
    X509Certificate issued = issuer.issue(key, id, spiffeId(owner), end);
    // What this gate would refuse is not worth having: a weak key, above all.
    if (trust.trust().judge(List.of(issued), clock.instant())
        instanceof ChainVerdict.Bad(String cause)) {
      return new Made(null, cause);
    }
    byte[] der = PresentedChain.der(issued);
    Instant notAfter = issued.getNotAfter().toInstant();
    return new Made(
        new StoredClientCertificate(
            id,
            owner,
            name,
            issuer.ca().id(),
            CertificateName.fingerprint(der),
            new StoredClientCertificate.Issued(
                issued.getSerialNumber().toString(16), notAfter, pem(der)),
            scopes,
            notAfter,
            networks,
            requestsPerMinute,
            now,
            null,
            null,
            null),
        "");
  }

  private CertificateName spiffeId(String owner) {
    return CertificateName.of(
        CertificateName.Kind.SPIFFE, "spiffe://" + trustDomain + "/account/" + owner);
  }

  // RFC 7468 §3.
  private static String pem(byte[] der) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
        + "\n-----END CERTIFICATE-----\n";
  }

  /// What the registration of that id stands for now, for whoever holds a token that was issued on
  /// its strength; empty when there is none or it was revoked.
  public Optional<Standing> standing(String id) {
    return store
        .byId(id)
        .filter(one -> one.revokedAt() == null)
        .flatMap(
            one ->
                accounts
                    .find(one.owner())
                    .map(
                        owner ->
                            new Standing(
                                owner,
                                one.scopes(),
                                one.expiresAt(),
                                one.networks(),
                                one.requestsPerMinute())));
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
    record Right(Account owner, Scopes scopes) implements Checked {}

    record Wrong(String why) implements Checked {}
  }

  private Checked checked(Request request) {
    Optional<Account> owner = accounts.find(request.owner());
    if (owner.isEmpty()) {
      return new Checked.Wrong("there is no account '" + request.owner() + "'");
    }
    Scopes granted = accounts.scopesOf(owner.get());
    Scopes scopes = request.scopes() == null ? granted : request.scopes();
    return wrongWith(request, owner.get(), scopes, granted)
        .<Checked>map(Checked.Wrong::new)
        .orElseGet(() -> new Checked.Right(owner.get(), scopes));
  }

  private Optional<String> wrongWith(
      Request request, Account owner, Scopes scopes, Scopes granted) {
    if (owner.disabled()) {
      return Optional.of("the account '" + owner.name() + "' is disabled");
    }
    if (request.name().isBlank()
        || request.name().length() > MAX_NAME
        || request.name().chars().anyMatch(Character::isISOControl)) {
      return Optional.of("a certificate's name has 1 to " + MAX_NAME + " characters");
    }
    if (!granted.containsAll(scopes)) {
      return Optional.of(
          "'" + owner.name() + "' has not the scope " + scopes.minus(granted) + " itself");
    }
    Optional<String> wrongEnd = wrongEnd(request.expiresAt());
    if (wrongEnd.isPresent()) {
      return wrongEnd;
    }
    if (request.networks().size() > MAX_NETWORKS) {
      return Optional.of("a certificate has at most " + MAX_NETWORKS + " networks");
    }
    Integer perMinute = request.requestsPerMinute();
    if (perMinute != null && (perMinute < 1 || perMinute > MAX_PER_MINUTE)) {
      return Optional.of("a rate limit is 1 to " + MAX_PER_MINUTE + " requests a minute");
    }
    return Optional.empty();
  }

  private Optional<String> wrongEnd(@Nullable Instant expiresAt) {
    if (expiresAt == null) {
      return Optional.empty();
    }
    if (!expiresAt.truncatedTo(ChronoUnit.MILLIS).isAfter(clock.instant())) {
      return Optional.of("the expiry lies in the past");
    }
    return expiresAt.isAfter(LATEST_END)
        ? Optional.of("the expiry lies behind the year 9999")
        : Optional.empty();
  }

  private static @Nullable Instant millis(@Nullable Instant instant) {
    return instant == null ? null : instant.truncatedTo(ChronoUnit.MILLIS);
  }

  // Stores keep milliseconds: what is answered is what will be read back.
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }
}
