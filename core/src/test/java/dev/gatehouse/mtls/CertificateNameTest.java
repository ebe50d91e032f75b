package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static dev.gatehouse.mtls.TestCa.Spec.dns;
import static dev.gatehouse.mtls.TestCa.Spec.mailbox;
import static dev.gatehouse.mtls.TestCa.Spec.uri;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.mtls.CertificateName.Kind;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.GeneralName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateNameTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final TestCa root = TestCa.root(NOW);

  private List<String> names(GeneralName... names) {
    X509Certificate certificate = root.issue(client(NOW, names));
    List<CertificateName> in = CertificateName.namesOf(certificate);
    assertThat(in.getFirst())
        .isEqualTo(CertificateName.fingerprint(CertificateEncoding.der(certificate)));
    return in.stream().skip(1).map(CertificateName::toString).toList();
  }

  private String refusal(GeneralName... names) {
    X509Certificate certificate = root.issue(client(NOW, names));
    ClientTrust trust = new ClientTrust(List.of(root.trusted()), List.of());
    return switch (trust.validate(List.of(certificate), NOW)) {
      case ChainVerdict.Invalid(String cause) -> cause;
      case ChainVerdict.Valid good -> {
        try {
          yield "accepted as " + CertificateName.namesOf(good.leaf());
        } catch (IllegalArgumentException refused) {
          yield String.valueOf(refused.getMessage());
        }
      }
    };
  }

  @Test
  void theSubjectIsNeverAName() {
    X509Certificate certificate =
        root.issue(
            client(NOW).named("CN=admin.example,CN=other.example,E=admin@example.com,O=Example"));

    assertThat(CertificateName.namesOf(certificate))
        .containsExactly(CertificateName.fingerprint(CertificateEncoding.der(certificate)));
  }

  @Test
  void oneSpiffeIdCountsBeforeDnsNamesAndTheseBeforeMailboxes() {
    assertThat(names(dns("A.Example"), uri("spiffe://example.org/orders"), mailbox("a@b.example")))
        .containsExactly("spiffe:spiffe://example.org/orders");
    assertThat(names(dns("A.Example"), mailbox("a@b.example"), dns("b.example")))
        .containsExactly("dns:a.example", "dns:b.example");
    assertThat(names(mailbox("Ann@B.Example"), uri("https://b.example/")))
        .containsExactly("email:Ann@b.example");
    assertThat(names(uri("https://b.example/"))).isEmpty();
  }

  @Test
  void twoSpiffeIdsAreRefused() {
    assertThat(refusal(uri("spiffe://example.org/a"), uri("spiffe://example.org/b")))
        .contains("another URI");
    assertThat(refusal(uri("spiffe://example.org/a"), uri("https://example.org/b")))
        .contains("another URI");
  }

  @Test
  void aNameWithANulIsRefused() {
    assertThat(refusal(dns("good.example\0.evil.example"))).contains("DNS name that is invalid");
    assertThat(refusal(mailbox("good@example.com\0@evil.example"))).contains("e-mail");
    assertThat(refusal(uri("spiffe://example.org/a\0b"))).contains("invalid URI");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*.example", "*", "", "a_b.example", "a..example", "10.0.0.1", "a.example."})
  void wildcardsAndWhatIsNoDnsNameAreRefused(String name) {
    assertThat(refusal(dns(name))).doesNotContain("accepted");
    assertThatThrownBy(() -> CertificateName.of(Kind.DNS, name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://Example.org/a",
        "SPIFFE://example.org/a",
        "spiffe://example.org/a/../b",
        "spiffe://example.org/a/",
        "spiffe://example.org//a",
        "spiffe://example.org:443/a",
        "spiffe://user@example.org/a",
        "spiffe://example.org/a?b",
        "spiffe://example.org/a#b",
        "spiffe://example.org/%61",
        "spiffe:///a"
      })
  void spiffeIdsInAnotherFormThanTheOneAreRefused(String id) {
    assertThat(refusal(uri(id))).doesNotContain("accepted");
    assertThatThrownBy(() -> CertificateName.of(Kind.SPIFFE, id))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFingerprintIsReadAsOpensslWritesIt() {
    String hex = "ab".repeat(32);
    assertThat(CertificateName.of(Kind.FINGERPRINT, "AB:".repeat(31) + "AB").value())
        .isEqualTo(hex);
    assertThatThrownBy(() -> CertificateName.of(Kind.FINGERPRINT, "abcd"))
        .hasMessageContaining("64 hex digits");
  }

  @Test
  void aKindIsFoundByItsWord() {
    for (Kind kind : Kind.values()) {
      assertThat(Kind.of(kind.id())).contains(kind);
    }
    assertThat(Kind.of("cn")).isEmpty();
  }
}
