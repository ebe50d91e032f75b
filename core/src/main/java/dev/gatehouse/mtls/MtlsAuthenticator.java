package dev.gatehouse.mtls;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.Carrier;
import dev.gatehouse.Challenge;
import dev.gatehouse.Conditions;
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

/// Proves the program that holds the key of a registered certificate.
///
/// The connection shows the certificate; each request is judged by itself, by what is trusted and
/// registered then. Thread-safe. A call takes the signatures of one chain, one look-up, and one
/// more for each client CA to which the chain leads when the certificate is not registered itself.
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

  // A chain costs signatures, and a client may send request after request over the connection on
  // which it showed it: each is judged once a minute, good or bad, as long as the trust stays.
  private final Cache<PeerCertificates, Judged> judged =
      Caffeine.newBuilder().weakKeys().maximumSize(MAX_REMEMBERED_VERDICTS).build();

  private record Judged(ChainVerdict verdict, long generation, Instant at) {}

  /// Judges chains by that trust, and looks certificates up in that store.
  ///
  /// @param realm named in challenges (RFC 9110 §11.5)
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

  // Whoever sets them says who the client is: none goes on to the upstream, whoever sent it.
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
  public Outcome.@Nullable Rejected misplaced(AuthRequest request) {
    return null;
  }

  // A connection shows its certificate to every route that is asked for through it: those that do
  // not take it take no notice.
  @Override
  public Presented find(AuthRequest request, Policy policy) {
    PeerCertificates certificates = request.certificates();
    if (certificates.isEmpty() || !policy.names(Method.MTLS)) {
      return Presented.None.INSTANCE;
    }
    Digest shown = certificates.digest();
    if (shown == null) {
      return new Presented.Malformed(
          Carrier.CERTIFICATE, rejected("a certificate that can't be encoded"));
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
    public Carrier carrier() {
      return Carrier.CERTIFICATE;
    }

    @Override
    public Digest memoryKey() {
      return memoryKey;
    }

    // By what is trusted now, not when it was found: what was read again meanwhile counts.
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

  // What was said of this very certificate counts for more than what was said of its names. It
  // counts whatever CAs the chain leads to: the client chooses the chain.
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

  // Under every CA to which a valid path leads: the order of the CAs says nothing.
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
      return rejected("its names are registered more than once");
    }
    if (live.isEmpty()) {
      return rejected(
          found.isEmpty()
              ? "a good certificate that nobody registered"
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
    return new Outcome.Rejected(Reason.INVALID_CLIENT_CERTIFICATE, Conditions.NOT_GOOD, cause);
  }
}
