package dev.gatehouse.server.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.server.StartupException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevelopmentCaTest {

  /// Real time: curl and node look at the machine's clock.
  private final Instant now = Instant.now();

  @TempDir Path folder;

  @Test
  void theCaIsGoodForLocalhostAndNothingElse() throws Exception {
    DevelopmentCa ca = at(now);
    X509Certificate certificate = ca.certificate();
    assertThat(certificate.getBasicConstraints()).isZero();
    assertThat(certificate.getCriticalExtensionOIDs())
        .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19", "2.5.29.30");
    boolean[] usage = certificate.getKeyUsage();
    assertThat(usage[5] && usage[6]).isTrue();
    assertThat(usage[0] || usage[2]).isFalse();

    validate(ca.server().chain().getFirst(), certificate);
    for (GeneralName elsewhere :
        List.of(
            new GeneralName(GeneralName.dNSName, "bank.example"),
            new GeneralName(GeneralName.dNSName, "localhost.bank.example"),
            new GeneralName(GeneralName.iPAddress, "127.0.0.2"),
            new GeneralName(GeneralName.iPAddress, "::2"))) {
      X509Certificate forged = forged(ca, elsewhere);
      assertThatThrownBy(() -> validate(forged, certificate))
          .isInstanceOf(CertPathValidatorException.class);
    }
  }

  @Test
  void opensslFindsNothingToBlameInTheChain() throws Exception {
    DevelopmentCa ca = at(now);
    ServerCertificate server = ca.server();
    for (List<String> peer :
        List.of(
            List.of("-verify_hostname", "localhost"),
            List.of("-verify_ip", "127.0.0.1"),
            List.of("-verify_ip", "::1"))) {
      List<String> command =
          new java.util.ArrayList<>(
              List.of("openssl", "verify", "-x509_strict", "-purpose", "sslserver"));
      command.addAll(List.of("-CAfile", ca.certificateFile().toString()));
      command.addAll(peer);
      command.add(server.certificateFile().toString());
      assertThat(output(command)).isEqualTo(server.certificateFile() + ": OK\n");
    }
    Path forged = folder.resolve("forged.crt");
    Files.writeString(
        forged, Pem.text(forged(ca, new GeneralName(GeneralName.dNSName, "bank.example"))));
    assertThat(
            output(
                List.of(
                    "openssl",
                    "verify",
                    "-CAfile",
                    ca.certificateFile().toString(),
                    forged.toString())))
        .contains("permitted subtree violation");
  }

  @Test
  void javaCurlAndNodeConnect() throws Exception {
    DevelopmentCa ca = at(now);
    ServerCertificate certificate = ca.server();
    try (ServerSocket server =
            serverContext(certificate)
                .getServerSocketFactory()
                .createServerSocket(0, 0, InetAddress.getLoopbackAddress());
        HttpClient client = HttpClient.newBuilder().sslContext(clientContext(ca)).build()) {
      Thread.ofVirtual().start(() -> answerAll(server));
      int port = server.getLocalPort();
      for (String host : List.of("localhost", "127.0.0.1")) {
        String url = "https://" + host + ":" + port + "/";
        assertThat(
                client
                    .send(
                        HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
                    .statusCode())
            .isEqualTo(204);
        assertThat(
                output(
                    List.of(
                        "curl",
                        "-sS",
                        "--noproxy",
                        "*",
                        "--cacert",
                        ca.certificateFile().toString(),
                        "-w",
                        "%{http_code}",
                        url)))
            .isEqualTo("204");
        if (onPath("node")) {
          String script =
              "require('https').get({host:'"
                  + host
                  + "',port:"
                  + port
                  + ",ca:require('fs').readFileSync('"
                  + ca.certificateFile()
                  + "')},r=>console.log(r.statusCode)).on('error',e=>console.log(e.code))";
          assertThat(output(List.of("node", "-e", script))).isEqualTo("204\n");
        }
      }
    }
  }

  /// Answers 204 to every request until the socket is closed.
  private static void answerAll(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket connection = server.accept()) {
        BufferedReader request =
            new BufferedReader(
                new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
        for (String line = request.readLine();
            line != null && !line.isEmpty();
            line = request.readLine()) {
          // up to the empty line
        }
        connection
            .getOutputStream()
            .write(
                "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The client went away, or the test closed the socket.
      }
    }
  }

  @Test
  void keysAreTheirOwnersAloneAndCertificatesEverybodys() throws IOException {
    at(now).server();
    assertThat(mode("ca.key")).isEqualTo("rw-------");
    assertThat(mode("server.key")).isEqualTo("rw-------");
    assertThat(mode("ca.crt")).isEqualTo("rw-r--r--");
    assertThat(mode("server.crt")).isEqualTo("rw-r--r--");
  }

  @Test
  void aCaKeyOpenToOthersIsRefused() throws IOException {
    at(now);
    Path key = folder.resolve("ca.key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> at(now))
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("chmod 600 " + key);
  }

  @Test
  void aSecondStartKeepsBothCertificates() {
    DevelopmentCa first = at(now);
    ServerCertificate server = first.server();
    DevelopmentCa second = at(now.plus(Duration.ofDays(59)));
    assertThat(second.certificate()).isEqualTo(first.certificate());
    assertThat(second.server().chain()).isEqualTo(server.chain());
  }

  @Test
  void theServerCertificateLastsNinetyDaysAndIsRenewedThirtyBefore() {
    DevelopmentCa ca = at(now);
    X509Certificate first = ca.server().chain().getFirst();
    assertThat(Duration.between(first.getNotBefore().toInstant(), first.getNotAfter().toInstant()))
        .isEqualTo(Duration.ofDays(90));
    DevelopmentCa later = at(now.plus(Duration.ofDays(61)));
    assertThat(later.certificate()).isEqualTo(ca.certificate());
    assertThat(later.server().chain().getFirst()).isNotEqualTo(first);
    assertThat(at(now.plus(Duration.ofDays(61))).server().chain())
        .isEqualTo(later.server().chain());
  }

  @Test
  void theServerCertificateNeverOutlivesItsCa() {
    at(now);
    DevelopmentCa late = at(now.plus(Duration.ofDays(2 * 365 - 31)));
    assertThat(late.server().chain().getFirst().getNotAfter())
        .isEqualTo(late.certificate().getNotAfter());
  }

  @Test
  void aNewCaIssuesANewServerCertificate() {
    DevelopmentCa first = at(now);
    X509Certificate server = first.server().chain().getFirst();
    DevelopmentCa second = at(now.plus(Duration.ofDays(2 * 365 - 29)));
    assertThat(second.certificate().getSubjectX500Principal())
        .isNotEqualTo(first.certificate().getSubjectX500Principal());
    assertThat(second.server().chain().getFirst()).isNotEqualTo(server);
  }

  @Test
  void whatACrashOrAHandLeftBehindIsMadeAnew() throws IOException {
    for (String damaged : List.of("ca.crt", "ca.key", "server.crt", "server.key")) {
      at(now).server();
      Files.writeString(folder.resolve(damaged), "-----BEGIN PRIVATE KEY-----\nAAAA\n");
      assertThat(usable()).as("damaged " + damaged).isTrue();
      Files.delete(folder.resolve(damaged));
      assertThat(usable()).as("without " + damaged).isTrue();
    }
  }

  private boolean usable() {
    DevelopmentCa ca = at(now);
    ServerCertificate server = ca.server();
    return ServerCertificate.issued(ca.certificate(), server.chain().getFirst())
        && ServerCertificate.read(server.certificateFile(), server.keyFile(), now)
            instanceof ServerCertificate.Usable;
  }

  private DevelopmentCa at(Instant time) {
    return DevelopmentCa.in(folder, InstantSource.fixed(time));
  }

  private String mode(String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name)));
  }

  private X509Certificate forged(DevelopmentCa ca, GeneralName name) throws Exception {
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            X500Name.getInstance(ca.certificate().getSubjectX500Principal().getEncoded()),
            BigInteger.TWO,
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(60)),
            new X500Name("CN=forged"),
            ca.server().chain().getFirst().getPublicKey());
    builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(name));
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build(Pem.privateKey(Files.readString(folder.resolve("ca.key"))))));
  }

  private static void validate(X509Certificate certificate, X509Certificate ca) throws Exception {
    // Java heeds the constraints of the path's links, not those of its anchor: so the CA is a link
    // here, below an anchor of the same name and key.
    PKIXParameters parameters =
        new PKIXParameters(
            Set.of(new TrustAnchor(ca.getSubjectX500Principal(), ca.getPublicKey(), null)));
    parameters.setRevocationEnabled(false);
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate, ca)),
            parameters);
  }

  private static SSLContext serverContext(ServerCertificate certificate) throws Exception {
    char[] password = "in memory".toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, password);
    store.setKeyEntry(
        "server", certificate.key(), password, certificate.chain().toArray(X509Certificate[]::new));
    keys.init(store, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private static SSLContext clientContext(DevelopmentCa ca) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", ca.certificate());
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  private static boolean onPath(String tool) {
    return java.util.Arrays.stream(System.getenv("PATH").split(":", -1))
        .anyMatch(entry -> Files.isExecutable(Path.of(entry, tool)));
  }

  private static String output(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
