package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawUpstream;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A real nginx ends TLS in front of the gate, and says in a field what certificate the client
/// showed.
@Timeout(180)
@Tag("end-to-end")
class BehindNginxTest {

  // From here nginx calls the gate: nobody else is listed.
  private static final String PROXY = "127.0.0.2";

  // RFC 6455 §5.7: "Hello" in a masked frame.
  private static final byte[] FRAME = HexFormat.of().parseHex("818537fa213d7f9f4d5158");

  /// The two fields, and how nginx writes them: as in docs/methods/client-certificates.md.
  enum Field {
    CLIENT_CERT(
        "Client-Cert",
        """
        map $ssl_client_raw_cert $client_cert {
          "~^-----BEGIN CERTIFICATE-----\\n%s-----END CERTIFICATE-----\\n?$" ":%s:";
        }
        """
            .formatted(
                lines(line -> "(?:(?<c" + line + ">[A-Za-z0-9+/=]+)\\n)?"),
                lines(line -> "$c" + line)),
        """
        proxy_set_header Client-Cert $client_cert;
        proxy_set_header Client-Cert-Chain "";
        """),
    X_FORWARDED_CLIENT_CERT(
        "X-Forwarded-Client-Cert",
        documented("(?s)\\A(map \\$ssl_client_escaped_cert.*?\\n\\}\\n)"),
        documented("(?m)^ +(proxy_set_header X-Forwarded-Client-Cert .*)$"));

    private final String name;
    private final String map;
    private final String set;

    Field(String name, String map, String set) {
      this.name = name;
      this.map = map;
      this.set = set;
    }

    // What stands there in the first example for nginx of docs/methods/client-certificates.md.
    private static String documented(String pattern) {
      try {
        String page = Files.readString(Path.of("../docs/methods/client-certificates.md"));
        String example = page.split("```nginx\n", 2)[1].split("```", 2)[0];
        Matcher found = Pattern.compile(pattern).matcher(example);
        assertThat(found.find()).as("%s in %s", pattern, example).isTrue();
        return found.group(1);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    private static String lines(java.util.function.IntFunction<String> line) {
      return IntStream.rangeClosed(1, 64).mapToObj(line).collect(Collectors.joining());
    }
  }

  @TempDir private Path temp;

  @ParameterizedTest
  @EnumSource(Field.class)
  void nginxSaysWhatCertificateTheClientShowed(Field field) throws Exception {
    try (EchoApi api = new EchoApi();
        RawUpstream webSockets = new RawUpstream(null);
        GateProcess gate = gate(field, api, webSockets.base());
        Nginx nginx = new Nginx(field, gate.address().getPort())) {
      gate.manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "till"));
      String id = issue(gate, "till");
      issue(gate, "other");

      // Shown to nginx.
      assertThat(nginx.curl("/orders", "--cert", file("till.crt"), "--key", file("till.key")))
          .endsWith("200")
          .contains(id)
          .doesNotContainIgnoringCase("client-cert");
      assertThat(nginx.curl("/orders")).endsWith("401");
      assertThat(nginx.curl("/hello", "--cert", file("till.crt"), "--key", file("till.key")))
          .contains("\"host\":\"localhost:" + nginx.port + "\"")
          .endsWith("200");
      // Written by the client: nginx writes its own.
      String forged = field.name + ": " + value(field, "till");
      assertThat(nginx.curl("/orders", "-H", forged)).endsWith("401");
      assertThat(
              nginx.curl(
                  "/orders",
                  "-H",
                  field.name + ": " + value(field, "other"),
                  "--cert",
                  file("till.crt"),
                  "--key",
                  file("till.key")))
          .endsWith("200")
          .contains(id);

      forgedCertificateFieldIsDropped(gate, field, forged);
      webSocketPasses(nginx, webSockets);

      assertThat(
              CommandLineRun.of("cert", "revoke", id, "--data", gate.data().toString()).exitCode())
          .isZero();
      assertThat(nginx.curl("/orders", "--cert", file("till.crt"), "--key", file("till.key")))
          .endsWith("401");
    }
  }

  // Past nginx: what anybody but the listed proxy says is dropped; what it says must be readable.
  private static void forgedCertificateFieldIsDropped(GateProcess gate, Field field, String forged)
      throws Exception {
    String direct = "http://127.0.0.1:" + gate.address().getPort() + "/orders";
    String[] https = {"-H", "X-Forwarded-Proto: https"};
    assertThat(curl(direct, concat(https, "-H", forged))).endsWith("401");
    String[] listed = concat(https, "--interface", PROXY);
    assertThat(curl(direct, concat(listed, "-H", forged))).endsWith("200");
    assertThat(curl(direct, concat(listed, "-H", forged, "-H", forged))).endsWith("400");
    assertThat(curl(direct, concat(listed, "-H", field.name + ": nonsense"))).endsWith("400");
    assertThat(curl(direct, concat(listed, "-H", forged.substring(0, forged.length() - 40))))
        .endsWith("400");
  }

  private static void webSocketPasses(Nginx nginx, RawUpstream upstream) throws Exception {
    upstream.serve(
        (head, in, out) -> {
          RawUpstream.write(
              out,
              """
              HTTP/1.1 101 Switching Protocols\r
              Upgrade: websocket\r
              Connection: Upgrade\r
              \r
              """);
          out.write(in.readNBytes(FRAME.length));
          out.flush();
          return false;
        });
    try (RawClient client =
        new RawClient(nginx.port, GateProcess.trusting(nginx.certificate), "http/1.1")) {
      String request =
          """
          GET /socket HTTP/1.1\r
          Host: localhost:%d\r
          Connection: Upgrade\r
          Upgrade: websocket\r
          Sec-WebSocket-Version: 13\r
          Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
          \r
          """
              .formatted(nginx.port);
      assertThat(client.ask(request).status()).isEqualTo(101);
      client.send(FRAME);
      assertThat(client.in().readNBytes(FRAME.length)).isEqualTo(FRAME);
      assertThat(upstream.next().head()).contains("localhost:" + nginx.port);
    }
  }

  private GateProcess gate(Field field, EchoApi api, URI webSockets) throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen:
              port: 0
              plainHttp: true
              tlsTerminator: [%s]
              clientCertificateField: %s
            data: data
            routes:
              - path: /orders
                upstream: %s
                accept: [mtls]
              - path: /hello
                upstream: %s
                accept: [public]
              - path: /socket
                upstream: %s
                accept: [public]
            """
                .formatted(PROXY, field.name, api.address(), api.address(), webSockets));
    return GateProcess.serve(config, temp.resolve("data"), null);
  }

  private String file(String name) {
    return temp.resolve(name).toString();
  }

  private String issue(GateProcess gate, String name) {
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
    return new JsonObject(run.out()).getString("id");
  }

  private String value(Field field, String name) throws Exception {
    String pem = Files.readString(temp.resolve(name + ".crt"));
    return switch (field) {
      case CLIENT_CERT -> ":" + pem.replaceAll("-----[A-Z ]+-----|\\s", "") + ":";
      case X_FORWARDED_CLIENT_CERT ->
          "Cert=\""
              + java.net.URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20")
              + "\"";
    };
  }

  private static String[] concat(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  // The answer's body, and then its status.
  private static String curl(String url, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", "-k", "-w", "%{http_code}"));
    command.addAll(List.of(arguments));
    command.add(url);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  private final class Nginx implements AutoCloseable {

    private final int port;
    private final Path certificate;
    private final Process process;

    Nginx(Field field, int gatePort) throws Exception {
      port = freePort();
      Path folder = Files.createDirectories(temp.resolve("nginx"));
      certificate = folder.resolve("server.crt");
      Process made =
          new ProcessBuilder(
                  "openssl",
                  "req",
                  "-x509",
                  "-newkey",
                  "rsa:2048",
                  "-nodes",
                  "-keyout",
                  "server.key",
                  "-out",
                  "server.crt",
                  "-subj",
                  "/CN=localhost",
                  "-days",
                  "1")
              .directory(folder.toFile())
              .redirectErrorStream(true)
              .start();
      made.getInputStream().readAllBytes();
      assertThat(made.waitFor()).isZero();
      Files.writeString(
          folder.resolve("nginx.conf"),
          """
          pid nginx.pid;
          error_log stderr;
          events {}
          http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            proxy_headers_hash_bucket_size 128;
            %s
            %s
            server {
              listen 127.0.0.1:%d ssl;
              ssl_certificate %s/server.crt;
              ssl_certificate_key %s/server.key;
              ssl_verify_client optional_no_ca;
              location / {
                proxy_pass http://127.0.0.1:%d;
                proxy_bind %s;
                %s
                %s
              }
            }
          }
          """
              .formatted(
                  field.map,
                  Field.documented("(?s)(map \\$http_upgrade.*?\\n\\}\\n)"),
                  port,
                  folder,
                  folder,
                  gatePort,
                  PROXY,
                  Field.documented("(?s)( +proxy_set_header X-Forwarded-For .*?)\\n +proxy_pass"),
                  field.set));
      process =
          new ProcessBuilder(
                  "nginx", "-p", folder.toString(), "-c", "nginx.conf", "-g", "daemon off;")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("out").toFile())
              .start();
      GateProcess.until(() -> !process.isAlive() || isListening());
      assertThat(process.isAlive())
          .as("nginx runs; it said: %s", Files.readString(folder.resolve("out")))
          .isTrue();
    }

    private boolean isListening() {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected();
      } catch (IOException notYet) {
        return false;
      }
    }

    String curl(String path, String... arguments) throws Exception {
      return BehindNginxTest.curl("https://localhost:" + port + path, arguments);
    }

    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
