package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.signing.WeakKeys;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.junit.jupiter.api.Test;

class ClientTrustTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final TestCa root = TestCa.root(NOW);
  private final ClientTrust trust = trusting(root);

  private static ClientTrust trusting(TestCa ca, RevocationList... lists) {
    return new ClientTrust(List.of(ca.trusted()), List.of(lists));
  }

  private static String refusal(ClientTrust trust, Instant now, X509Certificate... chain) {
    return switch (trust.judge(List.of(chain), now)) {
      case ChainVerdict.Bad(String cause) -> cause;
      case ChainVerdict.Good good -> "accepted";
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

    assertThat(trust.judge(List.of(leaf, below.certificate()), NOW))
        .isEqualTo(new ChainVerdict.Good(leaf, trust.cas().getFirst(), end.plusSeconds(1)));
    assertThat(refusal(trust, end, leaf, below.certificate())).isEqualTo("accepted");
    assertThat(refusal(trust, end.plusSeconds(1), leaf, below.certificate())).contains("expired");
    // Without the one between, and with somebody else's CA.
    assertThat(refusal(trust, NOW, leaf)).contains("no client CA issued it");
    assertThat(refusal(trusting(TestCa.root(NOW)), NOW, leaf, below.certificate()))
        .isNotEqualTo("accepted");
    assertThat(refusal(ClientTrust.NONE, NOW, leaf)).contains("no client CA");
  }

  @Test
  void pitfall74ExpiredAndNotYetValidCertificatesAreRefused() {
    Duration day = Duration.ofDays(1);
    assertThat(refusalOf(client(NOW).lasting(NOW.minus(day), NOW.minusSeconds(1))))
        .contains("expired");
    assertThat(refusalOf(client(NOW).lasting(NOW.plusSeconds(1), NOW.plus(day))))
        .contains("not good before");
    TestCa old = TestCa.root(NOW, spec -> spec.lasting(NOW.minus(day), NOW.minusSeconds(1)));
    assertThat(refusal(trusting(old), NOW, old.issue(client(NOW)))).contains("expired");
  }

  @Test
  void pitfall74AnotherUsageThanClientAuthIsRefused() {
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
  void pitfall74ACaIsNoClientAndAClientIsNoCa() {
    assertThat(
            refusalOf(
                client(NOW).with(Extension.basicConstraints, true, new BasicConstraints(true))))
        .contains("is a CA's");
    TestCa noCa = root.below(NOW, "CN=No CA", spec -> spec.without(Extension.basicConstraints));
    assertThat(refusal(trust, NOW, noCa.issue(client(NOW)), noCa.certificate()))
        .contains("is no CA's");
    TestCa noSigner =
        root.below(
            NOW,
            "CN=No signer",
            spec -> spec.with(Extension.keyUsage, true, new KeyUsage(KeyUsage.cRLSign)));
    assertThat(refusal(trust, NOW, noSigner.issue(client(NOW)), noSigner.certificate()))
        .contains("keyCertSign");
  }

  @Test
  void pitfall74AChainLongerThanItsRootAllowsIsRefused() {
    TestCa bound =
        TestCa.root(
            NOW, spec -> spec.with(Extension.basicConstraints, true, new BasicConstraints(0)));
    TestCa below = bound.below(NOW, "CN=Below", spec -> spec);

    assertThat(refusal(trusting(bound), NOW, bound.issue(client(NOW)))).isEqualTo("accepted");
    assertThat(refusal(trusting(bound), NOW, below.issue(client(NOW)), below.certificate()))
        .contains("longer than");
  }

  @Test
  void pitfall74TheNameConstraintsOfTheRootItselfHold() {
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
    assertThat(refusal(trusting(bound), NOW, bound.issue(client(NOW, dns("out.example")))))
        .contains("name constraint");
  }

  @Test
  void pitfall74Sha1AndRsa1024AreRefused() {
    assertThat(
            refusalOf(client(NOW).signedWith("SHA1withECDSA", X9ObjectIdentifiers.ecdsa_with_SHA1)))
        .contains("weak");
    assertThat(refusalOf(client(NOW).key(TestCa.keys("RSA", 1024)))).contains("1024 bits");
    assertThat(refusalOf(client(NOW).key(TestCa.keys("RSA", 2048)))).isEqualTo("accepted");
    assertThat(PKCSObjectIdentifiers.md5WithRSAEncryption)
        .satisfies(
            md5 ->
                assertThat(
                        CertificateProfile.weakSignature(
                            new org.bouncycastle.asn1.x509.AlgorithmIdentifier(md5)))
                    .contains("weak"));
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
  void pitfall74AnUnknownCriticalExtensionIsRefused() {
    ASN1ObjectIdentifier unknown = new ASN1ObjectIdentifier("1.2.3.4.5");

    assertThat(refusalOf(client(NOW).with(unknown, true, DERNull.INSTANCE))).contains("critical");
    assertThat(refusalOf(client(NOW).with(unknown, false, DERNull.INSTANCE))).isEqualTo("accepted");
  }

  @Test
  void howMuchIsShownIsBounded() {
    List<X509Certificate> many = new ArrayList<>();
    many.add(root.issue(client(NOW)));
    while (many.size() <= PresentedChain.MAX_CERTIFICATES) {
      many.add(root.certificate());
    }
    assertThat(refusal(trust, NOW, many.toArray(X509Certificate[]::new)))
        .contains("more than 10 certificates");
    assertThat(trust.judge(List.of(), NOW)).isInstanceOf(ChainVerdict.Bad.class);

    // Ways that meet again and again: each certificate could have issued every other.
    List<X509Certificate> maze = new ArrayList<>();
    TestCa top = TestCa.root(NOW);
    maze.add(top.issue(client(NOW)));
    for (int i = 0; i < PresentedChain.MAX_CERTIFICATES - 1; i++) {
      maze.add(top.issue(TestCa.Spec.ca(NOW, "CN=Test Root")));
    }
    assertThat(refusal(trust, NOW, maze.toArray(X509Certificate[]::new))).isNotEqualTo("accepted");
  }

  @Test
  void whatTheCaRevokedIsRefusedAndTheVerdictEndsWithTheList() {
    X509Certificate revoked = root.issue(client(NOW));
    X509Certificate good = root.issue(client(NOW));
    Duration life = Duration.ofHours(6);
    ClientTrust heeding = trusting(root, root.list(NOW, life, revoked));

    assertThat(refusal(heeding, NOW, revoked)).contains("list of revoked certificates");
    assertThat(heeding.judge(List.of(good), NOW))
        .isInstanceOfSatisfying(
            ChainVerdict.Good.class,
            verdict -> assertThat(verdict.endsAt()).isEqualTo(NOW.plus(life)));
    assertThat(heeding.notes()).isEmpty();
  }

  @Test
  void aListPastItsNextUpdateRefusesAndSoDoesOneThatIsNotInForce() {
    X509Certificate good = root.issue(client(NOW));
    ClientTrust heeding = trusting(root, root.list(NOW, Duration.ofHours(6)));

    assertThat(refusal(heeding, NOW.plus(Duration.ofHours(6)).minusSeconds(1), good))
        .isEqualTo("accepted");
    assertThat(refusal(heeding, NOW.plus(Duration.ofHours(6)), good)).contains("next update");
    assertThat(refusal(heeding, NOW.minusSeconds(60), good)).contains("not in force");
    assertThat(heeding.overdue(NOW)).isEmpty();
    assertThat(heeding.overdue(NOW.plus(Duration.ofHours(6))))
        .singleElement()
        .asString()
        .contains("should have been renewed");
  }

  @Test
  void aListOfAnotherOrWithAWrongSignatureCountsForNothingAndIsSaid() {
    X509Certificate good = root.issue(client(NOW));
    TestCa stranger = TestCa.root(NOW, spec -> spec);
    ClientTrust heeding =
        trusting(
            root,
            root.forgedList(NOW, Duration.ofHours(6), good),
            stranger.list(NOW, Duration.ofHours(6), good));

    assertThat(refusal(heeding, NOW, good)).isEqualTo("accepted");
    assertThat(heeding.notes()).hasSize(2).allMatch(note -> note.contains("signature"));
  }

  @Test
  void aListOfACaBelowCountsForItsCertificates() {
    TestCa below = root.below(NOW, "CN=Below", spec -> spec);
    X509Certificate revoked = below.issue(client(NOW));
    ClientTrust heeding = trusting(root, below.list(NOW, Duration.ofHours(6), revoked));

    assertThat(heeding.notes()).singleElement().asString().contains("none of the client CAs");
    assertThat(refusal(heeding, NOW, revoked, below.certificate())).contains("revoked");
    // And the CA below is revoked by the root's own list.
    ClientTrust upper = trusting(root, root.list(NOW, Duration.ofHours(6), below.certificate()));
    assertThat(refusal(upper, NOW, revoked, below.certificate())).contains("above it");
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
    assertThatThrownBy(() -> RevocationList.of(new byte[RevocationList.MAX_BYTES + 1]))
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
