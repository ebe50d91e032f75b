package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerChainCheckTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final TestCa root = TestCa.root(NOW);

  // Refuses what the test names.
  private static final class Weak extends PKIXCertPathChecker {

    private final Set<X509Certificate> weak;

    Weak(X509Certificate... weak) {
      this.weak = Set.of(weak);
    }

    @Override
    public void init(boolean forward) {
      // It keeps nothing.
    }

    @Override
    public boolean isForwardCheckingSupported() {
      return false;
    }

    @Override
    public @Nullable Set<String> getSupportedExtensions() {
      return null;
    }

    @Override
    public void check(Certificate certificate, Collection<String> unresolved)
        throws CertPathValidatorException {
      if (weak.contains(certificate)) {
        throw new CertPathValidatorException("weak");
      }
    }
  }

  private static @Nullable String fault(TestCa anchor, X509Certificate... shown) {
    return ServerChainCheck.fault(
        List.of(shown), Set.of(anchor.certificate()), new Weak(), NOW.plusSeconds(1));
  }

  private static GeneralSubtree[] names(String... names) {
    return Stream.of(names)
        .map(name -> new GeneralSubtree(new GeneralName(GeneralName.dNSName, name)))
        .toArray(GeneralSubtree[]::new);
  }

  private static TestCa bound(TestCa issuer, String name, NameConstraints constraints) {
    return issuer.below(NOW, name, spec -> spec.with(Extension.nameConstraints, true, constraints));
  }

  @Test
  void chainThatLeadsToAnAnchorIsGood() {
    TestCa between = root.below(NOW, "CN=Between", spec -> spec);
    X509Certificate server = between.issue(client(NOW, dns("api.example")));

    assertThat(fault(root, server, between.certificate())).isNull();
    assertThat(fault(root, server)).contains("no certificate of a trusted CA");
    assertThat(fault(TestCa.root(NOW), server, between.certificate())).contains("no valid path");
    assertThat(fault(TestCa.root(NOW, spec -> spec.named("CN=Other")), server))
        .contains("no certificate of a trusted CA");
    assertThat(
            ServerChainCheck.fault(
                List.of(server, between.certificate()),
                Set.of(root.certificate()),
                new Weak(between.certificate()),
                NOW.plusSeconds(1)))
        .contains("no valid path");
  }

  @Test
  void serverThatIsTrustedItselfNeedsNoCa() {
    X509Certificate server = root.issue(client(NOW, dns("api.example")));
    assertThat(ServerChainCheck.fault(List.of(server), Set.of(server), new Weak(), NOW)).isNull();
  }

  @Test
  void noCaBelowLiftsTheNameConstraintsOfTheOneAbove() {
    TestCa corp = bound(root, "CN=Corp", new NameConstraints(names("corp.example"), null));
    X509Certificate inside = corp.issue(client(NOW, dns("api.corp.example")));
    assertThat(fault(root, inside, corp.certificate())).isNull();

    for (NameConstraints lower :
        List.of(
            new NameConstraints(names("example.net"), null),
            new NameConstraints(names("corp.example", "example.net"), null),
            new NameConstraints(names("a.corp.example", "b.corp.example"), null),
            new NameConstraints(null, names("corp.example")),
            new NameConstraints(names("corp.example"), names("corp.example")),
            new NameConstraints(
                new GeneralSubtree[] {
                  new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, "example.net"))
                },
                null))) {
      TestCa below = bound(corp, "CN=Below", lower);
      X509Certificate outside = below.issue(client(NOW, dns("login.example.net")));
      assertThat(fault(root, outside, below.certificate(), corp.certificate()))
          .as("%s", lower)
          .isNotNull();
    }
  }

  @Test
  void constraintsOfTheAnchorItselfAreHeeded() {
    TestCa corp = bound(root, "CN=Corp", new NameConstraints(names("corp.example"), null));
    assertThat(fault(corp, corp.issue(client(NOW, dns("api.corp.example"))))).isNull();
    assertThat(fault(corp, corp.issue(client(NOW, dns("login.example.net")))))
        .contains("name constraint");
  }

  @Test
  void everyPathOfACrossSignedChainIsTried() {
    TestCa other = TestCa.root(NOW);
    TestCa between = root.below(NOW, "CN=Between", spec -> spec);
    X509Certificate expired =
        other.crossSign(
            between, NOW, spec -> spec.lasting(NOW.minus(Duration.ofDays(9)), NOW.minusSeconds(9)));
    X509Certificate server = between.issue(client(NOW, dns("api.example")));

    assertThat(
            ServerChainCheck.fault(
                List.of(server, expired, between.certificate()),
                Set.of(other.certificate(), root.certificate()),
                new Weak(),
                NOW.plusSeconds(1)))
        .isNull();
  }

  @Test
  void wildcardDoesNotStandForAnExcludedName() {
    TestCa corp = bound(root, "CN=Corp", new NameConstraints(null, names("id.Corp.example")));
    assertThat(fault(root, corp.issue(client(NOW, dns("*.corp.example"))), corp.certificate()))
        .contains("wildcard");
    for (String other : List.of("*.other.example", "*.a.corp.example", "id2.corp.example")) {
      assertThat(fault(root, corp.issue(client(NOW, dns(other))), corp.certificate()))
          .as(other)
          .isNull();
    }
    TestCa deeper = bound(root, "CN=Deeper", new NameConstraints(null, names("a.b.corp.example")));
    assertThat(fault(root, deeper.issue(client(NOW, dns("*.corp.example"))), deeper.certificate()))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i*.corp.example",
        "*d.corp.example",
        "id*.corp.example",
        "**.corp.example",
        "i*d.corp.example",
        "c*p.example",
        "a.*.example",
        "*.*.example",
        "*"
      })
  void wildcardThatIsNotTheWholeFirstLabelIsRefused(String name) {
    assertThat(fault(root, root.issue(client(NOW, dns(name))))).contains("wildcard");
  }

  @Test
  void eachAnchorIsTriedByItself() {
    TestCa narrow =
        TestCa.root(
            NOW,
            spec ->
                spec.named("CN=Narrow")
                    .with(
                        Extension.nameConstraints,
                        true,
                        new NameConstraints(names("corp.example"), null)));
    X509Certificate wide = root.crossSign(narrow, NOW, spec -> spec); // the same name and key
    X509Certificate server = narrow.issue(client(NOW, dns("api.example.net")));
    for (List<X509Certificate> anchors :
        List.of(List.of(narrow.certificate(), wide), List.of(wide, narrow.certificate()))) {
      assertThat(ServerChainCheck.fault(List.of(server), anchors, new Weak(), NOW.plusSeconds(1)))
          .isNull();
    }
    assertThat(fault(narrow, server)).contains("name constraint");
  }

  @Test
  void permittedNameMayBeginWithADot() {
    TestCa corp = bound(root, "CN=Corp", new NameConstraints(names(".corp.example"), null));
    assertThat(fault(root, corp.issue(client(NOW, dns("api.corp.example"))), corp.certificate()))
        .isNull();
    assertThat(fault(root, corp.issue(client(NOW, dns("api.example.net"))), corp.certificate()))
        .isNotNull();
  }

  @Test
  void caForOtherPurposesVouchesForNoServer() {
    for (KeyPurposeId purpose :
        List.of(KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth)) {
      TestCa between =
          root.below(
              NOW,
              "CN=Between",
              spec -> spec.with(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(purpose)));
      X509Certificate server = between.issue(client(NOW, dns("api.example")));
      for (String fault :
          Arrays.asList(fault(root, server, between.certificate()), fault(between, server))) {
        if (purpose.equals(KeyPurposeId.id_kp_serverAuth)) {
          assertThat(fault).isNull();
        } else {
          assertThat(fault).contains("serverAuth is not one of them");
        }
      }
    }
  }
}
