package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsServer;
import dev.gatehouse.client.TestPki.Certified;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whom a client trusts, and how it proves itself with a certificate, over real TLS.
@Timeout(60)
class TlsTest {

  @TempDir private Path temp;
  private TestPki pki;
  private HttpsServer server;

  @BeforeEach
  void start() throws Exception {
    pki = new TestPki();
    server = pki.serve("localhost", false);
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private GatehouseClient.Builder client() throws IOException {
    return GatehouseClient.at(URI.create("https://localhost:" + server.getAddress().getPort()))
        .with(Credential.apiKey("sesame"));
  }

  private static String subject(GatehouseClient.Builder builder) throws Exception {
    try (GatehouseClient client = builder.build()) {
      HttpResponse<String> answer =
          client.send(client.request("/").build(), BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(200);
      return answer.body();
    }
  }

  @ParameterizedTest
  @CsvSource({"EC, 256", "EC, 384", "RSA, 2048", "Ed25519, 0"})
  void aCertificateOfAnyUsualKindProvesTheClient(String kind, int bits) throws Exception {
    server.stop(0);
    server = pki.serve("localhost", true);
    Certified own = pki.certify("shop", TestPki.keys(kind, bits));
    assertThat(
            subject(
                client()
                    .trusting(pki.ca.certificateIn(temp))
                    .certificate(own.certificateIn(temp), own.keyIn(temp))))
        .isEqualTo("CN=shop");
  }

  @Test
  void withoutACertificateNoneIsSent() throws Exception {
    assertThat(subject(client().trusting(pki.ca.certificateIn(temp)))).isEmpty();
  }

  @Test
  void aGateOfAnotherCaIsNotTrusted() throws Exception {
    Path other = new TestPki().ca.certificateIn(temp);
    assertThatThrownBy(() -> subject(client().trusting(other)))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageNotContaining("sesame");
    assertThatThrownBy(() -> subject(client()))
        .as("the JDK's CAs")
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aCertificateForAnotherNameIsNotTrusted() throws Exception {
    server.stop(0);
    server = pki.serve("localhost.example.com", false);
    assertThatThrownBy(() -> subject(client().trusting(pki.ca.certificateIn(temp))))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aCnIsNoNameOfAHost() throws Exception {
    server.stop(0);
    server = pki.serve(pki.certifyCn("localhost", TestPki.keys("EC", 256)), false);
    assertThatThrownBy(() -> subject(client().trusting(pki.ca.certificateIn(temp))))
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("a CN does not count");
  }

  @Test
  void theNameIsComparedThoughAPropertyOfTheJdkTurnsThatOff() throws Exception {
    HttpsServer another = pki.serve("localhost.example.com", false);
    try {
      assertThat(inAnotherProcess(server)).isEqualTo("200");
      assertThat(inAnotherProcess(another)).isEqualTo("refused");
    } finally {
      another.stop(0);
    }
  }

  private String inAnotherProcess(HttpsServer called) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djdk.internal.httpclient.disableHostnameVerification=true",
                "-cp",
                System.getProperty("java.class.path"),
                NamelessCheck.class.getName(),
                "https://localhost:" + called.getAddress().getPort(),
                pki.ca.certificateIn(temp).toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @Test
  void tlsBelow12IsNotSpoken() throws Exception {
    assertThat(Tls.parameters().getProtocols()).containsExactly("TLSv1.3", "TLSv1.2");
    server.stop(0);
    server = pki.serve("localhost", false, "TLSv1.2");
    assertThat(subject(client().trusting(pki.ca.certificateIn(temp)))).isEmpty();
  }

  @Test
  void aKeyOfAnotherCertificateIsRefusedBeforeAnythingIsSent() throws Exception {
    Certified one = pki.certify("shop", TestPki.keys("EC", 256));
    for (Certified other :
        new Certified[] {
          pki.certify("shop", TestPki.keys("EC", 256)),
          pki.certify("shop", TestPki.keys("RSA", 2048))
        }) {
      GatehouseClient.Builder builder =
          client().certificate(one.certificateIn(temp), other.keyIn(temp));
      assertThatThrownBy(builder::build)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("key");
    }
  }

  @Test
  void aServerThatWantsACertificateOfAnotherCaGetsNone() throws Exception {
    Certified foreign = new TestPki().certify("shop", TestPki.keys("EC", 256));
    assertThat(
            subject(
                client()
                    .trusting(pki.ca.certificateIn(temp))
                    .certificate(foreign.certificateIn(temp), foreign.keyIn(temp))))
        .isEmpty();
    server.stop(0);
    server = pki.serve("localhost", true);
    assertThatThrownBy(
            () ->
                subject(
                    client()
                        .trusting(pki.ca.certificateIn(temp))
                        .certificate(foreign.certificateIn(temp), foreign.keyIn(temp))))
        .isInstanceOfAny(SSLException.class, IOException.class);
  }

  @Test
  void aBundleOfSeveralCasIsTrustedAsAWhole() throws Exception {
    Path bundle = temp.resolve("bundle.pem");
    Files.writeString(
        bundle,
        "# Another one\n"
            + TestPki.pem(new TestPki().ca.certificate())
            + "\r\n# Ours, ü\n"
            + TestPki.pem(pki.ca.certificate()));
    assertThat(subject(client().trusting(bundle))).isEmpty();
  }
}
