package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Clients that are not ours show certificates to a running gate: curl, openssl and Node.
@Timeout(180)
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
              mtls: { clientCas: [foreign/ca.crt], crls: [foreign/ca.crl], ownCa: true }
            routes:
              - path: /orders
                upstream: %s
                accept: [mtls]
              - path: /either
                upstream: %s
                accept: [apikey, mtls]
              - path: /hello
                upstream: %s
                accept: [public]
              - path: /keys-only
                upstream: %s
                accept: [apikey]
            """
                .formatted(api.address(), api.address(), api.address(), api.address()));
    Path data = temp.resolve("data");
    gate = GateProcess.serve(config, data, data.resolve("ca.crt"));
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
  void pitfall71ACertificateOfAForeignCaPassesOnlyWhenItIsRegistered() throws Exception {
    assertThat(curl("/orders", withForeign("till"))).isEqualTo("401");

    CommandLineRun run = cert("register", "till 1", "--owner", "till", "--dns", "till.example");
    assertThat(run.err()).isEmpty();

    assertThat(curl("/orders", withForeign("till"))).isEqualTo("200");
  }

  @Test
  void probe() throws Exception {
    Issued issued = issue("probe");
    String c = issued.certificate.toString();
    String k = issued.key.toString();
    Path session = temp.resolve("probe.sess");
    for (String v : List.of("-tls1_2", "-tls1_3")) {
      System.out.println(
          "PROBE "
              + v
              + " 1: "
              + openssl(
                  ASK, v, "-cert", c, "-key", k, "-sess_out", session.toString(), "-ign_eof"));
      System.out.println(
          "PROBE "
              + v
              + " 2: "
              + openssl(ASK, v, "-cert", c, "-key", k, "-sess_in", session.toString(), "-ign_eof"));
    }
    System.out.println("PROBE reneg " + openssl("R\n", "-tls1_2", "-cert", c, "-key", k));
    System.out.println("PROBE 1.1 " + openssl("", "-tls1_1", "-cert", c, "-key", k));
  }
}
