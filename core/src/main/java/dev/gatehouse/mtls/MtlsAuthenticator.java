package dev.gatehouse.mtls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
import dev.gatehouse.CredentialLocation;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.Reason;
import dev.gatehouse.RootCredential;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.credential.OwnedCredential;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.KeyedDigest;
import dev.gatehouse.signing.PublicKeyDigest;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Authenticates a client by its TLS certificate (mutual TLS).
///
/// The certificate belongs to the connection, but each request is checked by itself, against the
/// CAs, the lists and the registrations of that time. The TLS handshake has verified that the
/// client has the private key. A verification validates the chain and looks the certificate up by
/// its fingerprints. If it is not registered, there is one more look-up for each client CA to which
/// the chain leads. Thread-safe.
public final class MtlsAuthenticator implements Authenticator {

  private static final String SCHEME = "ClientCertificate";
  private static final int MAX_REMEMBERED_VERDICTS = 10_000;
  private static final Duration VERDICT_RETENTION = Duration.ofMinutes(1);

  private final String realm;
  private final CurrentClientTrust trust;
  private final ClientCertificateStore store;
  private final Roles roles;
  private final Clock clock;
  private final KeyedDigest memoryKeys = new KeyedDigest("mtls");

  // Validating a chain takes CPU time, and a connection may carry many requests. So a verdict,
  // valid or not, is remembered for a minute, unless the trust changes.
  private final Cache<PeerCertificates, Judged> judged =
      Caffeine.newBuilder().weakKeys().maximumSize(MAX_REMEMBERED_VERDICTS).build();

  private record Judged(ChainVerdict verdict, long generation, Instant at) {}

  /// An authenticator that validates chains against this trust, and looks certificates up in this
  /// store.
  ///
  /// @param realm the realm that challenges name (RFC 9110 §11.5)
  public MtlsAuthenticator(
      String realm,
      CurrentClientTrust trust,
      ClientCertificateStore store,
      Roles roles,
      Clock clock) {
    this.realm = realm;
    this.trust = trust;
    this.store = store;
    this.roles = roles;
    this.clock = clock;
  }

  @Override
  public Method method() {
    return Method.MTLS;
  }

  // These fields state who the client is. The gate never forwards them.
  @Override
  public Set<String> fields() {
    return Set.of("Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert");
  }

  @Override
  public Set<String> schemes() {
    return Set.of();
  }

  @Override
  public Challenge challenge(@Nullable Reason rejected) {
    return Challenge.of(SCHEME, realm);
  }

  @Override
  public Outcome.@Nullable Rejected rejectMisplaced(AuthRequest request) {
    return null;
  }

  // A connection may carry requests for several routes. A route without this method ignores the
  // certificate.
  @Override
  public Presented find(AuthRequest request, Policy policy) {
    PeerCertificates certificates = request.certificates();
    if (certificates.isEmpty() || !policy.accepts(Method.MTLS)) {
      return Presented.None.INSTANCE;
    }
    Digest shown = certificates.digest();
    if (shown == null) {
      return new Presented.Malformed(
          CredentialLocation.CERTIFICATE, rejected("a certificate that can't be encoded"));
    }
    return new Found(certificates, memoryKeys.of(bytes(trust.state().generation(), shown)));
  }

  private static byte[] bytes(long generation, Digest shown) {
    return ByteBuffer.allocate(Long.BYTES + Digest.BYTES)
        .putLong(generation)
        .put(shown.bytes())
        .array();
  }

  private final class Found implements Presented.Credential {

    private final PeerCertificates certificates;
    private final Digest memoryKey;

    Found(PeerCertificates certificates, Digest memoryKey) {
      this.certificates = certificates;
      this.memoryKey = memoryKey;
    }

    @Override
    public CredentialLocation location() {
      return CredentialLocation.CERTIFICATE;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    // Uses the trust that is in force now, which may be newer than the one of find().
    @Override
    public Outcome verify() {
      return switch (judge(certificates)) {
        case ChainVerdict.Invalid(String cause) -> rejected(cause);
        case ChainVerdict.Valid good -> {
          try {
            yield registered(good);
          } catch (IllegalArgumentException ambiguous) {
            yield rejected("the client's certificate " + ambiguous.getMessage());
          } catch (StoreUnavailableException unavailable) {
            yield new Outcome.Unavailable(unavailable);
          }
        }
      };
    }
  }

  // A registration of this certificate takes precedence over registrations of its names. It counts
  // for all CAs, because the client chooses which chain it sends.
  private Outcome registered(ChainVerdict.Valid good) {
    List<CertificateName> names = CertificateName.namesOf(good.leaf());
    List<CertificateName> fingerprints = CertificateSignature.fingerprints(good.leaf());
    List<OwnedCredential<StoredClientCertificate>> ofItself = new ArrayList<>();
    for (CertificateName fingerprint : fingerprints) {
      ofItself.addAll(store.underAnyCa(fingerprint));
    }
    for (OwnedCredential<StoredClientCertificate> owned : ofItself) {
      if (owned.credential().revokedAt() != null) {
        return rejected(owned.credential().id() + " was revoked");
      }
    }
    if (ofItself.isEmpty()) {
      return judged(byNames(good, names.subList(1, names.size())), good, fingerprints);
    }
    List<OwnedCredential<StoredClientCertificate>> reached =
        ofItself.stream()
            .filter(owned -> good.leadsTo(owned.credential().material().ca()))
            .toList();
    return reached.isEmpty()
        ? rejected(
            ofItself.getFirst().credential().id()
                + " is its registration, under a CA to which the chain does not lead")
        : judged(reached, good, fingerprints);
  }

  // Looks under every CA to which a valid path leads. The order of the CAs has no meaning.
  private List<OwnedCredential<StoredClientCertificate>> byNames(
      ChainVerdict.Valid good, List<CertificateName> names) {
    List<OwnedCredential<StoredClientCertificate>> found = new ArrayList<>();
    for (ChainVerdict.Path path : good.paths()) {
      found.addAll(store.byNames(path.ca().id(), names));
    }
    return found;
  }

  private ChainVerdict judge(PeerCertificates certificates) {
    CurrentClientTrust.State now = trust.state();
    Instant at = clock.instant();
    Judged before = judged.getIfPresent(certificates);
    if (before != null
        && before.generation == now.generation()
        && !at.isBefore(before.at)
        && at.isBefore(before.at.plus(VERDICT_RETENTION))
        && !(before.verdict instanceof ChainVerdict.Valid good && !at.isBefore(good.endsAt()))) {
      return before.verdict;
    }
    ChainVerdict verdict = now.trust().validate(certificates.chain(), at);
    judged.put(certificates, new Judged(verdict, now.generation(), at));
    return verdict;
  }

  private Outcome judged(
      List<OwnedCredential<StoredClientCertificate>> found,
      ChainVerdict.Valid good,
      List<CertificateName> fingerprints) {
    List<OwnedCredential<StoredClientCertificate>> live =
        found.stream().filter(owned -> owned.credential().revokedAt() == null).toList();
    if (live.size() > 1) {
      return rejected("its names have more than one registration");
    }
    if (live.isEmpty()) {
      return rejected(
          found.isEmpty()
              ? "a valid certificate that is not registered"
              : found.getFirst().credential().id() + " was revoked");
    }
    OwnedCredential<StoredClientCertificate> registration = live.getFirst();
    String refusal = registration.refusal();
    if (refusal != null) {
      return rejected(refusal);
    }
    IssuedCredential<StoredClientCertificate> certificate = registration.credential();
    return new Outcome.Accepted(
        registration.principal(Method.MTLS, roles),
        certificate
            .terms()
            .endingBy(good.endsAt(certificate.material().ca()))
            .conditions(Reason.INVALID_CLIENT_CERTIFICATE),
        RootCredential.ofCertificate(
            PublicKeyDigest.of(good.leaf().getPublicKey()),
            fingerprints.stream().map(CertificateName::toString).toList()));
  }

  private static Outcome.Rejected rejected(String cause) {
    return new Outcome.Rejected(
        Reason.INVALID_CLIENT_CERTIFICATE, Conditions.UNIFORM_DETAIL, cause);
  }
}
