package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A gate in a process of its own, started with the flags of `./gatehouse`, and spoken to by the
/// JDK's HTTP client. Closing it kills the process if it still runs.
///
/// Where the process is not what is tested, [#serveHere] and [#demoHere] run the same command on a
/// thread of this process: it starts in a fraction of the time.
public final class GateProcess implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Pattern ADDRESS = Pattern.compile("https?://localhost:\\d+");

  // The last line that a start prints.
  private static final Pattern READY = Pattern.compile("Ctrl-C ends it\\.|key add first --owner");

  /// How a process ended.
  ///
  /// @param exitCode 128 and the signal's number where a signal ended it
  public record Ended(int exitCode, String out, String err) {}

  /// What the command runs in.
  interface Host {
    boolean isAlive();

    String out();

    String err();

    /// Ends it, as SIGTERM does, and waits until it did.
    void stop();

    /// Ends it somehow, if it still runs.
    void close();
  }

  private final Host host;
  private final Path data;
  private final HttpClient client;

  private GateProcess(Host host, Path data) {
    this(host, data, HttpClient.newHttpClient());
  }

  private GateProcess(Host host, Path data, HttpClient client) {
    this.host = host;
    this.data = data;
    this.client = client;
  }

  /// `gatehouse demo` on a free port, ready to be called.
  public static GateProcess demo(Path data) throws Exception {
    return started(
        data, data.resolve("ca.crt"), List.of("demo", "--port", "0", "--data", data.toString()));
  }

  /// `gatehouse serve --upstream`, ready to be called.
  public static GateProcess serve(Path data, URI upstream) throws Exception {
    return started(
        data,
        data.resolve("ca.crt"),
        List.of(
            "serve", "--upstream", upstream.toString(), "--port", "0", "--data", data.toString()));
  }

  /// `gatehouse serve --config`, ready to be called by who trusts that certificate.
  public static GateProcess serve(Path config, Path data, @Nullable Path trusted) throws Exception {
    return started(data, trusted, List.of("serve", "--config", config.toString()));
  }

  /// The same, with more flags of the Java process.
  public static GateProcess serve(Path config, Path data, Path trusted, String... flags)
      throws Exception {
    return started(
        new GateProcess(
            new OwnProcess(List.of("serve", "--config", config.toString()), List.of(flags)), data),
        trusted);
  }

  /// `gatehouse serve --config` in this process.
  public static GateProcess serveHere(Path config, Path data) throws Exception {
    return here(data, "serve", "--config", config.toString());
  }

  /// `gatehouse serve --upstream` in this process.
  public static GateProcess serveHere(Path data, URI upstream) throws Exception {
    return here(
        data, "serve", "--upstream", upstream.toString(), "--port", "0", "--data", data.toString());
  }

  /// `gatehouse demo` in this process.
  public static GateProcess demoHere(Path data) throws Exception {
    return demoHere(data, 0);
  }

  /// The same on that port.
  public static GateProcess demoHere(Path data, int port) throws Exception {
    return here(data, "demo", "--port", Integer.toString(port), "--data", data.toString());
  }

  private static GateProcess here(Path data, String... arguments) throws Exception {
    return started(new GateProcess(new GateThread(arguments), data), data.resolve("ca.crt"));
  }

  /// Any command line that is expected to end by itself.
  public static Ended run(String... arguments) throws Exception {
    OwnProcess process = new OwnProcess(List.of(arguments), List.of());
    try {
      return process.awaitEnd();
    } finally {
      process.close();
    }
  }

  /// The same, with that working directory.
  public static Ended runIn(Path folder, String... arguments) throws Exception {
    OwnProcess process = new OwnProcess(folder, List.of(arguments), List.of());
    try {
      return process.awaitEnd();
    } finally {
      process.close();
    }
  }

  private static GateProcess started(Path data, @Nullable Path trusted, List<String> arguments)
      throws Exception {
    return started(new GateProcess(new OwnProcess(arguments, List.of()), data), trusted);
  }

  private static GateProcess started(GateProcess gate, @Nullable Path trusted) throws Exception {
    boolean ready = false;
    try {
      until(() -> isReady(gate.out()) || !gate.host.isAlive());
      assertThat(gate.host.isAlive()).as("the gate runs; it said: %s", gate.err()).isTrue();
      ready = true;
      return trusted == null
          ? gate
          : new GateProcess(gate.host, gate.data, client(trusted, HttpClient.Version.HTTP_2, null));
    } finally {
      if (!ready) {
        gate.close();
      }
    }
  }

  /// Whether a start that printed this is ready to be called.
  static boolean isReady(String out) {
    return READY.matcher(out).find();
  }

  /// A client that trusts the certificates of that file, and calls from that local address.
  public static HttpClient client(
      Path trusted, HttpClient.Version version, @Nullable InetAddress from) throws Exception {
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(version)
            .connectTimeout(PATIENCE)
            .sslContext(trusting(trusted));
    if (from != null) {
      client.localAddress(from);
    }
    return client.build();
  }

  static SSLContext trusting(Path file) throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(file)) {
      trusted.setCertificateEntry(
          "trusted", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  /// Waits until something holds, and fails when it does not within a minute.
  public static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("a wait of %s", PATIENCE).isLessThan(deadline);
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
  }

  /// What it printed so far.
  public String out() {
    return host.out();
  }

  /// What it logged and complained so far.
  public String err() {
    return host.err();
  }

  public long pid() {
    return process().process.pid();
  }

  private OwnProcess process() {
    assertThat(host).as("it has a process of its own").isInstanceOf(OwnProcess.class);
    return (OwnProcess) host;
  }

  public Path data() {
    return data;
  }

  /// Where callers come in.
  public URI address() {
    Matcher address = ADDRESS.matcher(out());
    assertThat(address.find()).as("an address in %s", out()).isTrue();
    return URI.create(address.group());
  }

  /// A JSON file of the data folder.
  public JsonObject file(String name) throws IOException {
    return new JsonObject(Files.readString(data.resolve(name)));
  }

  /// A GET, with a key if there is one.
  public HttpResponse<String> get(String path, @Nullable String key) throws Exception {
    return send(client, "GET", path, key, null);
  }

  /// A POST of that body.
  public HttpResponse<String> post(String path, @Nullable String key, String body)
      throws Exception {
    return send(client, "POST", path, key, body);
  }

  /// A request by that client.
  public HttpResponse<String> send(
      HttpClient by, String method, String path, @Nullable String key, @Nullable String body)
      throws Exception {
    HttpRequest.Builder request = request(path, key);
    request.method(method, publisher(body));
    return by.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /// A request to this gate, for those who need more of it.
  public HttpRequest.Builder request(String path, @Nullable String key) {
    HttpRequest.Builder request = HttpRequest.newBuilder(address().resolve(path)).timeout(PATIENCE);
    if (key != null) {
      request.header("X-API-Key", key);
    }
    return request;
  }

  /// The client that trusts this gate.
  public HttpClient client() {
    return client;
  }

  /// A call of the admin API with the credential of the data folder.
  public HttpResponse<String> admin(String method, String path, @Nullable String body)
      throws Exception {
    JsonObject access = file("admin.json");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(access.getString("baseUrl") + "/admin/api/v1" + path))
            .timeout(PATIENCE)
            .header("X-API-Key", access.getString("apiKey"))
            .method(method, publisher(body))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static HttpRequest.BodyPublisher publisher(@Nullable String body) {
    return body == null
        ? HttpRequest.BodyPublishers.noBody()
        : HttpRequest.BodyPublishers.ofString(body);
  }

  /// An admin call that must succeed; its answer.
  public JsonObject manage(String method, String path, @Nullable JsonObject body) throws Exception {
    HttpResponse<String> response = admin(method, path, body == null ? null : body.encode());
    assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
    return new JsonObject(response.body());
  }

  /// Ends it, as SIGTERM does, and waits until it did.
  public void stop() {
    host.stop();
  }

  /// Asks its process to end, as Ctrl-C or an init system would, and waits until it did.
  public Ended end(String signal) throws Exception {
    return process().end(signal);
  }

  @Override
  public void close() {
    client.shutdownNow();
    host.close();
  }

  private static final class OwnProcess implements Host {

    private final Process process;
    private final Path outFile;
    private final Path errFile;

    OwnProcess(List<String> arguments, List<String> flags) throws IOException {
      this(Path.of(""), arguments, flags);
    }

    OwnProcess(Path folder, List<String> arguments, List<String> flags) throws IOException {
      this.outFile = Files.createTempFile("gate", ".out");
      this.errFile = Files.createTempFile("gate", ".err");
      List<String> command = GateJvm.command();
      command.addAll(1, flags);
      command.addAll(arguments);
      this.process =
          new ProcessBuilder(command)
              .directory(folder.toAbsolutePath().toFile())
              .redirectInput(new File("/dev/null"))
              .redirectOutput(outFile.toFile())
              .redirectError(errFile.toFile())
              .start();
    }

    @Override
    public boolean isAlive() {
      return process.isAlive();
    }

    @Override
    public String out() {
      return text(outFile);
    }

    @Override
    public String err() {
      return text(errFile);
    }

    private static String text(Path file) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Ended end(String signal) throws Exception {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
              .inheritIO()
              .start();
      assertThat(kill.waitFor()).isZero();
      return awaitEnd();
    }

    Ended awaitEnd() throws InterruptedException {
      assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
      return new Ended(process.exitValue(), out(), err());
    }

    @Override
    public void stop() {
      process.destroy();
      awaitExit();
    }

    @Override
    public void close() {
      process.destroyForcibly();
      awaitExit();
      try {
        Files.deleteIfExists(outFile);
        Files.deleteIfExists(errFile);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void awaitExit() {
      try {
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
