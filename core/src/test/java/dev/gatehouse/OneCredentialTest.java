package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.account.Account;
import dev.gatehouse.account.ParentCredential;
import dev.gatehouse.account.SignIn;
import dev.gatehouse.apikey.ApiKeyAuthenticator;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.basic.BasicAuthenticator;
import dev.gatehouse.basic.BasicSettings;
import dev.gatehouse.bearer.BearerTokenClassifier;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.hmac.HmacAuthenticator;
import dev.gatehouse.hmac.HmacSettings;
import dev.gatehouse.hmac.InMemorySignatureKeyStore;
import dev.gatehouse.hmac.SignatureAlgorithm;
import dev.gatehouse.hmac.SignatureKeys;
import dev.gatehouse.hmac.SignatureVerifier;
import dev.gatehouse.hmac.StoredSignatureKey;
import dev.gatehouse.hmac.message.MessageSignatureProfile;
import dev.gatehouse.hmac.message.MessageSignatureSettings;
import dev.gatehouse.jwt.AccessTokens;
import dev.gatehouse.jwt.InMemoryTokenStore;
import dev.gatehouse.jwt.JwtAuthenticator;
import dev.gatehouse.jwt.JwtSettings;
import dev.gatehouse.jwt.ServiceTokenIssuance;
import dev.gatehouse.jwt.TokenPairIssuance;
import dev.gatehouse.jwt.Tokens;
import dev.gatehouse.mtls.CertificateName;
import dev.gatehouse.mtls.ClientCertificates;
import dev.gatehouse.mtls.ClientTrust;
import dev.gatehouse.mtls.CurrentClientTrust;
import dev.gatehouse.mtls.InMemoryClientCertificateStore;
import dev.gatehouse.mtls.MtlsAuthenticator;
import dev.gatehouse.mtls.StoredClientCertificate;
import dev.gatehouse.mtls.TestCa;
import dev.gatehouse.oauth.AllowList;
import dev.gatehouse.oauth.InMemoryDeniedTokenStore;
import dev.gatehouse.oauth.InMemoryInvitationStore;
import dev.gatehouse.oauth.InMemoryLinkStore;
import dev.gatehouse.oauth.Invitations;
import dev.gatehouse.oauth.Links;
import dev.gatehouse.oauth.OAuthAuthenticator;
import dev.gatehouse.oauth.OAuthSettings;
import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.oauth.VerifiedIdentity;
import dev.gatehouse.password.PasswordHouse;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.replay.InMemoryReplayStore;
import dev.gatehouse.revocation.Revocations;
import dev.gatehouse.secret.Digest;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.secret.RandomIds;
import dev.gatehouse.secret.Seal;
import dev.gatehouse.session.InMemorySessionStore;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.signing.InMemorySigningKeyStore;
import dev.gatehouse.signing.SigningKeys;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.RateLimits;
import dev.gatehouse.usage.Usage;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/// An all-of needs proofs that rest on different credentials: every method is real.
class OneCredentialTest {

  private static final String ONE_CREDENTIAL = "METHOD_NOT_ACCEPTED";
  private static final String OK = "OK";
  private static final String ISSUER = "https://id.example.com";
  private static final String AUDIENCE = "https://api.example.com";

  @AutoClose private final PasswordHouse house = new PasswordHouse();
  private final Clock clock = house.time.clock();
  private final ApiKeySettings keySettings = ApiKeySettings.inRealm("orders");
  private final InMemoryApiKeyStore keyStore = new InMemoryApiKeyStore(house.accountStore);
  private final ApiKeys keys = new ApiKeys(keySettings, keyStore, house.accounts, clock);

  private final TestCa ca = TestCa.root(house.time.now());
  private final CurrentClientTrust trust =
      new CurrentClientTrust(new ClientTrust(List.of(ca.trusted()), List.of()));
  private final InMemoryClientCertificateStore certificateStore =
      new InMemoryClientCertificateStore(house.accountStore);
  private final ClientCertificates certificates =
      new ClientCertificates(
          certificateStore, house.accounts, trust, null, "gate.example.com", clock);

  private final JwtSettings jwtSettings =
      JwtSettings.of("https://gate.example.com", AUDIENCE, "orders");
  private final AccessTokens accessTokens =
      new AccessTokens(
          jwtSettings,
          new SigningKeys(
              new InMemorySigningKeyStore(house.feed),
              new Seal(RandomIds.bytes(32)),
              AccessTokens.PURPOSE,
              jwtSettings.algorithm(),
              Duration.ofDays(90),
              Duration.ofHours(2),
              clock),
          clock);
  private final Tokens tokens =
      new Tokens(
          jwtSettings,
          accessTokens,
          new InMemoryTokenStore(house.accountStore),
          house.roles,
          this::standing,
          clock,
          new RateLimits(house.time.ticker()));

  private final SessionSettings sessionSettings = SessionSettings.inRealm("orders");
  private final InMemorySessionStore sessionStore = new InMemorySessionStore(house.accountStore);
  private final Sessions sessions = new Sessions(sessionSettings, sessionStore, clock);

  private final InMemoryInvitationStore invitationStore = new InMemoryInvitationStore(house.feed);
  private final Links links =
      new Links(
          new InMemoryLinkStore(house.accountStore, house.store, invitationStore),
          new Invitations(invitationStore, house.accounts, clock),
          house.accounts,
          clock);

  private final Badge hmac =
      new Badge(Method.HMAC, CredentialLocation.SIGNATURE_FIELD, "X-Signature")
          .knowing("signed", shop().id())
          .knowing("signed-by-alice", house.alice.id());
  private final InMemorySignatureKeyStore signatureKeyStore =
      new InMemorySignatureKeyStore(house.accountStore);
  private final SignatureKeys signatureKeys =
      new SignatureKeys(
          signatureKeyStore, house.accounts, new Seal(RandomIds.bytes(32)), OwnSecrets.NONE, clock);
  private final Gate gate =
      gate(
          new ApiKeyAuthenticator(keySettings, keyStore, house.roles),
          new BasicAuthenticator(new BasicSettings("orders"), house.passwords, house.roles),
          new JwtAuthenticator(jwtSettings, accessTokens, tokens::standing, house.roles),
          session(),
          new MtlsAuthenticator("orders", trust, certificateStore, house.roles, clock),
          hmac);

  /// The same without the badge: signatures are real (RFC 9421).
  private final Gate signing =
      gate(
          new JwtAuthenticator(jwtSettings, accessTokens, tokens::standing, house.roles),
          new MtlsAuthenticator("orders", trust, certificateStore, house.roles, clock),
          signatures());

  private Authenticator signatures() {
    HmacSettings settings = HmacSettings.inRealm("orders");
    SignatureVerifier check =
        new SignatureVerifier(
            settings,
            signatureKeyStore,
            signatureKeys,
            new InMemoryReplayStore(1_000),
            house.roles,
            Revocations.inProcess(house.feed),
            clock,
            house.time.ticker());
    return new HmacAuthenticator(
        settings, List.of(new MessageSignatureProfile(MessageSignatureSettings.defaults(), check)));
  }

  /// A request that is signed with that private key, and with a nonce of its own.
  private Shown signed(String keyId, KeyPair signer) {
    String parameters =
        "(\"@method\" \"@target-uri\");created=%d;keyid=\"%s\";nonce=\"%s\""
            .formatted(house.time.now().getEpochSecond(), keyId, RandomIds.next("n_"));
    String base =
        """
        "@method": GET
        "@target-uri": https://localhost/
        "@signature-params": %s"""
            .formatted(parameters);
    try {
      Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
      signature.initSign(signer.getPrivate());
      signature.update(base.getBytes(StandardCharsets.US_ASCII));
      return new Shown()
          .with("Signature-Input", "sig=" + parameters)
          .with("Signature", "sig=:" + Base64.getEncoder().encodeToString(signature.sign()) + ":");
    } catch (GeneralSecurityException failed) {
      throw new AssertionError(failed);
    }
  }

  private Optional<ParentCredential> standing(String id, @Nullable String path) {
    return certificates.standing(id, path).or(() -> keys.standing(id));
  }

  private SessionAuthenticator session() {
    return new SessionAuthenticator(sessionSettings, sessionStore, house.roles, clock);
  }

  private Gate gate(Authenticator... authenticators) {
    Revocations revocations =
        new Revocations(Duration.ofMinutes(1), 1_000, null, house.time.ticker());
    house.feed.onCommit(revocations::hear);
    return new Gate(
        List.of(authenticators),
        revocations,
        new FailedAttempts(1_000, house.time.ticker()),
        new Usage(),
        clock,
        house.time.ticker());
  }

  private static Policy allOf(Method... methods) {
    return new Policy(false, List.of(List.of(methods)), Map.of());
  }

  /// What a caller shows.
  private static final class Shown {

    private final Map<String, List<String>> fields = new HashMap<>();
    private PeerCertificates certificates = PeerCertificates.NONE;

    private Shown with(String field, String value) {
      fields.put(field, List.of(value));
      return this;
    }

    Shown key(CredentialIssuance.Issued<StoredApiKey> key) {
      return with("X-API-Key", key.newSecret());
    }

    Shown token(String accessToken) {
      return with("Authorization", "Bearer " + accessToken);
    }

    Shown password() {
      String pair = "alice:" + PasswordHouse.PASSWORD;
      return with(
          "Authorization",
          "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
    }

    Shown session(Sessions.Begun begun) {
      return with("Cookie", SessionAuthenticator.COOKIE + "=" + begun.secret());
    }

    Shown signature(String text) {
      return with("X-Signature", text);
    }

    Shown certificate(PeerCertificates shown) {
      certificates = shown;
      return this;
    }

    AuthRequest request() {
      return new AuthRequest(
          "GET",
          "https",
          "localhost",
          "/",
          HeaderFields.of(fields),
          PasswordHouse.HERE,
          certificates,
          RequestBody.NONE);
    }
  }

  /// The same answer from the stores and from memory.
  private static String answer(Gate gate, Shown shown, Method... methods) {
    String first = code(gate.admit(shown.request(), allOf(methods)));
    assertThat(gate.recall(shown.request(), allOf(methods)).map(OneCredentialTest::code))
        .as("from memory")
        .contains(first);
    return first;
  }

  private String answer(Shown shown, Method... methods) {
    return answer(gate, shown, methods);
  }

  private static String code(Decision decision) {
    return decision instanceof Decision.Refused(Refusal refusal) ? refusal.reason().code() : OK;
  }

  private Account shop() {
    return house.accounts.find("shop").orElseThrow();
  }

  private CredentialIssuance.Issued<StoredApiKey> key(String owner) {
    return (CredentialIssuance.Issued<StoredApiKey>)
        keys.issue(new CredentialRequest(owner, "a key", null, null, List.of(), null));
  }

  private String tokenFor(String credential, @Nullable Digest certificate) {
    return tokenFor(new Tokens.Basis(credential, null, null), certificate);
  }

  private String tokenFor(String registration, PeerCertificates shown, @Nullable Digest bound) {
    return tokenFor(
        new Tokens.Basis(
            registration, null, certificates.certificationPath(registration, shown).orElseThrow()),
        bound);
  }

  private String tokenFor(Tokens.Basis proved, @Nullable Digest certificate) {
    return ((ServiceTokenIssuance.Issued)
            tokens.issueForService(proved, shop().id(), null, certificate))
        .accessToken();
  }

  private String familyOf(SignIn signIn) {
    return ((TokenPairIssuance.Issued) tokens.signIn(signIn, "web")).pair().accessToken();
  }

  private PeerCertificates certificate(KeyPair of, String dnsName) {
    return PeerCertificates.of(List.of(ca.client(house.time.now(), dnsName, of)));
  }

  private String signatureKey(KeyPair of, String name) {
    CredentialIssuance<StoredSignatureKey> issuance =
        signatureKeys.issue(
            new SignatureKeys.Request(
                new CredentialRequest("shop", name, null, null, List.of(), null),
                new SignatureKeys.Material.PublicKey(
                    SignatureAlgorithm.ECDSA_P256_SHA256, pem(of.getPublic().getEncoded())),
                null,
                Set.of()));
    return ((CredentialIssuance.Issued<StoredSignatureKey>) issuance).credential().id();
  }

  private static String pem(byte[] spki) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getEncoder().encodeToString(spki)
        + "\n-----END PUBLIC KEY-----";
  }

  private PeerCertificates certificate(String dnsName) {
    return PeerCertificates.of(List.of(ca.client(house.time.now(), dnsName)));
  }

  private String register(String dnsName) {
    return register(CertificateName.of(CertificateName.Kind.DNS, dnsName));
  }

  private String register(CertificateName name) {
    return register(ca, name);
  }

  private String register(TestCa under, CertificateName name) {
    CredentialIssuance<StoredClientCertificate> registration =
        certificates.register(
            new CredentialRequest("shop", "a certificate", null, null, List.of(), null),
            under.trusted().id(),
            name);
    return ((CredentialIssuance.Issued<StoredClientCertificate>) registration).credential().id();
  }

  private SignIn byPassword() {
    return ((Passwords.Verification.Verified)
            house.passwords.verify("alice", PasswordHouse.PASSWORD, PasswordHouse.HERE))
        .signIn();
  }

  /// By the identity at the issuer of that subject, which is linked with alice's account.
  private SignIn byProvider(String subject) {
    VerifiedIdentity who =
        new VerifiedIdentity("acme", ISSUER, subject, null, false, subject, new TreeSet<>());
    links.link(house.accounts.find("alice").orElseThrow(), who);
    AllowList nobodyElse = new AllowList(false, Set.of(), Set.of(), Set.of(), false);
    return ((Links.SignInResult.SignedIn) links.signIn(who, nobodyElse, null)).signIn();
  }

  private Sessions.Begun begun(SignIn signIn) {
    return sessions.begin(signIn, "", PasswordHouse.HERE);
  }

  // Services.

  @Test
  void rejectsAnApiKeyWithATokenThatWasObtainedWithIt() {
    CredentialIssuance.Issued<StoredApiKey> key = key("shop");
    String token = tokenFor(key.credential().id(), null);

    assertThat(answer(new Shown().key(key).token(token), Method.API_KEY, Method.JWT))
        .isEqualTo(ONE_CREDENTIAL);
    assertThat(answer(new Shown().key(key).token(token), Method.JWT, Method.API_KEY))
        .isEqualTo(ONE_CREDENTIAL);
    assertThat(answer(new Shown().key(key("shop")).token(token), Method.API_KEY, Method.JWT))
        .isEqualTo(OK);
  }

  @Test
  void tellsTheClientWhatToSendAndTheOperatorWhichCredentialItWas() {
    CredentialIssuance.Issued<StoredApiKey> key = key("shop");
    Shown shown = new Shown().key(key).token(tokenFor(key.credential().id(), null));

    Refusal refusal =
        ((Decision.Refused) gate.admit(shown.request(), allOf(Method.API_KEY, Method.JWT)))
            .refusal();

    assertThat(refusal.status()).isEqualTo(401);
    assertThat(refusal.detail())
        .isEqualTo(
            "Two credentials of this request rest on the same one, as a token and the key that it"
                + " was obtained with: replace one of them");
    assertThat(refusal.cause())
        .isEqualTo(
            "jwt %1$s rests on %1$s, and apikey %1$s rests on %1$s"
                .formatted(key.credential().id()));
  }

  @Test
  void rejectsACertificateWithATokenThatWasObtainedWithItWhetherOrNotTheTokenIsBound() {
    PeerCertificates shown = certificate("till.example");
    String id = register("till.example");

    for (Digest bound : new Digest[] {null, shown.thumbprint()}) {
      Shown both = new Shown().certificate(shown).token(tokenFor(id, shown, bound));
      assertThat(answer(both, Method.MTLS, Method.JWT)).isEqualTo(ONE_CREDENTIAL);
    }
  }

  @Test
  void rejectsACertificateWithATokenThatWasObtainedWithItByAnotherOfItsNames() {
    PeerCertificates shown = certificate("till.example");
    String token = tokenFor(register("till.example"), shown, null);

    register(
        CertificateName.of(
            CertificateName.Kind.FINGERPRINT,
            HexFormat.of().formatHex(Objects.requireNonNull(shown.thumbprint()).bytes())));

    assertThat(answer(new Shown().certificate(shown).token(token), Method.MTLS, Method.JWT))
        .isEqualTo(ONE_CREDENTIAL);
  }

  @Test
  void takesACertificateWithATokenThatWasObtainedWithAKeyWhetherOrNotTheTokenIsBound() {
    PeerCertificates shown = certificate("till.example");
    register("till.example");
    CredentialIssuance.Issued<StoredApiKey> key = key("shop");

    for (Digest bound : new Digest[] {null, shown.thumbprint()}) {
      Shown both = new Shown().certificate(shown).token(tokenFor(key.credential().id(), bound));
      assertThat(answer(both, Method.MTLS, Method.JWT)).isEqualTo(OK);
      assertThat(answer(both.key(key), Method.MTLS, Method.JWT, Method.API_KEY))
          .as("a third proof that rests on one of them")
          .isEqualTo(ONE_CREDENTIAL);
    }
  }

  @Test
  void rejectsACertificateWithATokenThatWasObtainedWithAnotherCertificate() {
    KeyPair one = TestCa.keys("EC", 256);
    String token = tokenFor(register("old.example"), certificate("old.example"), null);
    register("new.example");

    assertThat(
            answer(
                new Shown().certificate(certificate(one, "new.example")).token(token),
                Method.MTLS,
                Method.JWT))
        .as("it may be of the same key: the token does not say")
        .isEqualTo(ONE_CREDENTIAL);
  }

  @Test
  void rejectsACrossSignedCertificateWithATokenThatWasObtainedUnderItsOtherCa() {
    TestCa second = TestCa.root(house.time.now());
    trust.replace(
        new ClientTrust(List.of(ca.trusted(), second.trusted()), List.of()), house.time.now());
    TestCa below = ca.below(house.time.now(), "CN=Below", spec -> spec);
    X509Certificate leaf = below.client(house.time.now(), "till.example");
    CertificateName name = CertificateName.of(CertificateName.Kind.DNS, "till.example");
    String token =
        tokenFor(register(ca, name), PeerCertificates.of(List.of(leaf, below.certificate())), null);
    register(second, name);

    for (X509Certificate above :
        List.of(below.certificate(), second.crossSign(below, house.time.now(), spec -> spec))) {
      PeerCertificates shown = PeerCertificates.of(List.of(leaf, above));
      assertThat(answer(new Shown().certificate(shown), Method.MTLS)).isEqualTo(OK);
      assertThat(answer(new Shown().certificate(shown).token(token), Method.MTLS, Method.JWT))
          .isEqualTo(ONE_CREDENTIAL);
    }
  }

  @Test
  void rejectsACertificateAndASignatureOfOnePrivateKey() {
    KeyPair one = TestCa.keys("EC", 256);
    KeyPair other = TestCa.keys("EC", 256);
    register("till.example");
    String same = signatureKey(one, "same");
    String different = signatureKey(other, "different");

    assertThat(signedWithCertificate(one, same, one)).isEqualTo(ONE_CREDENTIAL);
    assertThat(signedWithCertificate(one, different, other)).isEqualTo(OK);
  }

  @Test
  void rejectsASignatureOfAPublicKeyWithATokenThatWasObtainedWithACertificate() {
    KeyPair one = TestCa.keys("EC", 256);
    String key = signatureKey(one, "till");

    for (String token :
        List.of(
            tokenFor(register("till.example"), certificate("till.example"), null),
            tokenFor(register("other.example"), certificate("other.example"), null))) {
      assertThat(code(signing.admit(signed(key, one).token(token).request(), allOf(HMAC_AND_JWT))))
          .isEqualTo(ONE_CREDENTIAL);
    }
    assertThat(
            code(
                signing.admit(
                    signed(key, one).token(tokenFor(key("shop").credential().id(), null)).request(),
                    allOf(HMAC_AND_JWT))))
        .isEqualTo(OK);
  }

  private static final Method[] HMAC_AND_JWT = {Method.HMAC, Method.JWT};

  private String signedWithCertificate(KeyPair ofCertificate, String keyId, KeyPair signer) {
    Shown both = signed(keyId, signer).certificate(certificate(ofCertificate, "till.example"));
    return code(signing.admit(both.request(), allOf(Method.MTLS, Method.HMAC)));
  }

  @Test
  void takesAKeyWithATokenThatWasObtainedWithACertificate() {
    String token = tokenFor(register("till.example"), certificate("till.example"), null);

    assertThat(answer(new Shown().key(key("shop")).token(token), Method.API_KEY, Method.JWT))
        .isEqualTo(OK);
  }

  @Test
  void takesACertificateAndASignatureAndAKey() {
    PeerCertificates shown = certificate("till.example");
    register("till.example");

    assertThat(
            answer(
                new Shown().certificate(shown).signature("signed").key(key("shop")),
                Method.MTLS,
                Method.HMAC,
                Method.API_KEY))
        .isEqualTo(OK);
  }

  @Test
  void rejectsATokenOfAKeyWithTheKeyThatReplacedItAlsoWhenBothWereKnown() {
    CredentialIssuance.Issued<StoredApiKey> old = key("shop");
    CredentialIssuance.Issued<StoredApiKey> other = key("shop");
    String token = tokenFor(old.credential().id(), null);
    assertThat(answer(new Shown().key(other).token(token), Method.API_KEY, Method.JWT))
        .as("the token is remembered")
        .isEqualTo(OK);

    CredentialIssuance.Issued<StoredApiKey> next =
        (CredentialIssuance.Issued<StoredApiKey>)
            keys.rotate(old.credential().id(), Duration.ofHours(1), null);

    assertThat(answer(new Shown().key(next).token(token), Method.API_KEY, Method.JWT))
        .isEqualTo(ONE_CREDENTIAL);
    assertThat(
            answer(
                new Shown().key(old).token(tokenFor(next.credential().id(), null)),
                Method.API_KEY,
                Method.JWT))
        .isEqualTo(ONE_CREDENTIAL);
    assertThat(answer(new Shown().key(other).token(token), Method.API_KEY, Method.JWT))
        .isEqualTo(OK);
  }

  @Test
  void rejectsATokenOfAKeyWithAKeyThatReplacedItAfterSeveralRotations() {
    CredentialIssuance.Issued<StoredApiKey> first = key("shop");
    CredentialIssuance.Issued<StoredApiKey> second = rotated(first);
    CredentialIssuance.Issued<StoredApiKey> third = rotated(second);
    List<CredentialIssuance.Issued<StoredApiKey>> chain =
        List.of(first, second, third, rotated(third));

    for (CredentialIssuance.Issued<StoredApiKey> one : chain) {
      for (CredentialIssuance.Issued<StoredApiKey> other : chain) {
        assertThat(
                answer(
                    new Shown().key(other).token(tokenFor(one.credential().id(), null)),
                    Method.API_KEY,
                    Method.JWT))
            .isEqualTo(ONE_CREDENTIAL);
      }
    }
  }

  private CredentialIssuance.Issued<StoredApiKey> rotated(
      CredentialIssuance.Issued<StoredApiKey> key) {
    return (CredentialIssuance.Issued<StoredApiKey>)
        keys.rotate(key.credential().id(), Duration.ofHours(1), null);
  }

  @Test
  void anOpenStreamIsReviewedByTheSameRule() {
    CredentialIssuance.Issued<StoredApiKey> key = key("shop");
    Shown shown = new Shown().key(key).token(tokenFor(key.credential().id(), null));

    Decision.Admitted admitted =
        (Decision.Admitted) gate.admit(shown.request(), Policy.accepting(Method.JWT));
    assertThat(code(gate.review(admitted, shown.request(), allOf(Method.API_KEY, Method.JWT))))
        .isEqualTo(ONE_CREDENTIAL);
  }

  // People.

  @Test
  void rejectsAPasswordWithWhatWasObtainedWithIt() {
    Sessions.Begun session = begun(byPassword());
    String token = familyOf(byPassword());

    assertThat(answer(new Shown().password().session(session), Method.BASIC, Method.SESSION))
        .isEqualTo(ONE_CREDENTIAL);
    assertThat(answer(new Shown().token(token).session(session), Method.SESSION, Method.JWT))
        .isEqualTo(ONE_CREDENTIAL);
  }

  @Test
  void aRefreshedTokenRestsOnWhatItsFamilyBeganWith() {
    TokenPairIssuance.Issued first = (TokenPairIssuance.Issued) tokens.signIn(byPassword(), "web");
    String refreshed =
        ((TokenPairIssuance.Issued) tokens.refresh(first.pair().refreshToken()))
            .pair()
            .accessToken();

    Shown both = new Shown().token(refreshed).session(begun(byPassword()));
    assertThat(answer(both, Method.SESSION, Method.JWT)).isEqualTo(ONE_CREDENTIAL);
  }

  @Test
  void rejectsASessionAndATokenOfOneIdentityAtAProvider() {
    Shown both = new Shown().token(familyOf(byProvider("1"))).session(begun(byProvider("1")));
    assertThat(answer(both, Method.SESSION, Method.JWT)).isEqualTo(ONE_CREDENTIAL);

    Shown ofTwo = new Shown().token(familyOf(byProvider("1"))).session(begun(byProvider("2")));
    assertThat(answer(ofTwo, Method.SESSION, Method.JWT)).isEqualTo(OK);
  }

  @Test
  void takesAPasswordWithWhatWasObtainedWithAProvider() {
    Sessions.Begun session = begun(byProvider("1"));

    assertThat(answer(new Shown().password().session(session), Method.BASIC, Method.SESSION))
        .isEqualTo(OK);
    assertThat(
            answer(
                new Shown().token(familyOf(byPassword())).session(session),
                Method.SESSION,
                Method.JWT))
        .isEqualTo(OK);
  }

  @Test
  void takesASessionWithAKeyOrASignatureOfThePerson() {
    Sessions.Begun session = begun(byPassword());

    assertThat(
            answer(new Shown().session(session).key(key("alice")), Method.API_KEY, Method.SESSION))
        .isEqualTo(OK);
    assertThat(
            answer(
                new Shown().session(session).signature("signed-by-alice"),
                Method.SESSION,
                Method.HMAC))
        .isEqualTo(OK);
  }

  @Test
  void whatBeginsWithANewPasswordRestsOnThat() {
    String before = byPassword().credential();
    SignIn after =
        ((Passwords.Change.Done)
                house.passwords.change(
                    house.alice.id(),
                    PasswordHouse.PASSWORD,
                    PasswordHouse.PASSWORD + " new",
                    PasswordHouse.HERE))
            .signIn();

    assertThat(after.credential()).isNotNull().isNotEqualTo(before);
    Shown both = new Shown().token(familyOf(after)).session(begun(after));
    assertThat(answer(both, Method.SESSION, Method.JWT)).isEqualTo(ONE_CREDENTIAL);
  }

  @Test
  void aSignInOfWhichNothingIsKnownCountsAsAnyOtherOfThePersonAndAsNothingElse() {
    SignIn unknown = new SignIn(house.accounts.find("alice").orElseThrow(), null);
    Sessions.Begun session = begun(unknown);

    assertThat(answer(new Shown().password().session(session), Method.BASIC, Method.SESSION))
        .isEqualTo(ONE_CREDENTIAL);
    for (SignIn other : List.of(byPassword(), byProvider("1"), unknown)) {
      Shown both = new Shown().token(familyOf(other)).session(session);
      assertThat(answer(both, Method.SESSION, Method.JWT)).isEqualTo(ONE_CREDENTIAL);
    }
    assertThat(
            answer(new Shown().session(session).key(key("alice")), Method.API_KEY, Method.SESSION))
        .isEqualTo(OK);
  }

  @Test
  void rejectsATokenOfAnIssuerWithASessionThatWasBegunThere() {
    links.link(
        house.accounts.find("alice").orElseThrow(),
        new VerifiedIdentity("acme", ISSUER, "1", null, false, "alice", new TreeSet<>()));
    TrustedIssuer.Introspection told =
        (token, from) -> Optional.of(Map.of("iss", ISSUER, "aud", AUDIENCE, "sub", "1"));
    Gate foreign =
        gate(
            new OAuthAuthenticator(
                new OAuthSettings(
                    "orders",
                    "https://gate.example.com",
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    List.of(
                        new TrustedIssuer(
                            ISSUER,
                            AUDIENCE,
                            new TrustedIssuer.ByIntrospection(told, true),
                            TrustedIssuer.Subjects.LINKED,
                            new ScopeMapping("scope", Map.of(), true)))),
                new InMemoryDeniedTokenStore(house.feed),
                links::accountOf,
                house.roles,
                new BearerTokenClassifier(
                    "https://gate.example.com", false, Set.of(ISSUER), true, OwnSecrets.NONE),
                clock),
            session());

    Shown both = new Shown().token("opaque").session(begun(byProvider("1")));
    assertThat(answer(foreign, both, Method.SESSION, Method.OAUTH)).isEqualTo(ONE_CREDENTIAL);

    for (SignIn other : List.of(byProvider("2"), byPassword())) {
      Shown ofTwo = new Shown().token("opaque").session(begun(other));
      assertThat(answer(foreign, ofTwo, Method.SESSION, Method.OAUTH)).isEqualTo(OK);
    }
  }
}
