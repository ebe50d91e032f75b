package dev.gatehouse.mtls;

import static dev.gatehouse.mtls.TestCa.Spec.client;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.HeaderFields;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedCertificateTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final ForwardedCertificate RFC9440 = ForwardedCertificate.CLIENT_CERT;
  private static final ForwardedCertificate ENVOY = ForwardedCertificate.X_FORWARDED_CLIENT_CERT;

  private final TestCa root = TestCa.root(NOW);
  private final X509Certificate leaf = root.issue(client(NOW));

  private static String item(X509Certificate certificate) {
    return ":" + Base64.getEncoder().encodeToString(CertificateEncoding.der(certificate)) + ":";
  }

  private static String pem(X509Certificate certificate) {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'})
            .encodeToString(CertificateEncoding.der(certificate))
        + "\n-----END CERTIFICATE-----\n";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.US_ASCII).replace("+", "%20");
  }

  private static ForwardedCertificate.Reading read(
      ForwardedCertificate how, Map<String, List<String>> fields) {
    return how.read(HeaderFields.of(fields));
  }

  private static ForwardedCertificate.Reading clientCert(String... values) {
    return read(RFC9440, Map.of("Client-Cert", List.of(values)));
  }

  private static ForwardedCertificate.Reading envoy(String... values) {
    return read(ENVOY, Map.of("X-Forwarded-Client-Cert", List.of(values)));
  }

  @Test
  void clientCertIsReadAsRfc9440SaysAndTheChainWithIt() {
    assertThat(clientCert(item(leaf)))
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(leaf)));
    assertThat(
            read(
                RFC9440,
                Map.of(
                    "client-cert",
                    List.of(item(leaf)),
                    "Client-Cert-Chain",
                    List.of(item(root.certificate()) + ", " + item(leaf)))))
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(leaf, root.certificate(), leaf)));
    assertThat(read(RFC9440, Map.of())).isInstanceOf(ForwardedCertificate.Reading.None.class);
  }

  @Test
  void anEmptyFieldIsNone() {
    assertThat(envoy("", " ")).isInstanceOf(ForwardedCertificate.Reading.None.class);
    assertThat(clientCert("", "::")).isInstanceOf(ForwardedCertificate.Reading.None.class);
    // RFC 9651 §4.1.8: the byte sequence without a byte.
    for (String empty : List.of("", " ", "::", " :: ")) {
      assertThat(clientCert(empty)).isInstanceOf(ForwardedCertificate.Reading.None.class);
      assertThat(
              read(
                  RFC9440,
                  Map.of("Client-Cert", List.of(empty), "Client-Cert-Chain", List.of(empty))))
          .isInstanceOf(ForwardedCertificate.Reading.None.class);
      assertThat(
              read(
                  RFC9440,
                  Map.of("Client-Cert", List.of(item(leaf)), "Client-Cert-Chain", List.of(empty))))
          .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(leaf)));
      assertThat(
              read(
                  RFC9440,
                  Map.of("Client-Cert", List.of(empty), "Client-Cert-Chain", List.of(item(leaf)))))
          .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
    }
    assertThat(clientCert("", item(leaf)))
        .as("nobody knows which of two counts")
        .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
  }

  @Test
  void base64IsReadWithoutPaddingToo() {
    X509Certificate padded = leaf;
    for (String name = "a"; !item(padded).endsWith("=:"); name += "a") {
      padded = root.client(NOW, name);
    }
    assertThat(clientCert(item(padded).replaceAll("=+:$", ":")))
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(padded)));
    String text = item(padded);
    int last = text.indexOf('=') - 1;
    String otherBits =
        text.substring(0, last) + (char) (text.charAt(last) + 1) + text.substring(last + 1);
    assertThat(clientCert(otherBits))
        .as("bits behind the last byte")
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(padded)));
  }

  @Test
  void clientCertTwiceOrMalformedIsRefused() {
    String good = item(leaf);
    for (String bad :
        List.of(
            ":::",
            "::, ::",
            good + ", " + good,
            good + ";a=1",
            good.substring(1),
            good.replace(":", ""),
            good.substring(0, good.length() - 5) + ":",
            ":AAAA:",
            ":" + good.substring(1, 20) + "=:",
            "\"" + good + "\"",
            ":" + "A".repeat(200_000) + ":",
            encoded(pem(leaf)))) {
      assertThat(clientCert(bad))
          .as(bad.substring(0, Math.min(40, bad.length())))
          .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
    }
    assertThat(clientCert(good, good)).isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
  }

  @Test
  void clientCertChainAloneTwiceOrTooLongIsRefused() {
    String good = item(leaf);
    assertThat(read(RFC9440, Map.of("Client-Cert-Chain", List.of(good))))
        .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
    for (List<String> chain :
        List.of(
            List.of(good, good),
            List.of("", good),
            List.of(good + ","),
            List.of(good + ", ".repeat(3) + good),
            List.of(String.join(",", java.util.Collections.nCopies(10, good))))) {
      assertThat(read(RFC9440, Map.of("Client-Cert", List.of(good), "Client-Cert-Chain", chain)))
          .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
    }
  }

  @Test
  void envoysFieldIsReadWithCertOrChainAndNothingElseOfItIsBelieved() {
    String hash =
        HexFormat.of()
            .formatHex(dev.gatehouse.secret.Digest.sha256(CertificateEncoding.der(leaf)).bytes());
    assertThat(
            envoy(
                "By=spiffe://a/b;Hash="
                    + hash
                    + ";Cert=\""
                    + encoded(pem(leaf))
                    + "\";Subject=\"CN=\\\"x\\\", O=y;z\";URI=spiffe://other/one;DNS=a;DNS=b"))
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(leaf)));
    assertThat(
            envoy(
                "Cert="
                    + encoded(pem(leaf))
                    + ";Chain=\""
                    + encoded(pem(leaf) + pem(root.certificate()))
                    + "\""))
        .isEqualTo(new ForwardedCertificate.Reading.Chain(List.of(leaf, root.certificate())));
    assertThat(read(ENVOY, Map.of())).isInstanceOf(ForwardedCertificate.Reading.None.class);
  }

  @Test
  void envoysFieldTwiceOfTwoProxiesOrMalformedIsRefused() {
    String cert = "Cert=\"" + encoded(pem(leaf)) + "\"";
    for (String bad :
        List.of(
            ";",
            cert + "," + cert,
            cert + ";" + cert,
            cert + ";",
            cert + "x",
            cert + ";Hash=" + "ab".repeat(32),
            cert + ";Hash=ab",
            cert + ";Chain=\"" + encoded(pem(root.certificate())) + "\"",
            cert.substring(0, cert.length() - 1),
            "Cert=\"\"",
            "Cert=\"" + encoded(pem(leaf) + pem(leaf)) + "\"",
            "Cert=\"" + encoded("x" + pem(leaf)) + "\"",
            "Cert=\"" + encoded(pem(leaf) + "x") + "\"",
            "Cert=\"%zz\"",
            // As many lines as the field may have: no pattern may go a stack frame deeper for each.
            "Cert=\""
                + "-----BEGIN CERTIFICATE-----%0A"
                + ("A".repeat(20) + "%0A").repeat(4000)
                + "-----END CERTIFICATE-----\"",
            "Cert=\"\u00e9\"",
            "Hash=" + "ab".repeat(32),
            "URI=spiffe://example.org/admin",
            encoded(pem(leaf)))) {
      assertThat(envoy(bad))
          .as(bad.substring(0, Math.min(60, bad.length())))
          .isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
    }
    assertThat(envoy(cert, cert)).isInstanceOf(ForwardedCertificate.Reading.Malformed.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Client-Cert", "X-Forwarded-Client-Cert"})
  void whatIsSaidOfAMalformedFieldQuotesNothingOfIt(String name) {
    for (ForwardedCertificate how : ForwardedCertificate.values()) {
      if (how.read(HeaderFields.of(Map.of(name, List.of("secret-text"))))
          instanceof ForwardedCertificate.Reading.Malformed(String why)) {
        assertThat(why).doesNotContain("secret");
      }
    }
  }
}
