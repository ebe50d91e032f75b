package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A listener that lets nobody in without a good certificate.
@Timeout(180)
@Tag("end-to-end")
class RequiredCertificateTest {

  @TempDir private Path temp;

  @Test
  void aHandshakeWithoutAGoodChainIsRefused() throws Exception {
    Path data = temp.resolve("data");
    try (EchoApi api = new EchoApi();
        GateProcess gate = GateProcess.serve(config(api), data, data.resolve("ca.crt"))) {
      gate.manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "till"));
      CommandLineRun issued =
          CommandLineRun.of(
              "cert",
              "issue",
              "till",
              "--owner",
              "till",
              "--data",
              data.toString(),
              "--out",
              temp.toString());
      assertThat(issued.err()).isEmpty();
      run(
          "openssl req -x509 -newkey rsa:2048 -nodes -keyout self.key -out self.crt -subj /CN=x"
              + " -days 1");
      String curl =
          "curl -sS --cacert data/ca.crt -o /dev/null -w %{http_code} "
              + gate.address()
              + "/orders ";

      for (String tls : List.of("--tls-max 1.2", "--tlsv1.3", "--http1.1")) {
        assertThat(run(curl + tls + " --cert till.crt --key till.key")).as(tls).isEqualTo("200");
        // A client of TLS 1.3 hears of it when it reads, or finds the connection closed.
        assertThat(run(curl + tls)).as(tls).startsWith("curl: ").endsWith("000");
        assertThat(run(curl + tls + " --cert self.crt --key self.key"))
            .as(tls)
            .startsWith("curl: ")
            .endsWith("000");
      }
      String openssl =
          "openssl s_client -connect localhost:"
              + gate.address().getPort()
              + " -CAfile data/ca.crt -cert till.crt -key till.key ";
      assertThat(run(openssl + "-tls1_2", "R\n"))
          .contains("RENEGOTIATING")
          .containsIgnoringCase("alert");
      String ask = "GET /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      for (String tls : List.of("-tls1_2 ", "-tls1_3 ")) {
        assertThat(run(openssl + tls + "-sess_out session -ign_eof", ask)).contains("200 OK");
        assertThat(run(openssl + tls + "-sess_in session -ign_eof", ask))
            .contains("Reused, TLS", "200 OK");
      }
    }
  }

  @Test
  void anOpenConnectionEndsWhenTheCaOfItsCertificateIsTakenOut() throws Exception {
    for (String name : List.of("ca", "other")) {
      run(
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "
              + name
              + ".key -out "
              + name
              + ".crt -days 30 -addext keyUsage=critical,keyCertSign,cRLSign -subj /CN="
              + name);
    }
    Files.writeString(
        temp.resolve("client.cnf"),
        """
        basicConstraints = CA:FALSE
        keyUsage = critical, digitalSignature
        extendedKeyUsage = clientAuth
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        subjectAltName = DNS:a.example
        """);
    run(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout a.key -out"
            + " a.csr -subj /CN=a");
    run(
        "openssl x509 -req -in a.csr -CA ca.crt -CAkey ca.key -out a.crt -days 5 -extfile"
            + " client.cnf");
    Path data = temp.resolve("data");
    try (EchoApi api = new EchoApi();
        GateProcess gate = GateProcess.serve(trusting(api), data, data.resolve("ca.crt"))) {
      Process client =
          new ProcessBuilder(
                  "openssl",
                  "s_client",
                  "-quiet",
                  "-connect",
                  "localhost:" + gate.address().getPort(),
                  "-CAfile",
                  "data/ca.crt",
                  "-cert",
                  "a.crt",
                  "-key",
                  "a.key")
              .directory(temp.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      // Not closed: what is still buffered can't be written when the client has ended.
      OutputStream requests = client.getOutputStream();
      try (BufferedReader answers = client.inputReader(StandardCharsets.ISO_8859_1)) {
        byte[] ask =
            "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        requests.write(ask);
        requests.flush();
        assertThat(answers.readLine()).contains("200 OK");

        Files.move(
            temp.resolve("other.crt"), temp.resolve("ca.crt"), StandardCopyOption.REPLACE_EXISTING);
        CommandLineRun reload =
            CommandLineRun.of("cert", "cas", "--reload", "--data", data.toString());
        assertThat(reload.err()).isEmpty();

        try {
          requests.write(ask);
          requests.flush();
        } catch (IOException ended) {
          assertThat(client.waitFor(20, TimeUnit.SECONDS)).as("%s", ended).isTrue();
        }
        assertThat(answers.lines()).noneMatch(line -> line.contains("200 OK"));
      } finally {
        client.destroyForcibly();
      }
    }
  }

  private Path trusting(EchoApi api) throws Exception {
    return Files.writeString(
        temp.resolve("gatehouse.yaml"),
        """
        listen: { port: 0, clientCertificates: require }
        data: data
        methods:
          mtls: { clientCas: [ca.crt], ownCa: false }
        routes:
          - path: /hello
            upstream: %s
            accept: [public]
          - path: /orders
            upstream: %s
            accept: [mtls]
        """
            .formatted(api.address(), api.address()));
  }

  private Path config(EchoApi api) throws Exception {
    return Files.writeString(
        temp.resolve("gatehouse.yaml"),
        """
        listen: { port: 0, clientCertificates: require }
        data: data
        routes:
          - path: /orders
            upstream: %s
            accept: [mtls]
        """
            .formatted(api.address()));
  }

  private String run(String command) throws Exception {
    return run(command, "");
  }

  /// What a command printed, however it ended.
  private String run(String command, String input) throws Exception {
    Process process =
        new ProcessBuilder(new ArrayList<>(List.of(command.strip().split(" +"))))
            .directory(temp.toFile())
            .redirectErrorStream(true)
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.US_ASCII));
      in.flush();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return said;
    }
  }
}
