package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Work;
import dev.gatehouse.signing.WeakKeys;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.CertPolicyId;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PolicyConstraints;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.asn1.x509.PolicyMappings;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTrustTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private static final Duration DAY = Duration.ofDays(1);

  private final TestCa root = TestCa.root(NOW);
  private final ClientTrust trust = trusting(root);

  private static ClientTrust trusting(TestCa ca, RevocationList... lists) {
    return new ClientTrust(List.of(ca.trusted()), List.of(lists));
  }

  // With CAs below, whose lists count.
  private static ClientTrust trusting(TestCa ca, List<TestCa> issuers, RevocationList... lists) {
    return new ClientTrust(
        List.of(ca.trusted()),
        issuers.stream().map(issuer -> new CrlIssuer(issuer.certificate())).toList(),
        List.of(lists),
        List.of());
  }

  private static String refusal(ClientTrust trust, Instant now, X509Certificate... chain) {
    return switch (trust.validate(List.of(chain), now)) {
      case ChainVerdict.Invalid(String cause) -> cause;
      case ChainVerdict.Valid good -> "accepted";
    };
  }

  private String refusalOf(TestCa.Spec spec) {
    return refusal(trust, NOW, root.issue(spec));
  }

  @Test
  void aChainOfTheCaIsGoodUntilItsFirstCertificateEnds() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    Instant end = NOW.plus(Duration.ofDays(3));
    X509Certificate leaf = below.issue(client(NOW, dns("a.example")).lasting(NOW, end));

    assertThat(trust.validate(List.of(leaf, below.certificate()), NOW))
        .isEqualTo(
            new ChainVerdict.Valid(
                leaf,
                List.of(
                    new ChainVerdict.Path(
                        trust.cas().getFirst(),
                        end.plusSeconds(1),
                        List.of(below.certificate(), leaf)))));
    assertThat(refusal(trust, end, leaf, below.certificate())).isEqualTo("accepted");
    assertThat(refusal(trust, end.plusSeconds(1), leaf, below.certificate())).contains("expired");
    // Without the one between, and with somebody else's CA.
    assertThat(refusal(trust, NOW, leaf)).contains("no client CA issued it");
    assertThat(refusal(trusting(TestCa.root(NOW)), NOW, leaf, below.certificate()))
        .isNotEqualTo("accepted");
    assertThat(refusal(ClientTrust.NONE, NOW, leaf)).contains("no client CA");
  }

  @Test
  void expiredAndNotYetValidCertificatesAreRefused() {
    Duration day = Duration.ofDays(1);
    assertThat(refusalOf(client(NOW).lasting(NOW.minus(day), NOW.minusSeconds(1))))
        .contains("expired");
    assertThat(refusalOf(client(NOW).lasting(NOW.plusSeconds(1), NOW.plus(day))))
        .contains("not good before");
    TestCa old = TestCa.root(NOW, spec -> spec.lasting(NOW.minus(day), NOW.minusSeconds(1)));
    assertThat(refusal(trusting(old), NOW, old.issue(client(NOW)))).contains("expired");
  }

  @Test
  void anotherUsageThanClientAuthIsRefused() {
    assertThat(
            refusalOf(
                client(NOW)
                    .with(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))))
        .contains("clientAuth");
    assertThat(
            refusalOf(
                client(NOW)
                    .with(
                        Extension.extendedKeyUsage,
                        false,
                        new ExtendedKeyUsage(KeyPurposeId.anyExtendedKeyUsage))))
        .contains("clientAuth");
    assertThat(refusalOf(client(NOW).without(Extension.extendedKeyUsage))).contains("clientAuth");
    assertThat(
            refusalOf(
                client(NOW).with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyEncipherment))))
        .contains("digitalSignature");
    assertThat(refusalOf(client(NOW).without(Extension.keyUsage))).isEqualTo("accepted");
  }

  @Test
  void aCaIsNoClientAndAClientIsNoCa() {
    assertThat(
            refusalOf(
                client(NOW).with(Extension.basicConstraints, true, new BasicConstraints(true))))
        .contains("is a CA certificate");
    TestCa noCa = root.below(NOW, "CN=No CA", spec -> spec.without(Extension.basicConstraints));
    assertThat(refusal(trust, NOW, noCa.issue(client(NOW)), noCa.certificate()))
        .contains("is not a CA certificate");
    TestCa noSigner =
        root.below(
            NOW,
            "CN=No signer",
            spec -> spec.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.cRLSign)));
    assertThat(refusal(trust, NOW, noSigner.issue(client(NOW)), noSigner.certificate()))
        .contains("keyCertSign");
  }

  @Test
  void aChainLongerThanItsRootAllowsIsRefused() {
    TestCa bound =
        TestCa.root(
            NOW, spec -> spec.with(Extension.basicConstraints, true, new BasicConstraints(0)));
    TestCa below = bound.below(NOW, "CN=Below", spec -> spec);

    assertThat(refusal(trusting(bound), NOW, bound.issue(client(NOW)))).isEqualTo("accepted");
    assertThat(refusal(trusting(bound), NOW, below.issue(client(NOW)), below.certificate()))
        .contains("longer than");
  }

  @Test
  void theNameConstraintsOfTheRootItselfHold() {
    TestCa bound =
        TestCa.root(
            NOW,
            spec ->
                spec.with(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(
                        new GeneralSubtree[] {
                          new GeneralSubtree(new GeneralName(GeneralName.dNSName, "in.example"))
                        },
                        null)));

    assertThat(refusal(trusting(bound), NOW, bound.issue(client(NOW, dns("a.in.example")))))
        .isEqualTo("accepted");
    X509Certificate out = bound.issue(client(NOW, dns("out.example")));
    assertThat(refusal(trusting(bound), NOW, out)).contains("name constraint");
    assertThat(PathValidation.fault(List.of(bound.certificate(), out), NOW))
        .as("the validator alone does not judge them")
        .isNull();
  }

  // RFC 5280 §4.2.1.10: an empty base is that of every name of its kind.
  @Test
  void excludedEmptyNameRefusesEveryNameOfItsKind() {
    GeneralName dns = new GeneralName(GeneralName.dNSName, "");
    GeneralName subject = new GeneralName(new X500Name(new RDN[0]));
    TestCa.Spec named = client(NOW, TestCa.Spec.uri("spiffe://example.org/till")).named("CN=till");
    for (GeneralName excluded : List.of(dns, subject)) {
      NameConstraints constraints =
          new NameConstraints(null, new GeneralSubtree[] {new GeneralSubtree(excluded)});
      TestCa bound =
          TestCa.root(NOW, spec -> spec.with(Extension.nameConstraints, true, constraints));
      TestCa inner =
          root.below(NOW, "CN=In", spec -> spec.with(Extension.nameConstraints, true, constraints));
      TestCa.Spec unnamed =
          client(NOW)
              .named("")
              .with(
                  Extension.subjectAlternativeName,
                  true,
                  new GeneralNames(TestCa.Spec.uri("spiffe://example.org/till")));
      TestCa.Spec fits = excluded.equals(dns) ? named : unnamed;
      TestCa.Spec breaks = excluded.equals(dns) ? client(NOW, dns("till.example.com")) : named;

      assertThat(refusal(trusting(bound), NOW, bound.issue(fits))).isEqualTo("accepted");
      assertThat(refusal(trust, NOW, inner.issue(fits), inner.certificate())).isEqualTo("accepted");
      assertThat(refusal(trusting(bound), NOW, bound.issue(breaks))).contains("name constraint");
      assertThat(refusal(trust, NOW, inner.issue(breaks), inner.certificate()))
          .contains("name constraint");
    }
  }

  @Test
  void permittedEmptyNameIsNotUnderstood() {
    for (GeneralName permitted :
        List.of(
            new GeneralName(GeneralName.dNSName, ""), new GeneralName(new X500Name(new RDN[0])))) {
      NameConstraints constraints =
          new NameConstraints(new GeneralSubtree[] {new GeneralSubtree(permitted)}, null);
      TestCa inner =
          root.below(NOW, "CN=In", spec -> spec.with(Extension.nameConstraints, true, constraints));

      assertThat(refusal(trust, NOW, inner.issue(client(NOW)), inner.certificate()))
          .contains("name constraint that is malformed or of an unknown kind");
    }
  }

  private static final KeyPair RSA_KEYS = TestCa.keys("RSA", 2048);
  private static final AlgorithmIdentifier MGF_SHA1 =
      new AlgorithmIdentifier(
          PKCSObjectIdentifiers.id_mgf1,
          new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.3.14.3.2.26"), DERNull.INSTANCE));

  // The JDK's jdk.certpath.disabledAlgorithms is for its own chains, and does not reach these.
  private static Stream<Arguments> weakSignatures() {
    return Stream.of(
        Arguments.of("EC", "SHA1withECDSA", algorithm(X9ObjectIdentifiers.ecdsa_with_SHA1)),
        Arguments.of("EC", "SHA224withECDSA", algorithm(X9ObjectIdentifiers.ecdsa_with_SHA224)),
        Arguments.of("RSA", "MD5withRSA", rsa(PKCSObjectIdentifiers.md5WithRSAEncryption)),
        Arguments.of("RSA", "SHA1withRSA", rsa(PKCSObjectIdentifiers.sha1WithRSAEncryption)),
        Arguments.of("RSA", "SHA224withRSA", rsa(PKCSObjectIdentifiers.sha224WithRSAEncryption)),
        // RFC 4055 §3.1: without parameters, both hashes are SHA-1.
        Arguments.of("RSA", "SHA1withRSA", algorithm(PKCSObjectIdentifiers.id_RSASSA_PSS)),
        Arguments.of(
            "RSA",
            "SHA1withRSA",
            new AlgorithmIdentifier(
                PKCSObjectIdentifiers.id_RSASSA_PSS,
                new RSASSAPSSparams(
                    new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE),
                    MGF_SHA1,
                    new ASN1Integer(32),
                    RSASSAPSSparams.DEFAULT_TRAILER_FIELD))),
        // The JDK fails on such a salt with an exception that is no GeneralSecurityException.
        Arguments.of("RSA", "SHA256withRSA", pss(Integer.MAX_VALUE)),
        Arguments.of("RSA", "SHA256withRSA", pss(1025)));
  }

  private static AlgorithmIdentifier pss(int saltBytes) {
    AlgorithmIdentifier sha256 =
        new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
    return new AlgorithmIdentifier(
        PKCSObjectIdentifiers.id_RSASSA_PSS,
        new RSASSAPSSparams(
            sha256,
            new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, sha256),
            new ASN1Integer(saltBytes),
            RSASSAPSSparams.DEFAULT_TRAILER_FIELD));
  }

  private static AlgorithmIdentifier algorithm(ASN1ObjectIdentifier id) {
    return new AlgorithmIdentifier(id);
  }

  private static AlgorithmIdentifier rsa(ASN1ObjectIdentifier id) {
    return new AlgorithmIdentifier(id, DERNull.INSTANCE);
  }

  @ParameterizedTest
  @MethodSource("weakSignatures")
  void weakSignatureIsRefusedInEveryPlaceOfAChainAndOnLists(
      String keys, String jca, AlgorithmIdentifier id) {
    AlgorithmIdentifier strongId =
        keys.equals("RSA")
            ? rsa(PKCSObjectIdentifiers.sha256WithRSAEncryption)
            : algorithm(X9ObjectIdentifiers.ecdsa_with_SHA256);
    String strong = "SHA256with" + (keys.equals("RSA") ? "RSA" : "ECDSA");
    KeyPair pair = keys.equals("RSA") ? RSA_KEYS : TestCa.keys("EC", 256);
    TestCa ca = TestCa.root(NOW, pair, spec -> spec.signedWith(strong, strongId));
    ClientTrust ofCa = trusting(ca);
    TestCa between = ca.below(NOW, "CN=Between", spec -> spec.signedWith(jca, id));

    assertThat(refusal(ofCa, NOW, ca.issue(client(NOW).signedWith(strong, strongId))))
        .isEqualTo("accepted");
    assertThat(refusal(ofCa, NOW, ca.issue(client(NOW).signedWith(jca, id)))).contains("weak");
    assertThat(refusal(ofCa, NOW, between.issue(client(NOW)), between.certificate()))
        .isNotEqualTo("accepted");
    assertThatThrownBy(() -> TestCa.root(NOW, pair, spec -> spec.signedWith(jca, id)).trusted())
        .hasMessageContaining("weak");
    assertThatThrownBy(() -> TestCa.ListSpec.of(NOW, DAY).signedWith(jca, id).list(ca))
        .hasMessageContaining("weak");
    assertThat(TestCa.ListSpec.of(NOW, DAY).signedWith(strong, strongId).list(ca)).isNotNull();
  }

  @Test
  void rsa1024IsRefusedInEveryPlaceOfAChain() {
    KeyPair weak = TestCa.keys("RSA", 1024);
    AlgorithmIdentifier id = rsa(PKCSObjectIdentifiers.sha256WithRSAEncryption);
    TestCa weakCa = TestCa.root(NOW, weak, spec -> spec.signedWith("SHA256withRSA", id));
    X509Certificate leaf = weakCa.issue(client(NOW).signedWith("SHA256withRSA", id));

    assertThat(refusalOf(client(NOW).key(weak))).contains("1024 bits");
    assertThat(refusalOf(client(NOW).key(RSA_KEYS))).isEqualTo("accepted");
    assertThat(refusal(trust, NOW, leaf, root.crossSign(weakCa, NOW, spec -> spec)))
        .isNotEqualTo("accepted");
    // So no list that it signed can count either.
    assertThatThrownBy(weakCa::trusted).hasMessageContaining("1024 bits");
  }

  @Test
  void refusesCertificatesWhoseKeysProveNothing() {
    for (KeyPair weak :
        List.of(
            WeakKeys.roca(),
            new KeyPair(WeakKeys.ed25519(WeakKeys.NEUTRAL), null),
            new KeyPair(WeakKeys.ed25519(WeakKeys.MIXED_ORDER), null))) {
      assertThat(refusalOf(client(NOW).key(weak))).contains("has an ");
      TestCa above = root.below(NOW, "CN=Weak", spec -> spec.key(weak));
      assertThat(refusal(trust, NOW, root.issue(client(NOW)), above.certificate()))
          .as("what is not needed is passed over")
          .isEqualTo("accepted");
    }
    TestCa.Spec weak = TestCa.Spec.ca(NOW, "CN=Weak CA").key(WeakKeys.roca());
    assertThatThrownBy(() -> ClientCa.of(root.issue(weak)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CVE-2017-15361");
  }

  @Test
  void anUnknownCriticalExtensionIsRefused() {
    ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.2.3.4.5");

    assertThat(refusalOf(client(NOW).with(unknown, true, DERNull.INSTANCE))).contains("critical");
    assertThat(refusalOf(client(NOW).with(unknown, false, DERNull.INSTANCE))).isEqualTo("accepted");
  }

  // RFC 5280 §4.2.1.12.
  @Test
  void acceptsCriticalExtendedKeyUsageOfAnyCertificateOfTheChain() {
    ExtendedKeyUsage purposes = new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth);
    TestCa below =
        root.below(NOW, "CN=Below", spec -> spec.with(Extension.extendedKeyUsage, true, purposes));
    TestCa lowest =
        below.below(
            NOW, "CN=Lowest", spec -> spec.with(Extension.extendedKeyUsage, true, purposes));
    X509Certificate leaf =
        lowest.issue(client(NOW).with(Extension.extendedKeyUsage, true, purposes));
    TestCa another =
        root.below(
            NOW,
            "CN=Another",
            spec ->
                spec.with(
                    Extension.extendedKeyUsage,
                    true,
                    new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth)));

    assertThat(refusal(trust, NOW, leaf, lowest.certificate(), below.certificate()))
        .isEqualTo("accepted");
    assertThat(refusal(trust, NOW, another.issue(client(NOW)), another.certificate()))
        .contains("clientAuth");
  }

  // RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14.
  @Test
  void acceptsCriticalPoliciesOfAnIntermediate() {
    ASN1ObjectIdentifier policy = new ASN1ObjectIdentifier("1.2.3.4");
    TestCa below =
        root.below(
            NOW,
            "CN=Below",
            spec ->
                spec.with(
                        Extension.certificatePolicies,
                        true,
                        new CertificatePolicies(new PolicyInformation(policy)))
                    .with(
                        Extension.policyMappings,
                        true,
                        new PolicyMappings(
                            CertPolicyId.getInstance(policy), CertPolicyId.getInstance(policy)))
                    .with(
                        Extension.policyConstraints,
                        true,
                        new PolicyConstraints(null, BigInteger.ZERO))
                    .with(Extension.inhibitAnyPolicy, true, new ASN1Integer(1)));

    assertThat(refusal(trust, NOW, below.issue(client(NOW)), below.certificate()))
        .isEqualTo("accepted");
  }

  @Test
  void howMuchIsShownIsBounded() {
    List<X509Certificate> many = new ArrayList<>();
    many.add(root.issue(client(NOW)));
    while (many.size() <= CertificateEncoding.MAX_CHAIN_LENGTH) {
      many.add(root.certificate());
    }
    assertThat(refusal(trust, NOW, many.toArray(X509Certificate[]::new)))
        .contains("more than 10 certificates");
    assertThat(trust.validate(List.of(), NOW)).isInstanceOf(ChainVerdict.Invalid.class);
  }

  private static PathSearch searched(TestCa ca, X509Certificate... chain) {
    PathSearch search = new PathSearch(List.of(chain), KeyPurposeId.id_kp_clientAuth, NOW);
    search.descend(ca.certificate(), path -> false);
    return search;
  }

  @Test
  void aCallerThatNobodyKnowsCausesFewSignatures() {
    List<X509Certificate> garbage = new ArrayList<>();
    garbage.add(root.issue(client(NOW).forged()));
    List<X509Certificate> unrelated = new ArrayList<>();
    unrelated.add(TestCa.root(NOW).issue(client(NOW)));
    while (garbage.size() < CertificateEncoding.MAX_CHAIN_LENGTH) {
      garbage.add(root.issue(TestCa.Spec.ca(NOW, "CN=Test Root").forged()));
      unrelated.add(root.issue(TestCa.Spec.ca(NOW, "CN=Other")));
    }

    // A plain one: the signature of one wrong certificate.
    int plain = searched(root, garbage.getFirst()).signatures();
    assertThat(plain).isOne();
    assertThat(searched(root, garbage.toArray(X509Certificate[]::new)).signatures())
        .isLessThanOrEqualTo(Work.MAX_FACTOR * plain);
    assertThat(searched(root, unrelated.toArray(X509Certificate[]::new)).signatures()).isZero();
    // Below a real CA, too, whose certificate everybody may show.
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    assertThat(searched(root, below.issue(client(NOW).forged()), below.certificate()).signatures())
        .isEqualTo(2);
    assertThat(searched(root, below.issue(client(NOW)), below.certificate()).signatures())
        .isEqualTo(2);
  }

  @Test
  void pathsThatMeetAgainAndAgainAreBounded() {
    // Each of them could have issued every other, and the client's.
    List<X509Certificate> same = new ArrayList<>();
    same.add(root.issue(client(NOW)));
    // Two CAs that certified each other again and again.
    TestCa one = root.below(NOW, "CN=One", spec -> spec);
    TestCa other = root.below(NOW, "CN=Other", spec -> spec);
    List<X509Certificate> crossed = new ArrayList<>();
    crossed.add(one.issue(client(NOW)));
    while (same.size() < CertificateEncoding.MAX_CHAIN_LENGTH) {
      same.add(root.crossSign(root, NOW, spec -> spec));
      crossed.add(
          crossed.size() % 3 == 0
              ? root.crossSign(one, NOW, spec -> spec)
              : crossed.size() % 3 == 1
                  ? one.crossSign(other, NOW, spec -> spec)
                  : other.crossSign(one, NOW, spec -> spec));
    }
    for (List<X509Certificate> maze : List.of(same, crossed)) {
      X509Certificate[] chain = maze.toArray(X509Certificate[]::new);
      assertThat(searched(root, chain).signatures()).isLessThanOrEqualTo(PathSearch.MAX_SIGNATURES);
      assertThat(refusal(trust, NOW, chain)).isEqualTo("accepted");
    }
    X509Certificate[] chain = same.toArray(X509Certificate[]::new);
    assertThat(searched(root, chain).signatures()).isEqualTo(1);
  }

  @Test
  void aChainThatLeadsToTwoClientCasIsGoodUnderBoth() {
    TestCa second = TestCa.root(NOW, spec -> spec.named("CN=Second"));
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    ClientTrust both = new ClientTrust(List.of(root.trusted(), second.trusted()), List.of());

    assertThat(
            both.validate(
                List.of(
                    below.issue(client(NOW)),
                    second.crossSign(below, NOW, spec -> spec),
                    below.certificate()),
                NOW))
        .isInstanceOfSatisfying(
            ChainVerdict.Valid.class,
            good ->
                assertThat(good.paths())
                    .extracting(ChainVerdict.Path::ca)
                    .containsExactlyElementsOf(both.cas()));
  }

  @Test
  void expiredCertificatesOfAClientCaTakeNoPathsFromItsCurrentOne() {
    List<ClientCa> expired = new ArrayList<>();
    while (expired.size() < PathSearch.MAX_SIGNATURES) {
      Instant end = NOW.minusSeconds(1L + expired.size());
      expired.add(
          ClientCa.of(root.crossSign(root, NOW, spec -> spec.lasting(NOW.minus(DAY), end))));
    }
    List<ClientCa> renewed = new ArrayList<>(expired);
    renewed.add(root.trusted());
    X509Certificate leaf = root.issue(client(NOW));

    assertThat(refusal(new ClientTrust(renewed, List.of()), NOW, leaf)).isEqualTo("accepted");
    // The cause is the right one for the certificates that the gate refuses.
    assertThat(refusal(new ClientTrust(expired, List.of()), NOW, leaf))
        .startsWith("its CA, CN=Test Root, expired");
    assertThat(refusal(new ClientTrust(renewed, List.of(root.list(NOW, DAY, leaf))), NOW, leaf))
        .contains("revoked");
    TestCa stranger = TestCa.root(NOW, spec -> spec.named("CN=Stranger"));
    assertThat(refusal(new ClientTrust(renewed, List.of()), NOW, stranger.issue(client(NOW))))
        .contains("no client CA issued it");
  }

  @Test
  void whatTheCaRevokedIsRefusedAndTheVerdictEndsWithTheList() {
    X509Certificate revoked = root.issue(client(NOW));
    X509Certificate good = root.issue(client(NOW));
    Duration life = Duration.ofHours(6);
    ClientTrust heeding = trusting(root, root.list(NOW, life, revoked));

    assertThat(refusal(heeding, NOW, revoked)).contains("list of revoked certificates");
    assertThat(heeding.validate(List.of(good), NOW))
        .isInstanceOfSatisfying(
            ChainVerdict.Valid.class,
            verdict -> assertThat(verdict.endsAt()).isEqualTo(NOW.plus(life)));
    assertThat(heeding.warnings()).isEmpty();
  }

  @Test
  void clientCaOnTheListOfItsOwnCaIsNotTrusted() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate client = below.issue(client(NOW));
    List<ClientCa> cas = List.of(root.trusted(), below.trusted());
    ClientTrust before = new ClientTrust(cas, List.of());
    RevocationList list = root.list(NOW, DAY, below.certificate());
    ClientTrust heeding = new ClientTrust(cas, List.of(list));
    ClientTrust former = new ClientTrust(cas, List.of(), List.of(), List.of(list));

    assertThat(refusal(before, NOW, client)).isEqualTo("accepted");
    for (ClientTrust revoking : List.of(heeding, former)) {
      assertThat(refusal(revoking, NOW, client))
          .isEqualTo(
              "its CA, CN=Below, can't be trusted: it is on its CA's list of revoked certificates");
      assertThat(refusal(revoking, NOW, client, below.certificate())).contains("revoked");
      assertThat(revoking.warnings())
          .contains(
              "The client CA CN=Below is on its CA's list of revoked certificates: no certificate"
                  + " that leads to it alone is accepted");
    }
    assertThat(before.warnings()).isEmpty();
    CertificationPath path = CertificationPath.of(List.of(client));
    assertThat(before.stillTrusts(path, below.trusted().id())).isTrue();
    assertThat(heeding.stillTrusts(path, below.trusted().id())).isFalse();
  }

  @Test
  void clientCaIsNotTrustedWhenTheListOfItsOwnCaIsNotInForce() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate client = below.issue(client(NOW));
    List<ClientCa> cas = List.of(root.trusted(), below.trusted());
    ClientTrust heeding = new ClientTrust(cas, List.of(root.list(NOW, DAY)));

    assertThat(heeding.validate(List.of(client), NOW))
        .isInstanceOfSatisfying(
            ChainVerdict.Valid.class,
            good ->
                assertThat(good.paths())
                    .extracting(ChainVerdict.Path::endsAt)
                    .containsExactly(NOW.plus(DAY)));
    assertThat(refusal(heeding, NOW.plus(DAY), client)).contains("past its next update");
  }

  @Test
  void clientCaOfAnOldKeyIsHeldToTheListOfTheNewKeyOfItsCa() {
    TestCa renewed = TestCa.namesake(root, NOW);
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate client = below.issue(client(NOW));
    ClientTrust heeding =
        new ClientTrust(
            List.of(root.trusted(), renewed.trusted(), below.trusted()),
            List.of(renewed.list(NOW, DAY)));

    assertThat(refusal(heeding, NOW, client)).isEqualTo("accepted");
    assertThat(refusal(heeding, NOW.plus(DAY), client)).contains("past its next update");
  }

  @Test
  void clientCaOnTheListOfACrlIssuerIsRefused() {
    TestCa between = root.below(NOW, "CN=Between", spec -> spec);
    TestCa below = between.below(NOW, "CN=Below", spec -> spec);
    X509Certificate client = below.issue(client(NOW));
    ClientTrust heeding =
        new ClientTrust(
            List.of(below.trusted()),
            List.of(new CrlIssuer(between.certificate())),
            List.of(between.list(NOW, DAY, below.certificate())),
            List.of());

    assertThat(refusal(heeding, NOW, client)).contains("revoked certificates");
    assertThat(heeding.warnings())
        .singleElement()
        .asString()
        .contains("The client CA CN=Below is on");
  }

  @Test
  void aListPastItsNextUpdateRefusesAndSoDoesOneThatIsNotInForce() {
    X509Certificate good = root.issue(client(NOW));
    ClientTrust heeding = trusting(root, root.list(NOW, Duration.ofHours(6)));

    assertThat(refusal(heeding, NOW.plus(Duration.ofHours(6)).minusSeconds(1), good))
        .isEqualTo("accepted");
    assertThat(refusal(heeding, NOW.plus(Duration.ofHours(6)), good)).contains("next update");
    assertThat(refusal(heeding, NOW.minusSeconds(60), good)).contains("not in force");
    assertThat(heeding.listsNotInForce(NOW)).isEmpty();
    assertThat(heeding.listsNotInForce(NOW.plus(Duration.ofHours(6))))
        .singleElement()
        .asString()
        .contains("past its next update");
  }

  @Test
  void rejectsListThatNamesAClientCaAndIsNotSignedByIt() {
    X509Certificate revoked = root.issue(client(NOW));
    TestCa namesake = TestCa.namesake(root, NOW);

    assertThatThrownBy(() -> trusting(root, root.forgedList(NOW, DAY, revoked)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CN=Test Root")
        .hasMessageContaining("signature");
    assertThatThrownBy(() -> trusting(root, namesake.list(NOW, DAY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("signature");
  }

  // Also in the issuer's name: the list must not become another CA's, of which nothing is known.
  @Test
  void aChangedBitOfAListNeverHidesARevokedCertificate() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = root.issue(client(NOW));
    X509Certificate revokedBelow = below.issue(client(NOW));

    List<TestCa> none = List.of();
    assertEveryBitCounts(TestCa.ListSpec.of(NOW, DAY, revoked).der(root), none, revoked);
    assertEveryBitCounts(
        TestCa.ListSpec.of(NOW, DAY, revoked).withoutKeyIdentifier().der(root), none, revoked);
    assertEveryBitCounts(
        TestCa.ListSpec.of(NOW, DAY, revokedBelow).der(below),
        List.of(below),
        revokedBelow,
        below.certificate());
  }

  private void assertEveryBitCounts(byte[] list, List<TestCa> issuers, X509Certificate... chain) {
    for (int i = 0; i < list.length; i++) {
      byte[] changed = list.clone();
      changed[i] ^= (byte) (1 << i % 8);
      String result;
      try {
        result = refusal(trusting(root, issuers, RevocationList.of(changed)), NOW, chain);
      } catch (IllegalArgumentException unusable) {
        result = String.valueOf(unusable.getMessage());
      }
      assertThat(result).as("byte %d", i).isNotEqualTo("accepted");
    }
  }

  @Test
  void rejectsListThatACrlIssuerDidNotSign() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    List<TestCa> issuers = List.of(below);

    assertThatThrownBy(() -> trusting(root, issuers, below.forgedList(NOW, DAY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CN=Below")
        .hasMessageContaining("signature");
    // Beside a good list, too: the damaged one may be the newer.
    assertThatThrownBy(
            () -> trusting(root, issuers, below.list(NOW, DAY), below.forgedList(NOW, DAY)))
        .hasMessageContaining("signature");
  }

  // Nothing shows who signed it.
  @Test
  void rejectsListOfACaThatNoCertificateIsKnownOf() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);

    assertThatThrownBy(() -> trusting(root, root.list(NOW, DAY), below.list(NOW, DAY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CN=Below")
        .hasMessageContaining("crlIssuers");
  }

  @Test
  void listOfACrlIssuerNeedsNoKeyIdentifier() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = below.issue(client(NOW));
    RevocationList list = TestCa.ListSpec.of(NOW, DAY, revoked).withoutKeyIdentifier().list(below);

    assertThat(refusal(trusting(root, List.of(below), list), NOW, revoked, below.certificate()))
        .contains("revoked certificates");
  }

  @Test
  void noChainEndsAtACrlIssuer() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate client = below.issue(client(NOW));
    ClientTrust heeding = trusting(root, List.of(below), below.list(NOW, DAY));

    assertThat(refusal(heeding, NOW, client)).isNotEqualTo("accepted");
    assertThat(refusal(heeding, NOW, client, below.certificate())).isEqualTo("accepted");
  }

  @Test
  void crlIssuerMustBeAnIntermediateThatMaySignLists() {
    TestCa mute =
        root.below(
            NOW,
            "CN=Mute",
            spec -> spec.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));

    assertThatThrownBy(() -> new CrlIssuer(mute.certificate()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cRLSign");
    assertThatThrownBy(() -> new CrlIssuer(root.issue(client(NOW))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rejectsListThatNamesTheKeyOfAClientCaUnderAnotherName() {
    assertThatThrownBy(
            () -> trusting(root, TestCa.ListSpec.of(NOW, DAY).issuedBy("CN=Test Toot").list(root)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("CN=Test Toot");
  }

  @Test
  void aListOfAnotherKeyOfTheCaCountsUntilTheKeyHasItsOwn() {
    TestCa renewed = TestCa.namesake(root, NOW);
    X509Certificate revoked = root.issue(client(NOW));
    X509Certificate good = root.issue(client(NOW));
    List<ClientCa> both = List.of(root.trusted(), renewed.trusted());
    ClientTrust heeding = new ClientTrust(both, List.of(renewed.list(NOW, DAY, revoked)));

    assertThat(refusal(heeding, NOW, revoked)).contains("revoked");
    assertThat(refusal(heeding, NOW, good)).isEqualTo("accepted");
    assertThat(heeding.validate(List.of(good), NOW))
        .isInstanceOfSatisfying(
            ChainVerdict.Valid.class,
            verdict -> assertThat(verdict.endsAt()).isEqualTo(NOW.plus(DAY)));
    // With lists of both keys, the old key's list may end without the new key's certificates.
    ClientTrust each =
        new ClientTrust(both, List.of(root.list(NOW, Duration.ofHours(1)), renewed.list(NOW, DAY)));
    Instant later = NOW.plus(Duration.ofHours(2));
    assertThat(refusal(each, later, renewed.issue(client(NOW)))).isEqualTo("accepted");
    assertThat(refusal(each, later, good)).contains("next update");
  }

  @Test
  void serialOnAListOfAnotherKeyOfTheNameIsRevokedBesideTheListOfTheIssuersKey() {
    TestCa renewed = TestCa.namesake(root, NOW);
    X509Certificate revoked = root.issue(client(NOW));
    X509Certificate good = root.issue(client(NOW));
    List<ClientCa> both = List.of(root.trusted(), renewed.trusted());
    RevocationList old = root.list(NOW, DAY);
    Instant later = NOW.plus(Duration.ofHours(2));

    for (RevocationList newer :
        List.of(
            renewed.list(NOW, DAY, revoked),
            // Past its next update, and not in force yet: it still revokes what it names, and
            // says nothing of others.
            renewed.list(NOW, Duration.ofHours(1), revoked),
            renewed.list(NOW.plus(DAY), DAY, revoked))) {
      for (List<RevocationList> lists : List.of(List.of(old, newer), List.of(newer, old))) {
        ClientTrust heeding = new ClientTrust(both, lists);
        assertThat(refusal(heeding, later, revoked)).contains("revoked certificates");
        assertThat(refusal(heeding, later, good)).isEqualTo("accepted");
        assertThat(heeding.validate(List.of(good), later))
            .isInstanceOfSatisfying(
                ChainVerdict.Valid.class,
                verdict -> assertThat(verdict.endsAt()).isEqualTo(NOW.plus(DAY)));
      }
    }
  }

  @Test
  void serialOnAListOfAnotherKeyOfAnIntermediatesNameIsRevoked() {
    TestCa old = root.below(NOW, "CN=Below", spec -> spec);
    TestCa renewed = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = old.issue(client(NOW));
    ClientTrust heeding =
        trusting(root, List.of(old, renewed), old.list(NOW, DAY), renewed.list(NOW, DAY, revoked));

    // Also when no chain has shown the certificate of the other key.
    assertThat(refusal(heeding, NOW, revoked, old.certificate())).contains("revoked certificates");
    assertThat(refusal(heeding, NOW, old.issue(client(NOW)), old.certificate()))
        .isEqualTo("accepted");
    assertThat(refusal(heeding, NOW, renewed.issue(client(NOW)), renewed.certificate()))
        .isEqualTo("accepted");
  }

  @Test
  void intermediatesOfOneNameHaveAListForEachKey() {
    TestCa old = root.below(NOW, "CN=Below", spec -> spec);
    TestCa renewed = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = old.issue(client(NOW));
    X509Certificate good = renewed.issue(client(NOW));
    ClientTrust heeding =
        trusting(
            root,
            List.of(old, renewed),
            old.list(NOW, DAY, revoked),
            renewed.list(NOW, DAY, revoked));

    assertThat(refusal(heeding, NOW, revoked, old.certificate())).contains("revoked");
    assertThat(refusal(heeding, NOW, good, renewed.certificate())).isEqualTo("accepted");
    // A key without a list relies on the list of the name.
    ClientTrust ofOne = trusting(root, List.of(old), old.list(NOW, DAY));
    assertThat(refusal(ofOne, NOW, good, renewed.certificate())).isEqualTo("accepted");
    assertThat(refusal(ofOne, NOW.plus(DAY), good, renewed.certificate())).contains("next update");
  }

  // An older one beside the newest would refuse every client once it is past its next update.
  @Test
  void rejectsASecondListByOneKey() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    RevocationList newer = TestCa.ListSpec.of(NOW, DAY).number(11).list(root);
    RevocationList older = TestCa.ListSpec.of(NOW, DAY).number(10).list(root);

    for (List<RevocationList> lists :
        List.of(List.of(newer, older), List.of(older, newer), List.of(newer, newer))) {
      assertThatThrownBy(() -> new ClientTrust(List.of(root.trusted()), lists))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("one by the same key");
    }
    assertThatThrownBy(
            () ->
                trusting(
                    root,
                    List.of(below),
                    newer,
                    below.list(NOW, DAY),
                    below.list(NOW, Duration.ofHours(1))))
        .hasMessageContaining("one by the same key");
  }

  @Test
  void theLargestListDependsOnTheHeap() {
    assertThat(RevocationList.maxBytes(256L << 20)).isEqualTo(2 << 20);
    assertThat(RevocationList.maxBytes(2L << 30)).isEqualTo(16 << 20);
    assertThat(RevocationList.maxBytes(64L << 30)).isEqualTo(16 << 20);
  }

  // Strangers can show such certificates, and their exception must not be the gate's.
  @Test
  void anEmptyExtensionIsARefusal() {
    Extension[] empty =
        Stream.of(
                Extension.subjectAlternativeName,
                Extension.authorityInfoAccess,
                Extension.nameConstraints,
                Extension.certificatePolicies,
                Extension.basicConstraints,
                Extension.keyUsage,
                Extension.extendedKeyUsage,
                Extension.cRLDistributionPoints,
                Extension.subjectKeyIdentifier)
            .map(id -> new Extension(id, false, new byte[0]))
            .toArray(Extension[]::new);
    for (Extension extension : empty) {
      String id = extension.getExtnId().getId();
      X509Certificate leaf = root.issue(client(NOW).with(extension));
      assertThat(refusal(trusting(root), NOW, leaf)).as(id).isNotEqualTo("accepted");
      TestCa below = root.below(NOW, "CN=Below", spec -> spec.with(extension));
      assertThat(refusal(trusting(root), NOW, below.issue(client(NOW)), below.certificate()))
          .as(id)
          .isNotEqualTo("accepted");
      assertThatThrownBy(() -> new CrlIssuer(below.certificate()))
          .as(id)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void malformedKeyIdentifierAboveTheLeafIsNoExceptionOfTheGate() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate good = below.issue(client(NOW));
    X509Certificate stranger = TestCa.root(NOW).issue(client(NOW));
    for (String value : List.of("3004a1028400", "3006a104a4023100")) {
      // Self-signed, since what others sign gets an identifier that is right.
      X509Certificate odd =
          TestCa.root(
                  NOW,
                  spec ->
                      spec.with(
                          new Extension(
                              Extension.authorityKeyIdentifier,
                              false,
                              HexFormat.of().parseHex(value))))
              .certificate();
      assertThat(refusal(trusting(root), NOW, good, odd, below.certificate()))
          .isEqualTo("accepted");
      assertThat(refusal(trusting(root), NOW, stranger, odd)).contains("malformed");
    }
  }

  // Compared, the JDK normalizes names in time that grows with the square of their length.
  @Test
  void longNamesAreRefusedBeforeTheyAreCompared() {
    String longName = "CN=Below" + (",OU=" + "a".repeat(60)).repeat(16);
    TestCa below = root.below(NOW, longName, spec -> spec);
    X509Certificate leaf = below.issue(client(NOW));

    assertThat(refusal(trusting(root), NOW, leaf, below.certificate()))
        .isEqualTo("the client's certificate has a name of more than 1024 bytes");
    assertThat(refusal(trusting(root), NOW, root.issue(client(NOW)), below.certificate()))
        .isEqualTo("accepted");
    assertThatThrownBy(() -> below.list(NOW, DAY))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("has an issuer name of more than 1024 bytes");
  }

  @Test
  void malformedPoliciesOfOnePathHideNoOther() throws Exception {
    Extension malformed =
        new Extension(Extension.certificatePolicies, false, new ASN1Integer(5).getEncoded("DER"));
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate odd = root.crossSign(below, NOW, spec -> spec.with(malformed));
    X509Certificate leaf = below.issue(client(NOW));

    assertThat(refusal(trusting(root), NOW, root.issue(client(NOW).with(malformed))))
        .contains("malformed");
    assertThat(refusal(trusting(root), NOW, leaf, odd, below.certificate())).isEqualTo("accepted");
    assertThat(refusal(trusting(root), NOW, leaf, below.certificate(), odd)).isEqualTo("accepted");
  }

  // RFC 5280 §5.3.3: the entries behind it are of that CA, too.
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void rejectsListWithAnEntryOfAnotherIssuer(boolean critical) {
    X509Certificate first = root.issue(client(NOW));
    X509Certificate hidden = root.issue(client(NOW));
    Extension another =
        TestCa.extension(
            Extension.certificateIssuer,
            critical,
            new GeneralNames(new GeneralName(new X500Name("CN=Another"))));

    assertThatThrownBy(
            () -> TestCa.ListSpec.of(NOW, DAY).entry(first, another).entry(hidden).list(root))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another issuer");
    // The entry before the last one of the same number.
    assertThatThrownBy(
            () ->
                TestCa.ListSpec.of(NOW, DAY)
                    .entry(first, another)
                    .entry(first)
                    .entry(hidden)
                    .list(root))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another issuer");
  }

  @Test
  void rejectsListsOfAPartOfOtherVersionsAndWithUnknownCriticalExtensions() {
    ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.2.3.4.5");
    X509Certificate revoked = root.issue(client(NOW));
    IssuingDistributionPoint point = new IssuingDistributionPoint(null, false, true);
    for (boolean critical : List.of(true, false)) {
      assertUnusable(
          "part",
          TestCa.ListSpec.of(NOW, DAY).with(Extension.issuingDistributionPoint, critical, point));
      assertUnusable(
          "part",
          TestCa.ListSpec.of(NOW, DAY)
              .with(Extension.deltaCRLIndicator, critical, new CRLNumber(BigInteger.ONE)));
    }
    assertUnusable("critical", TestCa.ListSpec.of(NOW, DAY).with(unknown, true, DERNull.INSTANCE));
    assertUnusable(
        "critical",
        TestCa.ListSpec.of(NOW, DAY)
            .entry(revoked, TestCa.extension(unknown, true, DERNull.INSTANCE)));
    assertUnusable("version 1", TestCa.ListSpec.of(NOW, DAY, revoked).ofVersion1());
    assertUnusable("next", TestCa.ListSpec.of(NOW, DAY).withoutNextUpdate());
    assertUnusable("number", TestCa.ListSpec.of(NOW, DAY).without(Extension.cRLNumber));
    assertUnusable(
        "number",
        TestCa.ListSpec.of(NOW, DAY)
            .with(Extension.cRLNumber, false, new CRLNumber(BigInteger.ONE.shiftLeft(8 * 21))));
    assertThat(
            TestCa.ListSpec.of(NOW, DAY)
                .with(unknown, false, DERNull.INSTANCE)
                .entry(revoked, TestCa.extension(unknown, false, DERNull.INSTANCE))
                .list(root))
        .isNotNull();
  }

  private void assertUnusable(String why, TestCa.ListSpec list) {
    assertThatThrownBy(() -> list.list(root))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void rejectsTruncatedListsAndListsWithMoreBehindThem() {
    byte[] der = TestCa.ListSpec.of(NOW, DAY).der(root);
    for (int length = 0; length < der.length; length++) {
      byte[] cut = Arrays.copyOf(der, length);
      assertThatThrownBy(() -> RevocationList.of(cut))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("is not a list of revoked certificates");
    }
    assertThatThrownBy(() -> RevocationList.of(Arrays.copyOf(der, der.length + 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a list of revoked certificates");
  }

  @Test
  void aListOfACaBelowCountsForItsCertificates() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = below.issue(client(NOW));
    ClientTrust heeding = trusting(root, List.of(below), below.list(NOW, DAY, revoked));

    assertThat(refusal(heeding, NOW, revoked, below.certificate())).contains("revoked");
    // And the CA below is revoked by the root's own list.
    ClientTrust upper = trusting(root, root.list(NOW, DAY, below.certificate()));
    assertThat(refusal(upper, NOW, revoked, below.certificate())).contains("above it");
  }

  @Test
  void aCommonNameIsNoDnsName() {
    TestCa bound =
        TestCa.root(
            NOW,
            spec ->
                spec.with(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(
                        new GeneralSubtree[] {
                          new GeneralSubtree(new GeneralName(GeneralName.dNSName, "in.example"))
                        },
                        null)));
    TestCa below = bound.below(NOW, "CN=below.example", spec -> spec);
    TestCa inner =
        root.below(
            NOW,
            "CN=Inner",
            spec ->
                spec.with(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(
                        new GeneralSubtree[] {
                          new GeneralSubtree(new GeneralName(GeneralName.dNSName, "in.example"))
                        },
                        null)));

    for (TestCa.Spec spec :
        List.of(
            client(NOW).named("CN=out.example"),
            client(NOW, TestCa.Spec.uri("spiffe://out.example/till")).named("CN=out.example"))) {
      assertThat(refusal(trusting(bound), NOW, bound.issue(spec))).isEqualTo("accepted");
      assertThat(refusal(trust, NOW, inner.issue(spec), inner.certificate())).isEqualTo("accepted");
    }
    assertThat(refusal(trusting(bound), NOW, below.issue(client(NOW)), below.certificate()))
        .isEqualTo("accepted");
    // The subject is still held to constraints of its own kinds.
    TestCa people =
        root.below(
            NOW,
            "CN=People",
            spec ->
                spec.with(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(
                        new GeneralSubtree[] {
                          new GeneralSubtree(new GeneralName(new X500Name("O=In"))),
                          new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, "in.example"))
                        },
                        null)));
    assertThat(
            refusal(trust, NOW, people.issue(client(NOW).named("O=In,CN=a")), people.certificate()))
        .isEqualTo("accepted");
    assertThat(refusal(trust, NOW, people.issue(client(NOW).named("O=Out")), people.certificate()))
        .contains("name constraint");
    assertThat(
            refusal(
                trust,
                NOW,
                people.issue(client(NOW).named("O=In,E=a@out.example")),
                people.certificate()))
        .contains("name constraint");
  }

  @Test
  void everyPathOfACrossSignedChainIsTried() {
    TestCa stranger = TestCa.root(NOW, spec -> spec.named("CN=Stranger"));
    TestCa second = TestCa.root(NOW, spec -> spec.named("CN=Second"));
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate leaf = below.issue(client(NOW, dns("a.example")));
    NameConstraints elsewhere =
        new NameConstraints(
            new GeneralSubtree[] {
              new GeneralSubtree(new GeneralName(GeneralName.dNSName, "elsewhere.example"))
            },
            null);
    List<X509Certificate> bad =
        List.of(
            stranger.crossSign(below, NOW, spec -> spec),
            second.crossSign(
                below, NOW, spec -> spec.with(Extension.nameConstraints, true, elsewhere)),
            second.crossSign(below, NOW, spec -> spec.lasting(NOW.minus(DAY), NOW.minusSeconds(1))),
            second.crossSign(below, NOW, spec -> spec.without(Extension.basicConstraints)),
            second.crossSign(below, NOW, spec -> spec));
    ClientTrust both =
        new ClientTrust(
            List.of(second.trusted(), root.trusted()),
            List.of(second.list(NOW, DAY, bad.getLast())));

    for (X509Certificate other : bad) {
      assertThat(refusal(both, NOW, leaf, other)).isNotEqualTo("accepted");
      assertThat(refusal(both, NOW, leaf, other, below.certificate())).isEqualTo("accepted");
      assertThat(refusal(both, NOW, leaf, below.certificate(), other)).isEqualTo("accepted");
    }
    List<X509Certificate> all = new ArrayList<>(bad);
    all.addFirst(leaf);
    all.addLast(below.certificate());
    assertThat(refusal(both, NOW, all.toArray(X509Certificate[]::new))).isEqualTo("accepted");
  }

  @Test
  void aCaThatMaySignNoListsIsNotTrustedWithOne() {
    TestCa mute =
        TestCa.root(
            NOW, spec -> spec.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign)));

    assertThatThrownBy(() -> trusting(mute, mute.list(NOW, Duration.ofHours(1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cRLSign");
  }

  @Test
  void textThatIsNoListIsRefused() {
    assertThatThrownBy(() -> RevocationList.of(new byte[] {1, 2, 3}))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RevocationList.of(new byte[RevocationList.maxBytes() + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("longer");
  }

  @Test
  void aCaKeepsItsIdWhenItsCertificateIsRenewed() {
    assertThat(root.trusted().id()).isEqualTo(root.trusted().id()).startsWith("ca_");
    assertThat(TestCa.root(NOW).trusted().id()).isNotEqualTo(root.trusted().id());
    assertThat(trust.ca(root.trusted().id())).isNotNull();
    assertThat(trust.ca("ca_other")).isNull();
  }
}
