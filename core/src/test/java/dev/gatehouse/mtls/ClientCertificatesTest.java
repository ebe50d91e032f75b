package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static dev.gatehouse.mtls.TestCa.Spec.uri;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Reason;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.Time;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.credential.IssuedCredential;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.usage.Usage;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClientCertificatesTest {

  private static final Policy POLICY = Policy.accepting(Method.MTLS);
  private static final Scopes READ = Scopes.of("orders:read");
  private static final InetAddress HERE = Network.address("192.0.2.1");

  private final Time time = new Time();
  private final Roles roles = new Roles(Map.of());
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(time.clock());
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final InMemoryClientCertificateStore store =
      new InMemoryClientCertificateStore(accountStore);
  private final Accounts accounts = new Accounts(accountStore, roles, time.clock());
  private final TestCa partner = TestCa.root(time.now());
  private final TestCa own = TestCa.root(time.now(), spec -> spec.named("CN=Own"));
  private final AtomicInteger lookUps = new AtomicInteger();
  private final AtomicBoolean down = new AtomicBoolean();
  private final CurrentClientTrust trust =
      new CurrentClientTrust(new ClientTrust(List.of(partner.trusted(), own.trusted()), List.of()));
  private final ClientCertificates certificates =
      new ClientCertificates(store, accounts, trust, new OwnCa(), "gate.example", time.clock());
  private final Gate gate = gate();

  private final class OwnCa implements CertificateIssuer {
    @Override
    public ClientCa ca() {
      return own.trusted();
    }

    @Override
    public X509Certificate issue(
        PublicKey key, String label, CertificateName identity, Instant notAfter) {
      return own.issue(
          client(time.now(), uri(identity.value()))
              .key(new KeyPair(key, TestCa.keys("EC", 256).getPrivate()))
              .lasting(time.now(), notAfter));
    }
  }

  @BeforeEach
  void shopHasAnAccount() {
    accounts.add(Account.Kind.SERVICE, "shop", null, Set.of(), READ);
    accounts.add(Account.Kind.SERVICE, "other", null, Set.of(), READ);
  }

  private Gate gate() {
    Ticker ticker = time.ticker();
    Revocations revocations = new Revocations(Duration.ofMinutes(1), 1_000, null, ticker);
    feed.onCommit(revocations::hear);
    trust.notifyOnChange(revocations);
    return new Gate(
        List.of(new MtlsAuthenticator("orders", trust, counted(store), roles, time.clock())),
        revocations,
        new FailedAttempts(1_000, ticker),
        new Usage(),
        time.clock(),
        ticker);
  }

  // The same store, which counts what it is asked and can be switched off.
  private ClientCertificateStore counted(ClientCertificateStore real) {
    return (ClientCertificateStore)
        Proxy.newProxyInstance(
            ClientCertificateStore.class.getClassLoader(),
            new Class<?>[] {ClientCertificateStore.class},
            (proxy, method, arguments) -> {
              lookUps.incrementAndGet();
              if (down.get()) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              return method.invoke(real, arguments);
            });
  }

  private static AuthRequest request(X509Certificate... chain) {
    return new AuthRequest(
        "GET",
        "https",
        "localhost",
        "/orders",
        HeaderFields.of(Map.of()),
        HERE,
        PeerCertificates.of(Arrays.asList(chain)),
        RequestBody.NONE);
  }

  private String answer(X509Certificate... chain) {
    AuthRequest request = request(chain);
    return text(gate.recall(request, POLICY).orElseGet(() -> gate.admit(request, POLICY)));
  }

  private static String text(Decision decision) {
    return switch (decision) {
      case Decision.Admitted admitted -> {
        Principal principal = admitted.principal();
        yield principal == null ? "anonymous" : principal.credential();
      }
      case Decision.Refused refused -> refused.refusal().reason().code();
    };
  }

  private CredentialRequest wish(@Nullable Instant expiresAt) {
    return new CredentialRequest("shop", "till 1", null, expiresAt, List.of(), null);
  }

  private String register(CertificateName.Kind kind, String value) {
    return registered(
            certificates.register(
                wish(null), partner.trusted().id(), CertificateName.of(kind, value)))
        .id();
  }

  private static IssuedCredential<StoredClientCertificate> registered(
      CredentialIssuance<StoredClientCertificate> registration) {
    assertThat(registration).isInstanceOf(CredentialIssuance.Issued.class);
    return ((CredentialIssuance.Issued<StoredClientCertificate>) registration).credential();
  }

  private static String refusal(CredentialIssuance<StoredClientCertificate> registration) {
    assertThat(registration).isInstanceOf(CredentialIssuance.Refused.class);
    return ((CredentialIssuance.Refused<StoredClientCertificate>) registration).why();
  }

  private X509Certificate issued(IssuedCredential<StoredClientCertificate> certificate) {
    StoredClientCertificate.Issued issued = Objects.requireNonNull(certificate.material().issued());
    String base64 = issued.pem().replaceAll("-----[A-Z ]+-----|\\s", "");
    return CertificateEncoding.parse(Base64.getDecoder().decode(base64));
  }

  @Test
  void aCertificateOfTheCaThatNobodyRegisteredIsRefused() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");

    String id = register(CertificateName.Kind.DNS, "till.example");

    assertThat(answer(certificate)).isEqualTo(id);
    assertThat(answer(partner.issue(client(time.now(), dns("other.example")))))
        .isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer()).isEqualTo("NO_CREDENTIALS");
  }

  @Test
  void aNameCountsOnlyUnderTheCaForWhichItWasRegistered() {
    register(CertificateName.Kind.SPIFFE, "spiffe://example.org/till");

    assertThat(answer(own.issue(client(time.now(), uri("spiffe://example.org/till")))))
        .isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(TestCa.root(time.now()).issue(client(time.now(), dns("till.example")))))
        .isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void aRegistrationCountsUnderEachCaThatACrossSignedChainLeadsTo() {
    TestCa below = partner.below(time.now(), "CN=Below", spec -> spec);
    X509Certificate crossed = own.crossSign(below, time.now(), spec -> spec);
    X509Certificate certificate = below.issue(client(time.now(), dns("till.example")));
    String id = register(CertificateName.Kind.DNS, "till.example");
    // Whichever CA the gate looks at first.
    for (List<ClientCa> cas :
        List.of(
            List.of(partner.trusted(), own.trusted()), List.of(own.trusted(), partner.trusted()))) {
      trust.replace(new ClientTrust(cas, List.of()), time.now());

      assertThat(answer(certificate, crossed, below.certificate())).isEqualTo(id);
      assertThat(answer(certificate, below.certificate(), crossed)).isEqualTo(id);
      // Under the other CA alone it is not registered.
      assertThat(answer(certificate, crossed)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    }
  }

  @Test
  void whatIsAcceptedIsRememberedAndJudgedAnewByTimeAndRevocation() {
    X509Certificate certificate =
        partner.issue(
            client(time.now(), dns("till.example"))
                .lasting(time.now(), time.now().plusSeconds(30)));
    String id = register(CertificateName.Kind.DNS, "till.example");
    assertThat(answer(certificate)).isEqualTo(id);
    int asked = lookUps.get();

    assertThat(answer(certificate)).isEqualTo(id);
    assertThat(lookUps).hasValue(asked);

    time.pass(Duration.ofSeconds(31));
    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void aRevokedCertificateIsRefusedAtOnceThoughItWasRemembered() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    String id = register(CertificateName.Kind.DNS, "till.example");
    AuthRequest open = request(certificate);
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(open, POLICY);
    assertThat(gate.renew(admitted, open)).isPresent();
    certificates.revoke(id);
    assertThat(gate.renew(admitted, open)).isEmpty();

    assertThat(text(gate.review(admitted, open, POLICY))).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void aTrustThatIsReadAgainForgetsWhatWasAccepted() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    String id = register(CertificateName.Kind.DNS, "till.example");
    AuthRequest open = request(certificate);

    Decision.Admitted admitted = (Decision.Admitted) gate.admit(open, POLICY);
    trust.replace(
        new ClientTrust(
            List.of(partner.trusted()),
            List.of(partner.list(time.now(), Duration.ofHours(1), certificate))),
        time.now());
    assertThat(gate.renew(admitted, open)).isEmpty();

    assertThat(gate.recall(open, POLICY)).isEmpty();
    // On the connection that showed it before, too.
    assertThat(text(gate.review(admitted, open, POLICY))).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    trust.replace(new ClientTrust(List.of(partner.trusted()), List.of()), time.now());
    assertThat(answer(certificate)).isEqualTo(id);
  }

  @Test
  void whatATokenRestsOnStandsNoLongerThanTheTrustInThePathOfItsCertificate() {
    TestCa below = partner.below(time.now(), "CN=Below", spec -> spec);
    X509Certificate certificate = below.issue(client(time.now(), dns("till.example")));
    X509Certificate another = below.issue(client(time.now(), dns("till.example")));
    String id = register(CertificateName.Kind.DNS, "till.example");
    String path = pathOf(id, certificate, below.certificate());
    String ofAnother = pathOf(id, another, below.certificate());
    Duration hour = Duration.ofHours(1);

    assertThat(certificates.standing(id, path)).isPresent();
    for (String none : new String[] {null, "", ".", "x.", "x.zz", path + ",", path.repeat(20)}) {
      assertThat(certificates.standing(id, none)).as("%s", none).isEmpty();
    }
    trust.replace(
        new ClientTrust(
            List.of(partner.trusted()),
            List.of(new CrlIssuer(below.certificate())),
            List.of(below.list(time.now(), hour, certificate)),
            List.of()),
        time.now());
    assertThat(certificates.standing(id, path)).isEmpty();
    assertThat(certificates.standing(id, ofAnother)).isPresent();
    trust(List.of(partner), partner.list(time.now(), hour, below.certificate()));
    assertThat(certificates.standing(id, ofAnother)).isEmpty();
    assertThat(
            certificates.certificationPath(
                id, PeerCertificates.of(List.of(another, below.certificate()))))
        .isEmpty();
    trust(List.of(own));
    assertThat(certificates.standing(id, path)).isEmpty();
    trust(List.of(own, partner));
    assertThat(certificates.standing(id, path)).isPresent();
  }

  private String pathOf(String id, X509Certificate... chain) {
    return certificates.certificationPath(id, PeerCertificates.of(List.of(chain))).orElseThrow();
  }

  private void trust(List<TestCa> cas, RevocationList... lists) {
    trust.replace(
        new ClientTrust(cas.stream().map(TestCa::trusted).toList(), List.of(lists)), time.now());
  }

  @Test
  void anotherChainAboveTheSameLeafIsAnotherCredential() {
    TestCa below = partner.below(time.now(), "CN=Below", spec -> spec);
    X509Certificate certificate = below.issue(client(time.now(), dns("till.example")));
    String id = register(CertificateName.Kind.DNS, "till.example");

    assertThat(answer(certificate, below.certificate())).isEqualTo(id);
    // The same leaf without what vouches for it is not recalled on the strength of the other.
    assertThat(gate.recall(request(certificate), POLICY)).isEmpty();
    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void aRouteThatTakesNoCertificatesTakesNoNotice() {
    X509Certificate unknown = TestCa.root(time.now()).issue(client(time.now()));
    Policy open = Policy.openToAll();

    assertThat(text(gate.admit(request(unknown), open))).isEqualTo("anonymous");
  }

  @Test
  void aStoreThatIsDownIsNotARefusal() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    register(CertificateName.Kind.DNS, "till.example");
    down.set(true);

    assertThat(answer(certificate)).isEqualTo(Reason.UNAVAILABLE.code());
  }

  @Test
  void aDisabledOwnersCertificateIsRefused() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    register(CertificateName.Kind.DNS, "till.example");
    answer(certificate);

    accounts.setDisabled("shop", true);

    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void theFingerprintOfARevokedCertificateStaysRevokedWhateverItsNames() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    String fingerprint = CertificateName.fingerprint(CertificateEncoding.der(certificate)).value();
    String one = register(CertificateName.Kind.FINGERPRINT, fingerprint);
    register(CertificateName.Kind.DNS, "till.example");
    assertThat(answer(certificate)).isEqualTo(one);

    certificates.revoke(one);

    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(
            refusal(
                certificates.register(
                    wish(null),
                    partner.trusted().id(),
                    CertificateName.of(CertificateName.Kind.FINGERPRINT, fingerprint))))
        .contains("stays revoked");
  }

  @Test
  void reviewRefusesACertificateThatProvesAnotherCallerNow() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    register(CertificateName.Kind.DNS, "till.example");
    AuthRequest open = request(certificate);
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(open, POLICY);
    accounts.add(Account.Kind.SERVICE, "other", null, Set.of(), Scopes.NONE);
    registered(
        certificates.register(
            new CredentialRequest("other", "till 1", null, null, List.of(), null),
            partner.trusted().id(),
            CertificateName.fingerprint(CertificateEncoding.der(certificate))));

    assertThat(gate.renew(admitted, open)).isEmpty();
    assertThat(text(gate.review(admitted, open, POLICY))).isEqualTo("METHOD_NOT_ACCEPTED");
    assertThat(((Decision.Admitted) gate.admit(open, POLICY)).principal())
        .extracting(Principal::subject)
        .isEqualTo(accounts.find("other").orElseThrow().id());
  }

  @ParameterizedTest
  @EnumSource
  void revokedCertificateStaysRevokedWhenItsSignatureIsWrittenInAnotherWay(OtherForm form)
      throws Exception {
    for (TestCa ca : List.of(partner, rsaCa())) {
      X509Certificate certificate;
      byte[] other;
      do { // some forms fit every second certificate only
        TestCa.Spec spec = client(time.now(), dns("till.example"));
        certificate = ca.issue(ca == partner ? spec : signedByRsa(spec));
        other = form.of(certificate, ca.certificate().getPublicKey());
      } while (other == null && (ca == partner || form == OtherForm.UNUSED_BIT));
      if (other == null) {
        continue;
      }
      registeredUnder(ca, CertificateName.Kind.DNS, "till.example");
      certificates.revoke(
          registeredUnder(
              ca,
              CertificateName.Kind.FINGERPRINT,
              CertificateName.fingerprint(CertificateEncoding.der(certificate)).value()));
      assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");

      assertThat(answer(CertificateEncoding.parse(other)))
          .as("%s of %s", form, ca.certificate().getSigAlgName())
          .isEqualTo("INVALID_CLIENT_CERTIFICATE");
    }
  }

  @Test
  void registrationOfOneSignatureDecidesAboutTheOther() throws Exception {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    byte[] other =
        Objects.requireNonNull(
            OtherForm.MIRRORED.of(certificate, partner.certificate().getPublicKey()));
    register(CertificateName.Kind.DNS, "till.example");
    String own =
        register(CertificateName.Kind.FINGERPRINT, CertificateName.fingerprint(other).value());
    assertThat(answer(certificate)).isEqualTo(own);

    certificates.revoke(own);

    assertThat(answer(certificate)).as("also from memory").isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  private String registeredUnder(TestCa ca, CertificateName.Kind kind, String name) {
    return registered(
            certificates.register(wish(null), ca.trusted().id(), CertificateName.of(kind, name)))
        .id();
  }

  private TestCa rsaCa() {
    TestCa rsa =
        TestCa.root(
            time.now(), TestCa.keys("RSA", 2048), spec -> signedByRsa(spec.named("CN=Rsa")));
    trust(List.of(partner, rsa));
    return rsa;
  }

  private static TestCa.Spec signedByRsa(TestCa.Spec spec) {
    return spec.signedWith(
        "SHA256withRSA",
        new AlgorithmIdentifier(PKCSObjectIdentifiers.sha256WithRSAEncryption, DERNull.INSTANCE));
  }

  /// Another encoding or value of a certificate's signature, made without the CA's key.
  enum OtherForm {
    MIRRORED {
      @Override
      byte @Nullable [] of(Certificate certificate, PublicKey issuer) throws Exception {
        if (!(issuer instanceof ECPublicKey key)) {
          return null;
        }
        ASN1Sequence signature = ASN1Sequence.getInstance(certificate.getSignature().getOctets());
        BigInteger s = ASN1Integer.getInstance(signature.getObjectAt(1)).getValue();
        ASN1Integer other = new ASN1Integer(key.getParams().getOrder().subtract(s));
        return written(
            certificate,
            new DERSequence(new ASN1Encodable[] {signature.getObjectAt(0), other}).getEncoded(),
            0);
      }
    },
    UNUSED_BIT {
      @Override
      byte @Nullable [] of(Certificate certificate, PublicKey issuer) throws Exception {
        byte[] value = certificate.getSignature().getOctets();
        return (value[value.length - 1] & 1) == 0 ? written(certificate, value, 1) : null;
      }
    },
    WITHOUT_LEADING_ZERO {
      @Override
      byte @Nullable [] of(Certificate certificate, PublicKey issuer) throws Exception {
        byte[] value = certificate.getSignature().getOctets();
        if (!(issuer instanceof ECPublicKey) || value[3] != 33) {
          return null;
        }
        byte[] shorter = new byte[value.length - 1];
        System.arraycopy(value, 0, shorter, 0, 4);
        System.arraycopy(value, 5, shorter, 4, value.length - 5);
        shorter[1]--;
        shorter[3]--;
        return written(certificate, shorter, 0);
      }
    };

    /// The changed certificate; null: there is none.
    byte @Nullable [] of(X509Certificate certificate, PublicKey issuer) throws Exception {
      return of(Certificate.getInstance(CertificateEncoding.der(certificate)), issuer);
    }

    abstract byte @Nullable [] of(Certificate certificate, PublicKey issuer) throws Exception;

    private static byte[] written(Certificate certificate, byte[] signature, int unusedBits)
        throws Exception {
      return new DERSequence(
              new ASN1Encodable[] {
                certificate.getTBSCertificate(),
                certificate.getSignatureAlgorithm(),
                new DERBitString(signature, unusedBits)
              })
          .getEncoded();
    }
  }

  /// A certificate that two CAs vouch for: the client chooses which of the two it shows.
  private final class CrossSigned {

    final TestCa second = TestCa.root(time.now(), spec -> spec.named("CN=Second"));
    final TestCa below = partner.below(time.now(), "CN=Below", spec -> spec);
    final X509Certificate crossed = second.crossSign(below, time.now(), spec -> spec);
    final X509Certificate leaf = below.issue(client(time.now(), dns("till.example")));
    final CertificateName fingerprint = CertificateName.fingerprint(CertificateEncoding.der(leaf));

    CrossSigned() {
      trust(partner, second);
    }

    void trust(TestCa... cas) {
      trust.replace(
          new ClientTrust(Arrays.stream(cas).map(TestCa::trusted).toList(), List.of()), time.now());
    }

    CredentialIssuance<StoredClientCertificate> register(TestCa ca, CertificateName name) {
      return certificates.register(wish(null), ca.trusted().id(), name);
    }

    String registerName(TestCa ca) {
      return registered(register(ca, CertificateName.of(CertificateName.Kind.DNS, "till.example")))
          .id();
    }

    String registerFingerprint(TestCa ca) {
      return registered(register(ca, fingerprint)).id();
    }

    X509Certificate[] underPartner() {
      return new X509Certificate[] {leaf, below.certificate()};
    }

    X509Certificate[] underSecond() {
      return new X509Certificate[] {leaf, crossed};
    }
  }

  @Test
  void rejectsACertificateThatWasRevokedByItsFingerprintWhateverChainIsShown() {
    CrossSigned till = new CrossSigned();
    String fingerprint = till.registerFingerprint(partner);
    till.registerName(till.second);
    assertThat(answer(till.underPartner())).isEqualTo(fingerprint);

    certificates.revoke(fingerprint);

    assertThat(answer(till.leaf, till.below.certificate(), till.crossed))
        .isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(till.underPartner())).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(till.underSecond())).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void rejectsACertificateThatWasRevokedByItsFingerprintAfterItsCaWasTakenOut() {
    CrossSigned till = new CrossSigned();
    till.registerName(till.second);
    certificates.revoke(till.registerFingerprint(partner));

    till.trust(till.second);

    assertThat(answer(till.leaf, till.below.certificate(), till.crossed))
        .isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(till.underSecond())).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void rejectsACertificateThatIsRegisteredByItsFingerprintUnderAnotherCaThanItShows() {
    CrossSigned till = new CrossSigned();
    till.registerName(till.second);
    assertThat(answer(till.underSecond())).isNotEqualTo("INVALID_CLIENT_CERTIFICATE");

    // The terms of the fingerprint's registration count: no chain leads past them.
    till.registerFingerprint(partner);

    assertThat(answer(till.underSecond())).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    String second = till.registerFingerprint(till.second);
    assertThat(answer(till.underSecond())).isEqualTo(second);
  }

  @Test
  void anAdmissionEndsWhenTheFingerprintIsRevokedUnderAnotherCa() {
    CrossSigned till = new CrossSigned();
    String first = till.registerFingerprint(partner);
    till.registerFingerprint(till.second);
    assertEndsBy(() -> certificates.revoke(first), till.underSecond());
  }

  @Test
  void anAdmissionByANameEndsWhenTheFingerprintIsRegisteredAndRevoked() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    register(CertificateName.Kind.DNS, "till.example");
    String fingerprint = CertificateName.fingerprint(CertificateEncoding.der(certificate)).value();

    assertEndsBy(
        () -> certificates.revoke(register(CertificateName.Kind.FINGERPRINT, fingerprint)),
        certificate);
  }

  @Test
  void anAdmissionByANameEndsWhenTheFingerprintIsRegisteredUnderAnotherCa() {
    CrossSigned till = new CrossSigned();
    till.registerName(till.second);

    assertEndsBy(() -> till.registerFingerprint(partner), till.underSecond());
  }

  @Test
  void tokenOfACertificateEndsWhenItsFingerprintIsRevokedUnderAnotherCa() {
    CrossSigned till = new CrossSigned();
    String first = till.registerFingerprint(partner);
    String second = till.registerFingerprint(till.second);
    String path = pathOf(first, till.underPartner());
    assertThat(certificates.standing(first, path)).isPresent();

    assertThat(certificates.revoke(second)).isTrue();

    assertThat(certificates.standing(first, path)).isEmpty();
  }

  private void assertEndsBy(Runnable change, X509Certificate... chain) {
    AuthRequest open = request(chain);
    Decision.Admitted admitted = (Decision.Admitted) gate.admit(open, POLICY);
    assertThat(gate.recall(open, POLICY)).isPresent();
    assertThat(gate.renew(admitted, open)).isPresent();
    change.run();
    assertThat(gate.recall(open, POLICY)).isEmpty();
    assertThat(gate.renew(admitted, open)).isEmpty();
    assertThat(text(gate.review(admitted, open, POLICY))).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void refusesToRegisterAFingerprintThatWasRevokedUnderAnotherCa() {
    CrossSigned till = new CrossSigned();
    certificates.revoke(till.registerFingerprint(partner));

    assertThat(refusal(till.register(till.second, till.fingerprint))).contains("stays revoked");
  }

  @Test
  void refusesToRenewACertificateForTheSameKey() {
    PublicKey key = TestCa.keys("EC", 256).getPublic();
    String id = registered(certificates.issue(wish(null), key)).id();

    assertThat(refusal(certificates.renew(id, key, Duration.ofHours(1), null)))
        .contains("another key");
    registered(
        certificates.renew(id, TestCa.keys("EC", 256).getPublic(), Duration.ofHours(1), null));
  }

  @Test
  void twoNamesOfOneCertificateThatAreRegisteredTwiceAreRefused() {
    X509Certificate certificate =
        partner.issue(client(time.now(), dns("a.example"), dns("b.example")));
    String a = register(CertificateName.Kind.DNS, "a.example");
    assertThat(answer(certificate)).isEqualTo(a);

    String b = register(CertificateName.Kind.DNS, "b.example");
    assertThat(answer(partner.issue(client(time.now(), dns("b.example"))))).isEqualTo(b);
    time.pass(Duration.ofMinutes(2));

    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }

  @Test
  void anIssuedCertificateIsGoodAndARenewalEndsItAfterTheOverlap() {
    IssuedCredential<StoredClientCertificate> first =
        registered(certificates.issue(wish(null), TestCa.keys("EC", 256).getPublic()));
    assertThat(first.terms().expiresAt())
        .isEqualTo(time.now().plus(ClientCertificates.DEFAULT_LIFETIME));
    assertThat(CertificateName.namesOf(issued(first)))
        .contains(
            CertificateName.of(
                CertificateName.Kind.SPIFFE, "spiffe://gate.example/account/" + first.owner()));
    assertThat(answer(issued(first))).isEqualTo(first.id());

    IssuedCredential<StoredClientCertificate> second =
        registered(
            certificates.renew(
                first.id(), TestCa.keys("EC", 256).getPublic(), Duration.ofHours(1), null));
    assertThat(answer(issued(first))).isEqualTo(first.id());
    assertThat(answer(issued(second))).isEqualTo(second.id());
    assertThat(
            refusal(
                certificates.renew(
                    first.id(), TestCa.keys("EC", 256).getPublic(), Duration.ZERO, null)))
        .isEqualTo("the certificate has a successor already: " + second.id());
    assertThat(certificates.renew("none", TestCa.keys("EC", 256).getPublic(), Duration.ZERO, null))
        .isInstanceOf(CredentialIssuance.NotFound.class);

    time.pass(Duration.ofHours(1));
    assertThat(answer(issued(first))).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(answer(issued(second))).isEqualTo(second.id());
    assertThat(
            refusal(
                certificates.renew(
                    first.id(), TestCa.keys("EC", 256).getPublic(), Duration.ZERO, null)))
        .contains("expired");
  }

  @Test
  void whatThisGateWouldRefuseIsNotIssued() {
    assertThat(refusal(certificates.issue(wish(null), TestCa.keys("RSA", 1024).getPublic())))
        .contains("1024 bits");
    assertThat(
            refusal(
                certificates.issue(
                    wish(time.now().plus(Duration.ofDays(1_000))),
                    TestCa.keys("EC", 256).getPublic())))
        .contains("at most 730 days");
    assertThat(
            refusal(
                certificates.issue(
                    new CredentialRequest(
                        "shop", "x", Scopes.of("orders:admin"), null, List.of(), null),
                    TestCa.keys("EC", 256).getPublic())))
        .contains("orders:admin");
    assertThat(
            refusal(
                certificates.register(
                    wish(null), "ca_none", CertificateName.of(CertificateName.Kind.DNS, "a.b"))))
        .contains("no client CA");
  }

  @Test
  void theConditionsOfARegistrationHold() {
    X509Certificate certificate = partner.issue(client(time.now(), dns("till.example")));
    registered(
        certificates.register(
            new CredentialRequest(
                "shop", "x", null, null, List.of(Network.parse("198.51.100.0/24")), null),
            partner.trusted().id(),
            CertificateName.of(CertificateName.Kind.DNS, "till.example")));

    assertThat(answer(certificate)).isEqualTo("INVALID_CLIENT_CERTIFICATE");
  }
}
