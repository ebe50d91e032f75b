package dev.gatehouse.server.cli;

import dev.gatehouse.Scopes;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.assembly.Assembly;
import dev.gatehouse.server.assembly.OwnKey;
import dev.gatehouse.server.choose.ChoosePath;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.demo.OrdersApi;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gatehouse demo`: a gate in front of a sample API, with credentials ready to be tried.
@Command(
    name = "demo",
    description = "Serves a gate in front of a sample API, and prints requests to try.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Runnable {

  private static final String FILE = "demo.json";
  private static final String PROTECTED_PATH = "/orders";
  private static final OwnKey KEY =
      new OwnKey("demo-app", "demo", Scopes.of("orders:read", "orders:write"), List.of());
  private static final OwnSignatureKey SIGNER =
      new OwnSignatureKey("demo-signer", "demo", Scopes.of("orders:read", "orders:write"));
  private static final OwnCertificate CERTIFICATE =
      new OwnCertificate("demo-client", Scopes.of("orders:read", "orders:write"));
  private static final OwnPassword PERSON =
      new OwnPassword("alice", "alice@example.com", Scopes.of("orders:read", "orders:write"));

  @Option(
      names = "--port",
      paramLabel = "PORT",
      converter = Values.Port.class,
      defaultValue = "8443",
      description = "where to listen on loopback; 0: any free port (default: ${DEFAULT-VALUE})")
  private int port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "gatehouse-demo",
      description = "the data folder (default: ${DEFAULT-VALUE})")
  private Path data = Path.of("gatehouse-demo");

  @Spec private CommandSpec spec = CommandSpec.create();

  /// The sample API, the gate in front of it, and the provider beside it.
  private record Demo(
      OrdersApi orders,
      OwnProvider provider,
      Assembly gate,
      String apiKey,
      OwnPassword.SignIn person,
      OwnSignatureKey.Signer signer,
      OwnCertificate.Shown certificate)
      implements AutoCloseable {

    @Override
    public void close() {
      gate.close();
      provider.close();
      orders.close();
    }

    /// Names the address only.
    @Override
    public String toString() {
      return "Demo[" + gate.address() + "]";
    }
  }

  @Override
  public void run() {
    Running.untilStopped(this::start, this::print, Demo::close);
  }

  private Demo start() {
    Deque<AutoCloseable> opened = new ArrayDeque<>();
    boolean started = false;
    try {
      OrdersApi orders = new OrdersApi();
      opened.push(orders);
      DataFolder folder = DataFolder.open(data);
      opened.push(folder);
      OwnProvider provider = OwnProvider.in(folder, Clock.systemUTC());
      opened.push(provider);
      GatehouseConfig config = GatehouseConfig.forDemo(orders.address(), port, data);
      config = config.withOAuth(provider.settings(config.issuer()));
      Assembly gate =
          Assembly.start(config, folder, Map.of(ChoosePath.PATH, new ChoosePath(config.realm())));
      opened.push(gate);
      String key = KEY.in(folder, FILE, gate.accounts(), gate.apiKeys());
      OwnPassword.SignIn person = PERSON.in(folder, FILE, gate.accounts(), gate.passwords());
      OwnSignatureKey.Signer signer =
          SIGNER.in(folder, FILE, gate.accounts(), gate.signatureKeys());
      OwnCertificate.Shown certificate =
          CERTIFICATE.in(folder, gate.accounts(), gate.certificates(), Instant.now());
      provider.link(gate.accounts().find(person.name()).orElseThrow(), gate.links());
      provider.serve(gate.address(), config.issuer());
      Demo demo = new Demo(orders, provider, gate, key, person, signer, certificate);
      folder.writePrivate(FILE, file(demo).encodePrettily() + "\n");
      started = true;
      return demo;
    } catch (IOException failed) {
      throw new StartupException("the sample API could not start: " + failed.getMessage(), failed);
    } finally {
      if (!started) {
        opened.forEach(DemoCommand::close);
      }
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception failed) {
      // What is reported is why it could not start.
    }
  }

  private static JsonObject file(Demo demo) {
    return new JsonObject()
        .put("baseUrl", demo.gate.address().toString())
        .put("caFile", String.valueOf(demo.gate.developmentCaFile()))
        .put("protectedPath", PROTECTED_PATH)
        .put("apiKey", demo.apiKey)
        .put(
            "basic",
            new JsonObject()
                .put("username", demo.person.name())
                .put("password", demo.person.password()))
        .put(
            "login",
            new JsonObject()
                .put("email", demo.person.email())
                .put("password", demo.person.password()))
        .put(
            "hmac",
            new JsonObject().put("keyId", demo.signer.keyId()).put("secret", demo.signer.secret()))
        .put(
            "mtls",
            new JsonObject()
                .put("certFile", demo.certificate.certificate().toString())
                .put("keyFile", demo.certificate.key().toString()))
        .put("oauth", demo.provider.file(demo.gate.address()))
        .put(
            "admin",
            new JsonObject()
                .put("baseUrl", demo.gate.adminAccess().baseUrl())
                .put("apiKey", demo.gate.adminAccess().apiKey()));
  }

  private void print(Demo demo) {
    PrintWriter out = spec.commandLine().getOut();
    String ca = "--cacert " + quoted(String.valueOf(demo.gate.developmentCaFile())) + " ";
    String curl = "curl -i " + ca;
    String base = demo.gate.address().toString();
    String orders = quoted(base + PROTECTED_PATH);
    String key = "-H 'X-API-Key: " + demo.apiKey + "' ";
    String login =
        new JsonObject()
            .put("email", demo.person.email())
            .put("password", demo.person.password())
            .encode();
    String json = "-H 'Content-Type: application/json' -d " + quoted(login) + " ";
    String jar = quoted(demo.gate.folder().file("cookies.txt").toString());
    out.println();
    out.println("Gatehouse guards a sample API at " + base);
    out.println();
    line(out, "API key (200)", curl + key + orders);
    line(
        out,
        "Basic (200)",
        curl + "-u '" + demo.person.name() + ":" + demo.person.password() + "' " + orders);
    line(
        out,
        "JWT: sign in, and call with the access token (200)",
        "TOKEN=$(curl -s "
            + ca
            + json
            + quoted(base + "/api/auth/login")
            + " | sed 's/.*\"accessToken\":\"\\([^\"]*\\)\".*/\\1/')",
        curl + "-H \"Authorization: Bearer $TOKEN\" " + orders);
    line(
        out,
        "OAuth: get an access token of another issuer, and call with it (200)",
        "TOKEN=$(curl -s "
            + ca
            + demo.provider.curl()
            + " | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')",
        curl + "-H \"Authorization: Bearer $TOKEN\" " + orders);
    line(
        out,
        "HMAC: sign the request, and send it (200)",
        "TIME=$(date +%s); SIGNATURE=$(printf 'GET\\n"
            + PROTECTED_PATH
            + "\\n%s\\n' $TIME | openssl dgst -sha256 -hmac "
            + demo.signer.secret()
            + " | sed 's/.* //')",
        curl
            + "-H 'X-Key-Id: "
            + demo.signer.keyId()
            + "' -H \"X-Timestamp: $TIME\" -H \"X-Signature: $SIGNATURE\" "
            + orders);
    line(
        out,
        "Session: sign in, and call with the cookie (200)",
        curl + "-c " + jar + " " + json + quoted(base + "/login"),
        curl + "-b " + jar + " " + orders);
    out.println("  or in a browser, as " + demo.person.name() + " with " + demo.person.password());
    out.println("  or by \"Sign in with " + OwnProvider.label() + "\", as its Alice:");
    out.println("  " + base + PROTECTED_PATH);
    out.println();
    line(
        out,
        "Mutual TLS: show a client certificate (200)",
        curl
            + "--cert "
            + quoted(demo.certificate.certificate().toString())
            + " --key "
            + quoted(demo.certificate.key().toString())
            + " "
            + orders);
    line(out, "An order is placed (201)", curl + key + "-d '{\"item\": \"tea\"}' " + orders);
    line(out, "Refused: no credentials (401)", curl + orders);
    line(
        out,
        "Refused: the key may not delete (403)",
        curl + key + "-X DELETE " + quoted(base + PROTECTED_PATH + "/1"));
    line(out, "Public: a route that is open to all (200)", curl + quoted(base + "/hello"));
    out.println("Which method suits you? In a browser, or by " + Launcher.command() + " choose");
    out.println("  " + base + ChoosePath.PATH);
    out.println();
    line(
        out,
        "Manage it while it runs: user, service, key, cert, hmac, webhook, invite, session, token;"
            + " explain a refusal; report who uses what",
        Launcher.command()
            + " session list --data "
            + quoted(demo.gate.folder().path().toString()));
    out.println("For scripts, all of it is in " + demo.gate.folder().file(FILE));
    out.println("Ctrl-C ends it.");
    out.flush();
  }

  /// One word of a shell's command line, whatever stands in it.
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private static void line(PrintWriter out, String what, String... commands) {
    out.println(what);
    for (String command : commands) {
      out.println("  " + command);
    }
    out.println();
  }
}
