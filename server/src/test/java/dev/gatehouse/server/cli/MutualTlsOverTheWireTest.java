package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that are not ours show certificates to a running gate: curl, openssl and Node.
@Timeout(180)
@Tag("end-to-end")
class MutualTlsOverTheWireTest {

  @TempDir private static Path temp;
  @AutoClose private static EchoApi api;
  @AutoClose private static GateProcess gate;

  @BeforeAll
  static void start() throws Exception {
    api = new EchoApi();
    Files.createDirectories(temp.resolve("foreign"));
    makeForeignCa();
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            methods:
              jwt: { bindToCertificate: true }
              mtls:
                clientCas: [foreign/ca.crt]
                crlIssuers: [foreign/below/ca.crt]
                crls: [foreign/ca.crl, foreign/below/ca.crl]
                ownCa: true
            routes:
              - path: /orders
                upstream: %s
                accept: [mtls]
              - path: /either
                upstream: %s
                accept: [apikey, mtls]
              - path: /tokens-only
                upstream: %s
                accept: [jwt]
              - path: /certificate-and-token
                upstream: %s
                accept: [[mtls, jwt]]
              - path: /hello
                upstream: %s
                accept: [public]
              - path: /keys-only
                upstream: %s
                accept: [apikey]
            """
                .formatted(
                    api.address(),
                    api.address(),
                    api.address(),
                    api.address(),
                    api.address(),
                    api.address()));
    Path data = temp.resolve("data");
    gate = GateProcess.serveHere(config, data);
    gate.manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "till"));
  }

  // A CA of somebody else, made with openssl.
  private static void makeForeignCa() throws Exception {
    Path folder = temp.resolve("foreign");
    Files.writeString(
        folder.resolve("ca.cnf"),
        """
        [ca]
        default_ca = d
        [d]
        database = index.txt
        crlnumber = crlnumber
        default_md = sha256
        default_crl_days = 1
        [agreement]
        basicConstraints = CA:FALSE
        keyUsage = critical, keyAgreement
        extendedKeyUsage = clientAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        subjectAltName = $ENV::SAN
        [below]
        basicConstraints = critical, CA:TRUE
        keyUsage = critical, keyCertSign, cRLSign
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        [client]
        basicConstraints = CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = clientAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        subjectAltName = $ENV::SAN
        """);
    Files.writeString(folder.resolve("index.txt"), "");
    Files.writeString(folder.resolve("crlnumber"), "01\n");
    sh(
        folder,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out"
            + " ca.crt -days 30 -subj '/CN=Foreign CA' -addext"
            + " keyUsage=critical,keyCertSign,cRLSign");
    crl(folder);
    foreign("till", "DNS:till.example", 10);
    Path below = Files.createDirectory(folder.resolve("below"));
    sh(
        below,
        "cp ../ca.cnf ../index.txt . && echo 01 > crlnumber && openssl req -new -newkey ec -pkeyopt"
            + " ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.csr -subj '/CN=Below' &&"
            + " openssl x509 -req -in ca.csr -CA ../ca.crt -CAkey ../ca.key -out ca.crt -days 20"
            + " -extfile ca.cnf -extensions below");
    crl(below);
  }

  private static void crl(Path folder) throws Exception {
    sh(
        folder,
        "openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.crt -out ca.crl.part && mv"
            + " ca.crl.part ca.crl");
  }

  private static void foreign(String name, String san, int days) throws Exception {
    sh(
        temp.resolve("foreign"),
        ("export SAN=%s; openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
                + " %s.key -out %s.csr -subj /CN=x && openssl x509 -req -in %s.csr -CA ca.crt -CAkey"
                + " ca.key -out %s.crt -days %d -extfile ca.cnf -extensions client")
            .formatted(san, name, name, name, name, days));
  }

  /// What a shell command printed, which must succeed.
  private static String sh(Path folder, String command) throws Exception {
    Process process =
        new ProcessBuilder("sh", "-c", "export SAN=${SAN:-DNS:none}; " + command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  private record Issued(String id, Path certificate, Path key) {}

  private static Issued issue(String name) {
    CommandLineRun run =
        CommandLineRun.of(
            "cert",
            "issue",
            name,
            "--owner",
            "till",
            "--json",
            "--data",
            gate.data().toString(),
            "--out",
            temp.toString());
    assertThat(run.err()).isEmpty();
    return new Issued(
        new JsonObject(run.out()).getString("id"),
        temp.resolve(name + ".crt"),
        temp.resolve(name + ".key"));
  }

  private static CommandLineRun cert(String... arguments) {
    List<String> all = new ArrayList<>(List.of("cert"));
    all.addAll(List.of(arguments));
    all.addAll(List.of("--data", gate.data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static String curl(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sS", "--cacert", gate.data().resolve("ca.crt").toString()));
    command.addAll(List.of("-o", "/dev/null", "-w", "%{http_code}"));
    command.addAll(List.of(arguments));
    command.add(gate.address() + path);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  private static String[] with(Issued issued) {
    return new String[] {"--cert", issued.certificate.toString(), "--key", issued.key.toString()};
  }

  private static String[] withForeign(String name) {
    Path folder = temp.resolve("foreign");
    return new String[] {
      "--cert", folder.resolve(name + ".crt").toString(),
      "--key", folder.resolve(name + ".key").toString()
    };
  }

  /// What `openssl s_client` says to that request, or to none.
  private static String openssl(String request, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-connect",
                "localhost:" + gate.address().getPort(),
                "-CAfile",
                gate.data().resolve("ca.crt").toString()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(request.getBytes(StandardCharsets.US_ASCII));
      in.flush();
      // Its answer says that the connection ends; the input must last until then.
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(20, TimeUnit.SECONDS);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  private static final String ASK =
      "GET /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

  @Test
  void anIssuedCertificatePassesAndItsKeyIsForItsOwnerAlone() throws Exception {
    Issued issued = issue("a");

    assertThat(curl("/orders", with(issued))).isEqualTo("200");
    assertThat(curl("/orders", concat(with(issued), "--http1.1"))).isEqualTo("200");
    assertThat(curl("/orders", concat(with(issued), "--tls-max", "1.2"))).isEqualTo("200");
    assertThat(curl("/either", with(issued))).isEqualTo("200");
    assertThat(curl("/orders")).isEqualTo("401");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(issued.key)))
        .isEqualTo("rw-------");
    assertThat(cert("list").out()).contains(issued.id, "issued here", "till");
  }

  private static String[] concat(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void certificateOfExternalCaPassesOnlyWhenItIsRegistered() throws Exception {
    assertThat(curl("/orders", withForeign("till"))).isEqualTo("401");

    CommandLineRun run = cert("register", "till 1", "--owner", "till", "--dns", "till.example");
    assertThat(run.err()).isEmpty();

    assertThat(curl("/orders", withForeign("till"))).isEqualTo("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void refusesRevokedCertificateOnOpenAndResumedConnections(String version) throws Exception {
    Issued issued = issue("revoked-" + version);
    JsonObject admin = gate.file("admin.json");

    assertThat(
            NodeScript.run(
                "certificate.mjs",
                gate.data().resolve("ca.crt"),
                "",
                gate.address().toString(),
                gate.data().resolve("ca.crt").toString(),
                issued.certificate.toString(),
                issued.key.toString(),
                admin.getString("baseUrl"),
                admin.getString("apiKey"),
                issued.id,
                version))
        .contains("done");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aSessionThatOpensslResumesShowsTheCertificateOfItsBeginning(String version)
      throws Exception {
    Issued issued = issue("resumed" + version);
    String session = temp.resolve("session" + version).toString();
    String first =
        openssl(
            ASK,
            version,
            "-cert",
            issued.certificate.toString(),
            "-key",
            issued.key.toString(),
            "-sess_out",
            session,
            "-ign_eof");
    assertThat(first)
        .contains("New, TLS", "Acceptable client certificate CA names", "Gatehouse client CA")
        .contains("200 OK");

    assertThat(openssl(ASK, version, "-sess_in", session, "-ign_eof"))
        .contains("Reused, TLS", "200 OK")
        .doesNotContain("Early data was accepted");

    assertThat(cert("revoke", issued.id).err()).isEmpty();

    assertThat(openssl(ASK, version, "-sess_in", session, "-ign_eof"))
        .contains("Reused, TLS", "401 Unauthorized");
  }

  @Test
  void refusesTlsBelow12AndRenegotiationAndEarlyData() throws Exception {
    assertThat(openssl("", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"))
        .contains("alert protocol version");
    assertThat(openssl("R\n", "-tls1_2")).contains("RENEGOTIATING").containsIgnoringCase("alert");
    Issued issued = issue("early");
    String session = temp.resolve("early.sess").toString();
    openssl(
        ASK,
        "-tls1_3",
        "-cert",
        issued.certificate.toString(),
        "-key",
        issued.key.toString(),
        "-sess_out",
        session,
        "-ign_eof");
    // RFC 8446 §4.6.1: a ticket that takes early data says how much.
    assertThat(sh(temp, "openssl sess_id -in early.sess -noout -text"))
        .contains("TLSv1.3")
        .doesNotContain("Max Early Data: 16384");
    assertThat(openssl(ASK, "-tls1_3", "-sess_in", session, "-ign_eof"))
        .contains("Early data was not sent");
  }

  @Test
  void aHandshakeFinishesWhateverComesAndOtherRoutesTakeNoNotice() throws Exception {
    sh(
        temp,
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.crt -subj"
            + " /CN=admin -days 1");
    String[] self = {
      "--cert", temp.resolve("self.crt").toString(), "--key", temp.resolve("self.key").toString()
    };

    assertThat(curl("/orders", self)).isEqualTo("401");
    assertThat(curl("/hello", self)).isEqualTo("200");
    assertThat(curl("/keys-only", self)).isEqualTo("401");
    String key =
        gate.manage("POST", "/keys", new JsonObject().put("owner", "till").put("name", "x"))
            .getString("key");
    // Explicit before ambient: a bad certificate takes nothing from a good key, nor gives a bad
    // one.
    assertThat(curl("/either", concat(self, "-H", "X-API-Key: " + key))).isEqualTo("200");
    assertThat(curl("/keys-only", concat(self, "-H", "X-API-Key: " + key))).isEqualTo("200");
    assertThat(curl("/either", concat(with(issue("beside")), "-H", "X-API-Key: sk_live_x")))
        .isEqualTo("401");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rsa:2048",
        "ec -pkeyopt ec_paramgen_curve:P-256",
        "ec -pkeyopt ec_paramgen_curve:P-384",
        "ec -pkeyopt ec_paramgen_curve:P-521",
        "ed25519"
      })
  void whatTheGateIssuesPassesInEachVersionOfTls(String kind) throws Exception {
    String name = kind.replaceAll("[^a-z0-9]", "") + "-client";
    sh(
        temp,
        "openssl req -new -newkey %s -nodes -keyout %s.key -out %s.csr -subj /CN=x"
            .formatted(kind, name, name));
    CommandLineRun run =
        cert("issue", name, "--owner", "till", "--csr", temp.resolve(name + ".csr").toString());
    assertThat(run.err()).isEmpty();
    Files.writeString(temp.resolve(name + ".crt"), run.out());
    Issued issued = new Issued("", temp.resolve(name + ".crt"), temp.resolve(name + ".key"));

    assertThat(curl("/orders", concat(with(issued), "--tls-max", "1.2"))).isEqualTo("200");
    assertThat(curl("/orders", concat(with(issued), "--tlsv1.3"))).isEqualTo("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2", "1.3"})
  void aKeyUsageWithoutSignaturesIsToldByExplainAndShutsOutOfNoOtherRoute(String version)
      throws Exception {
    String name = "agreement" + version;
    sh(
        temp.resolve("foreign"),
        ("export SAN=DNS:%s.example; openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256"
                + " -nodes -keyout %s.key -out %s.csr -subj /CN=x && openssl x509 -req -in %s.csr -CA"
                + " ca.crt -CAkey ca.key -out %s.crt -days 5 -extfile ca.cnf -extensions agreement")
            .formatted(name, name, name, name, name));
    String[] shown = concat(withForeign(name), "--tls-max", version);

    assertThat(curl("/hello", shown)).isEqualTo("200");
    JsonObject refused = new JsonObject(echoed("/orders", shown));
    assertThat(refused.getString("code")).isEqualTo("INVALID_CLIENT_CERTIFICATE");
    assertThat(
            CommandLineRun.of("explain", refused.getString("id"), "--data", gate.data().toString())
                .out())
        .contains("digitalSignature");
  }

  @Test
  void handshakeThatACertificateEndsHasALineInTheLog() throws Exception {
    sh(
        temp,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt"
            + " ec_param_enc:explicit -nodes -keyout odd.key -out odd.crt -subj /CN=odd -days 1");
    String odd = temp.resolve("odd.crt").toString();

    assertThat(openssl(ASK, "-tls1_2", "-cert", odd, "-key", odd.replace(".crt", ".key")))
        .contains("alert");
    GateProcess.until(() -> gate.err().contains("The TLS handshake of 127.0.0.1 failed: "));
    assertThat(gate.err()).doesNotContain("CN=odd");
  }

  @Test
  void noSignatureWithSha1IsAskedForOrMadeInTls12() throws Exception {
    assertThat(openssl("Q\n", "-tls1_2"))
        .contains("Requested Signature Algorithms: ", "ed25519", "ECDSA+SHA512")
        .doesNotContain("SHA1");
  }

  @Test
  void rejectsACertificateWithATokenThatWasObtainedWithItAndTakesOneOfAKey() throws Exception {
    Issued issued = issue("double");
    String key =
        gate.manage("POST", "/keys", new JsonObject().put("owner", "till").put("name", "double"))
            .getString("key");

    // With the certificate shown, both tokens are bound to it.
    assertThat(curl("/certificate-and-token", concat(with(issued), "-H", token(issued))))
        .isEqualTo("401");
    assertThat(
            curl(
                "/certificate-and-token",
                concat(with(issued), "-H", token(issued, "-H", "X-API-Key: " + key))))
        .isEqualTo("200");
  }

  /// The field with a token for whoever shows the certificate and that.
  private static String token(Issued issued, String... more) throws Exception {
    String[] arguments = concat(with(issued), "-d", "grant_type=client_credentials");
    JsonObject granted = new JsonObject(echoed("/auth/token", concat(arguments, more)));
    return "Authorization: Bearer " + granted.getString("access_token");
  }

  @Test
  void dropsCertificateFieldsFromAnyoneButListedProxies() throws Exception {
    Issued issued = issue("forged");
    String der = sh(temp, "openssl x509 -in forged.crt -outform DER | base64 -w0").strip();
    String pem =
        java.net.URLEncoder.encode(Files.readString(issued.certificate), StandardCharsets.UTF_8);
    for (String field :
        List.of(
            "Client-Cert: :" + der + ":",
            "client_cert: :" + der + ":",
            "X-Forwarded-Client-Cert: Cert=\"" + pem + "\"")) {
      assertThat(curl("/orders", "-H", field)).as(field).isEqualTo("401");
      assertThat(echoed("/hello", "-H", field)).as(field).doesNotContainIgnoringCase(der);
    }
    assertThat(echoed("/orders", with(issued)))
        .contains("x-auth-method", "mtls", issued.id)
        .doesNotContainIgnoringCase("client-cert");
  }

  private static String echoed(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sS", "--cacert", gate.data().resolve("ca.crt").toString()));
    command.addAll(List.of(arguments));
    command.add(gate.address() + path);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void readsCasAndTheirListsAgainWithoutRestart() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("renewed", "DNS:renewed.example", 10);
    assertThat(cert("register", "r", "--owner", "till", "--dns", "renewed.example").exitCode())
        .isZero();
    assertThat(curl("/orders", withForeign("renewed"))).isEqualTo("200");

    // Revoked by its CA.
    sh(folder, "openssl ca -config ca.cnf -revoke renewed.crt -keyfile ca.key -cert ca.crt");
    crl(folder);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("renewed"))).isEqualTo("401");

    // What can't be read changes nothing, and is told.
    byte[] good = Files.readAllBytes(folder.resolve("ca.crt"));
    Files.writeString(folder.resolve("ca.crt"), "no certificate");
    CommandLineRun failed = cert("cas", "--reload");
    assertThat(failed.exitCode()).isNotZero();
    assertThat(failed.err()).contains("ca.crt");
    assertThat(curl("/orders", with(issue("meanwhile")))).isEqualTo("200");
    Files.write(folder.resolve("ca.crt"), good);
    assertThat(cert("cas", "--reload").out()).contains("Foreign CA", "Gatehouse client CA");
  }

  @Test
  void aListThatItsCaDidNotSignKeepsThePreviousOneInForce() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("stolen", "DNS:stolen.example", 10);
    assertThat(cert("register", "s", "--owner", "till", "--dns", "stolen.example").exitCode())
        .isZero();
    assertThat(curl("/orders", withForeign("stolen"))).isEqualTo("200");
    sh(folder, "cp ca.crl before.crl");
    sh(folder, "openssl ca -config ca.cnf -revoke stolen.crt -keyfile ca.key -cert ca.crt");
    crl(folder);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("stolen"))).isEqualTo("401");
    byte[] good = Files.readAllBytes(folder.resolve("ca.crl"));

    // A newer list with one flipped bit, one of a CA of the same name, and the one from before.
    sh(
        folder,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout fake.key -out"
            + " fake.crt -days 30 -subj '/CN=Foreign CA' && openssl ca -config ca.cnf -gencrl"
            + " -keyfile fake.key -cert fake.crt -out fake.crl && openssl crl -in ca.crl -outform"
            + " DER -out flipped.crl");
    byte[] flipped = Files.readAllBytes(folder.resolve("flipped.crl"));
    flipped[flipped.length - 1] ^= 1;
    Files.write(folder.resolve("flipped.crl"), flipped);
    for (String name : List.of("flipped.crl", "fake.crl", "before.crl")) {
      Files.write(folder.resolve("ca.crl"), Files.readAllBytes(folder.resolve(name)));
      CommandLineRun reload = cert("cas", "--reload");
      assertThat(reload.exitCode()).as(name).isNotZero();
      assertThat(reload.err()).as(name).contains("ca.crl", "Foreign CA");
      assertThat(curl("/orders", withForeign("stolen"))).as(name).isEqualTo("401");
      // Only the running gate knows which list is in force.
      CommandLineRun check = CommandLineRun.of("check", temp.resolve("gatehouse.yaml").toString());
      if (name.equals("before.crl")) {
        assertThat(check.exitCode()).as(name).isZero();
      } else {
        assertThat(check.exitCode()).as(name).isNotZero();
        assertThat(check.err()).as(name).contains("ca.crl", "Foreign CA", "signature");
      }
    }
    Files.write(folder.resolve("ca.crl"), good);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("stolen"))).isEqualTo("401");
  }

  @Test
  void listOfAnIntermediateCountsWhenItsCaIsACrlIssuer() throws Exception {
    Path below = temp.resolve("foreign/below");
    sh(
        below,
        "export SAN=DNS:lower.example; openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256"
            + " -nodes -keyout ../lower.key -out lower.csr -subj /CN=x && openssl x509 -req -in"
            + " lower.csr -CA ca.crt -CAkey ca.key -out leaf.crt -days 5 -extfile ca.cnf -extensions"
            + " client && cat leaf.crt ca.crt > ../lower.crt");
    assertThat(cert("register", "l", "--owner", "till", "--dns", "lower.example").exitCode())
        .isZero();
    assertThat(curl("/orders", withForeign("lower"))).isEqualTo("200");
    byte[] before = Files.readAllBytes(below.resolve("ca.crl"));

    // A list of an unknown CA beside the true one.
    sh(
        below,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout fake.key -out"
            + " fake.crt -days 30 -subj '/CN=Nobody' && openssl ca -config ca.cnf -gencrl -keyfile"
            + " fake.key -cert fake.crt -out fake.crl && cat fake.crl >> ca.crl");
    assertThat(cert("cas", "--reload").err()).contains("below/ca.crl", "CN=Nobody", "crlIssuers");
    assertThat(curl("/orders", withForeign("lower"))).isEqualTo("200");

    sh(below, "openssl ca -config ca.cnf -revoke leaf.crt -keyfile ca.key -cert ca.crt");
    crl(below);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("lower"))).isEqualTo("401");
    byte[] revoking = Files.readAllBytes(below.resolve("ca.crl"));

    Files.write(below.resolve("ca.crl"), before);
    assertThat(cert("cas", "--reload").err()).contains("below/ca.crl", "older");
    assertThat(curl("/orders", withForeign("lower"))).isEqualTo("401");
    Files.write(below.resolve("ca.crl"), revoking);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
  }

  @Test
  void caThatIsTakenOutIsRefusedAlthoughItsListIsLeftBehind() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("orphan", "DNS:orphan.example", 10);
    assertThat(cert("register", "o", "--owner", "till", "--dns", "orphan.example").exitCode())
        .isZero();
    assertThat(curl("/orders", withForeign("orphan"))).isEqualTo("200");
    byte[] good = Files.readAllBytes(folder.resolve("ca.crt"));

    // Another CA of the same name, which has no list.
    sh(
        folder,
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out"
            + " other.crt -days 30 -subj '/CN=Foreign CA' && cp other.crt ca.crt.part && mv"
            + " ca.crt.part ca.crt");
    CommandLineRun reload = cert("cas", "--reload");
    assertThat(reload.exitCode()).isNotZero();
    assertThat(reload.err()).contains("ca.crt", "Foreign CA", "casWithoutCrl");
    assertThat(curl("/orders", withForeign("orphan"))).isEqualTo("401");
    assertThat(cert("cas").out()).doesNotContain("Foreign CA");

    Files.write(folder.resolve("ca.crt"), good);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("orphan"))).isEqualTo("200");
  }

  @Test
  void anOlderListDoesNotComeBackWithItsCa() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("rolled", "DNS:rolled.example", 10);
    assertThat(cert("register", "rolled", "--owner", "till", "--dns", "rolled.example").exitCode())
        .isZero();
    byte[] ca = Files.readAllBytes(folder.resolve("ca.crt"));
    byte[] old = Files.readAllBytes(folder.resolve("ca.crl"));
    sh(folder, "openssl ca -config ca.cnf -revoke rolled.crt -keyfile ca.key -cert ca.crt");
    crl(folder);
    byte[] newest = Files.readAllBytes(folder.resolve("ca.crl"));
    assertThat(cert("cas", "--reload").exitCode()).isZero();
    assertThat(curl("/orders", withForeign("rolled"))).isEqualTo("401");

    try {
      replaceForeignCa();
      Files.write(folder.resolve("ca.crt"), ca);
      Files.write(folder.resolve("ca.crl"), old);
      assertThat(cert("cas", "--reload").err()).contains("ca.crl", "older");
      assertThat(curl("/orders", withForeign("rolled"))).isEqualTo("401");
    } finally {
      restoreForeignCa(ca, newest);
    }
    assertThat(curl("/orders", withForeign("rolled"))).isEqualTo("401");
  }

  private static void restoreForeignCa(byte[] certificate, byte[] list) throws Exception {
    Files.write(temp.resolve("foreign/ca.crt"), certificate);
    Files.write(temp.resolve("foreign/ca.crl"), list);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
  }

  // Trusts another CA in place of the foreign one, with a list of its own.
  private static void replaceForeignCa() throws Exception {
    sh(
        temp.resolve("foreign"),
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out"
            + " other.crt -days 30 -subj '/CN=Other CA' -addext"
            + " keyUsage=critical,keyCertSign,cRLSign && openssl ca -config ca.cnf -gencrl -keyfile"
            + " other.key -cert other.crt -out ca.crl && cp other.crt ca.crt");
    assertThat(cert("cas", "--reload").exitCode()).isZero();
  }

  /// A token for the service that shows that certificate of the foreign CA.
  private static String tokenOf(String name) throws Exception {
    return new JsonObject(
            echoed("/auth/token", concat(withForeign(name), "-d", "grant_type=client_credentials")))
        .getString("access_token");
  }

  @Test
  void aTokenOfACertificateEndsWithTheListOfItsCa() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("brief", "DNS:brief.example", 10);
    assertThat(cert("register", "brief", "--owner", "till", "--dns", "brief.example").exitCode())
        .isZero();
    sh(
        folder,
        "openssl ca -config ca.cnf -gencrl -crlsec 300 -keyfile ca.key -cert ca.crt -out ca.crl");
    assertThat(cert("cas", "--reload").exitCode()).isZero();

    String claims = tokenOf("brief").split("\\.", -1)[1];
    long end =
        new JsonObject(new String(Base64.getUrlDecoder().decode(claims), StandardCharsets.UTF_8))
            .getLong("exp");
    String nextUpdate =
        sh(folder, "date -d \"$(openssl crl -in ca.crl -noout -nextupdate | cut -d= -f2)\" +%s");
    assertThat(end).isLessThanOrEqualTo(Long.parseLong(nextUpdate.strip()));

    crl(folder);
    assertThat(cert("cas", "--reload").exitCode()).isZero();
  }

  @Test
  void aTokenOfACertificateEndsWhenItsCaIsTakenOut() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("gone", "DNS:gone.example", 10);
    assertThat(cert("register", "gone", "--owner", "till", "--dns", "gone.example").exitCode())
        .isZero();
    String bearer = "Authorization: Bearer " + tokenOf("gone");
    assertThat(curl("/tokens-only", concat(withForeign("gone"), "-H", bearer))).isEqualTo("200");
    byte[] ca = Files.readAllBytes(folder.resolve("ca.crt"));
    byte[] list = Files.readAllBytes(folder.resolve("ca.crl"));

    try {
      replaceForeignCa();
      assertThat(curl("/tokens-only", concat(withForeign("gone"), "-H", bearer))).isEqualTo("401");
    } finally {
      restoreForeignCa(ca, list);
    }
    assertThat(curl("/tokens-only", concat(withForeign("gone"), "-H", bearer))).isEqualTo("200");
  }

  @Test
  void aTokenOfACertificateEndsWhenItsCaRevokesTheCertificate() throws Exception {
    Path folder = temp.resolve("foreign");
    foreign("token", "DNS:token.example", 10);
    foreign("spare", "DNS:token.example", 10);
    assertThat(cert("register", "token", "--owner", "till", "--dns", "token.example").exitCode())
        .isZero();
    String bearer = "Authorization: Bearer " + tokenOf("token");
    String other = "Authorization: Bearer " + tokenOf("spare");
    assertThat(curl("/tokens-only", concat(withForeign("token"), "-H", bearer))).isEqualTo("200");

    sh(folder, "openssl ca -config ca.cnf -revoke token.crt -keyfile ca.key -cert ca.crt");
    crl(folder);
    assertThat(cert("cas", "--reload").exitCode()).isZero();

    assertThat(curl("/tokens-only", concat(withForeign("token"), "-H", bearer))).isEqualTo("401");
    // The same registration, by another certificate.
    assertThat(curl("/tokens-only", concat(withForeign("spare"), "-H", other))).isEqualTo("200");
  }

  @Test
  void theGatesOwnListOfRevokedCertificatesIsReadByOpenssl() throws Exception {
    Issued issued = issue("listed");
    Files.writeString(temp.resolve("own-ca.crt"), cert("ca").out());
    assertThat(sh(temp, "openssl verify -purpose sslclient -CAfile own-ca.crt listed.crt"))
        .contains("listed.crt: OK");
    assertThat(cert("revoke", issued.id).err()).isEmpty();
    Files.writeString(temp.resolve("own.crl"), cert("crl").out());

    assertThat(
            sh(
                temp,
                "openssl verify -crl_check -CRLfile own.crl -CAfile own-ca.crt listed.crt || true"))
        .contains("certificate revoked");
    assertThat(curl("/.well-known/gatehouse/clients.crl")).isEqualTo("200");
    assertThat(curl("/.well-known/gatehouse/clients.crl", "-X", "POST", "-d", "")).isEqualTo("405");
  }

  @Test
  void ofARequestNothingIsBelievedButTheKey() throws Exception {
    sh(
        temp,
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout liar.key -out"
            + " liar.csr -subj /CN=admin -addext subjectAltName=URI:spiffe://gatehouse/account/admin"
            + " -addext basicConstraints=critical,CA:TRUE -addext extendedKeyUsage=serverAuth");
    CommandLineRun run =
        cert("issue", "liar", "--owner", "till", "--csr", temp.resolve("liar.csr").toString());
    assertThat(run.err()).isEmpty();
    Files.writeString(temp.resolve("liar.crt"), run.out());

    String text = sh(temp, "openssl x509 -in liar.crt -noout -text");
    assertThat(text)
        .contains("CA:FALSE", "TLS Web Client Authentication", "URI:spiffe://")
        .doesNotContain("CN = admin", "account/admin", "TLS Web Server");
    assertThat(
            curl(
                "/orders",
                "--cert",
                temp.resolve("liar.crt").toString(),
                "--key",
                temp.resolve("liar.key").toString()))
        .isEqualTo("200");
  }

  @Test
  void aRequestWhoseSenderHasNotTheKeyOrAWeakOneIsRefused() throws Exception {
    sh(
        temp,
        "openssl req -new -newkey rsa:1024 -nodes -keyout weak.key -out weak.csr -subj /CN=x &&"
            + " openssl req -new -newkey rsa:2048 -nodes -keyout torn.key -out torn.der -outform DER"
            + " -subj /CN=x");
    byte[] torn = Files.readAllBytes(temp.resolve("torn.der"));
    torn[torn.length - 1] ^= 1;
    Files.write(temp.resolve("torn.der"), torn);
    sh(temp, "openssl req -in torn.der -inform DER -out torn.csr");
    for (String name : List.of("weak", "torn")) {
      CommandLineRun run =
          cert("issue", name, "--owner", "till", "--csr", temp.resolve(name + ".csr").toString());
      assertThat(run.exitCode()).as(name).isNotZero();
      assertThat(run.err()).as(name).containsAnyOf("1024 bits", "not signed by the key");
    }
  }

  @Test
  void aRenewedCertificateWorksBesideTheOldOneForTheOverlap() throws Exception {
    Issued first = issue("renew");
    CommandLineRun run =
        cert("renew", first.id, "--overlap", "0s", "--out", temp.toString(), "--json");
    assertThat(run.err()).isEmpty();

    assertThat(curl("/orders", with(first))).isEqualTo("401");
    assertThat(
            curl(
                "/orders",
                "--cert",
                temp.resolve("renew-renewed.crt").toString(),
                "--key",
                temp.resolve("renew-renewed.key").toString()))
        .isEqualTo("200");
    assertThat(cert("show", first.id).out()).contains("successor");
  }

  @Test
  void refusesToRenewACertificateForItsOwnKey() throws Exception {
    Issued first = issue("again");
    sh(temp, "openssl req -new -key again.key -subj /CN=x -out again.csr");

    CommandLineRun run = cert("renew", first.id, "--csr", temp.resolve("again.csr").toString());

    assertThat(run.exitCode()).isNotZero();
    assertThat(run.err()).contains("another key");
    assertThat(curl("/orders", with(first))).isEqualTo("200");
  }

  @Test
  void aCertificateThatWasAcceptedByItsNameIsRefusedOnceItsFingerprintIsRevoked() throws Exception {
    foreign("lost", "DNS:lost.example", 10);
    assertThat(cert("register", "all", "--owner", "till", "--dns", "lost.example").exitCode())
        .isZero();
    assertThat(curl("/orders", withForeign("lost"))).isEqualTo("200");
    String fingerprint =
        sh(temp.resolve("foreign"), "openssl x509 -in lost.crt -noout -fingerprint -sha256")
            .strip()
            .replaceFirst(".*=", "");

    CommandLineRun one =
        cert("register", "lost", "--owner", "till", "--fingerprint", fingerprint, "--json");
    assertThat(one.err()).isEmpty();
    assertThat(curl("/orders", withForeign("lost"))).isEqualTo("200");
    assertThat(cert("revoke", new JsonObject(one.out()).getString("id")).err()).isEmpty();

    assertThat(curl("/orders", withForeign("lost"))).isEqualTo("401");
  }

  @Test
  void noTokenIsIssuedToHolderOfWeakKeyThatItWouldBeBoundTo() throws Exception {
    String key =
        gate.manage("POST", "/keys", new JsonObject().put("owner", "till").put("name", "weak"))
            .getString("key");
    for (String exponent : List.of("3", "65537")) {
      sh(
          temp,
          "openssl req -x509 -newkey rsa:2048 -pkeyopt rsa_keygen_pubexp:%s -nodes -keyout e.key -out"
                  .formatted(exponent)
              + " e.crt -subj /CN=x");
      String[] shown = {
        "--cert", temp.resolve("e.crt").toString(), "--key", temp.resolve("e.key").toString()
      };
      boolean weak = exponent.equals("3");
      assertThat(
              curl(
                  "/auth/token",
                  concat(shown, "-u", "till:" + key, "-d", "grant_type=client_credentials")))
          .isEqualTo(weak ? "400" : "200");
      assertThat(
              echoed(
                  "/api/auth/login",
                  concat(shown, "--json", "{\"email\":\"nobody@example.com\",\"password\":\"x\"}")))
          .contains(weak ? "INVALID_CLIENT_CERTIFICATE" : "INVALID_CREDENTIALS");
    }
  }

  @Test
  void aTokenIsBoundToTheCertificateWithWhichAServiceAskedForIt() throws Exception {
    Issued own = issue("bound");
    Issued other = issue("unbound");
    JsonObject answer =
        new JsonObject(
            echoed(
                "/auth/token",
                concat(with(own), "-d", "grant_type=client_credentials&client_id=till")));
    String bearer = "Authorization: Bearer " + answer.getString("access_token");

    assertThat(curl("/tokens-only", concat(with(own), "-H", bearer))).isEqualTo("200");
    assertThat(curl("/tokens-only", concat(with(other), "-H", bearer))).isEqualTo("401");
    assertThat(curl("/tokens-only", "-H", bearer)).isEqualTo("401");
    assertThat(
            curl(
                "/auth/token",
                concat(with(own), "-d", "grant_type=client_credentials&client_id=other")))
        .isEqualTo("401");
    assertThat(curl("/auth/token", "-d", "grant_type=client_credentials&client_id=till"))
        .isEqualTo("401");

    assertThat(cert("revoke", own.id).err()).isEmpty();
    assertThat(curl("/tokens-only", concat(with(own), "-H", bearer))).isEqualTo("401");
  }
}
