package dev.gatehouse.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.server.config.ConfigReader;
import dev.gatehouse.server.config.ConfigReading;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.folder.DataFolder;
import dev.gatehouse.server.wire.RawUpstream;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Another configuration is put in force over the same lasting parts.
@Tag("end-to-end")
class AssemblyTest {

  private static final String WRONG_KEY = "sk_live_0000000000000000000000000000000000000000000";

  @TempDir Path temp;

  private final RawUpstream upstream = new RawUpstream(null);
  private final RawUpstream other = new RawUpstream(null);
  private final HttpClient client = HttpClient.newHttpClient();
  private GatehouseConfig first;
  private Assembly gate;

  @BeforeEach
  void start() throws IOException {
    first = config(route("/", upstream, "accept: [apikey]"));
    gate = Assembly.start(first);
  }

  @AfterEach
  void stop() throws IOException {
    gate.close();
    client.close();
    upstream.close();
    other.close();
  }

  @Test
  void requestsAreJudgedByTheConfigurationInForce() throws Exception {
    String key = key(null);
    assertThat(status("/orders", key)).isEqualTo(200);
    assertThat(status("/orders", null)).isEqualTo(401);

    gate.replaceConfiguration(
        config(
            route("/orders", upstream, "accept: [apikey]", "require: { '*': 'orders:write' }"),
            route("/open", other, "accept: [public]")));

    assertThat(status("/orders", key)).isEqualTo(403);
    assertThat(status("/open", null)).isEqualTo(200);
    assertThat(status("/elsewhere", key)).as("no route any more").isEqualTo(404);
    assertThat(other.requests()).isEqualTo(1);
  }

  @Test
  void rolesOfTheConfigurationInForceCountForKeysThatWereAcceptedBefore() throws Exception {
    String role = "roles: { clerk: ['orders:read'] }";
    String route = route("/", upstream, "accept: [apikey]", "require: { '*': 'orders:read' }");
    gate.replaceConfiguration(config(role, route));
    var _ = gate.accounts().add(Account.Kind.SERVICE, "clerks", null, Set.of("clerk"), Scopes.NONE);
    String key = key("clerks", null);
    assertThat(status("/", key)).isEqualTo(200);

    gate.replaceConfiguration(config("roles: { clerk: ['orders:write'] }", route));
    assertThat(status("/", key)).isEqualTo(403);
  }

  @Test
  void requestInProgressFinishesOnTheRouteOnWhichItBegan() throws Exception {
    String key = key(null);
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch answering = new CountDownLatch(1);
    upstream.serve(
        (head, in, out) -> {
          reached.countDown();
          try {
            assertThat(answering.await(20, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
          RawUpstream.answer(out, "200 OK", "", "first");
          return true;
        });
    CompletableFuture<HttpResponse<String>> begun =
        client.sendAsync(request("/orders", key), HttpResponse.BodyHandlers.ofString());
    assertThat(reached.await(20, TimeUnit.SECONDS)).isTrue();

    Future<Void> closed = gate.replaceConfiguration(config(route("/", other, "accept: [apikey]")));

    assertThat(body("/orders", key)).isEqualTo("got 0");
    assertThat(other.requests()).isEqualTo(1);
    assertThat(closed.isComplete()).as("a request of it is in progress").isFalse();
    answering.countDown();
    assertThat(begun.get(20, TimeUnit.SECONDS).body()).isEqualTo("first");
    closed.await(20, TimeUnit.SECONDS);
  }

  @Test
  void whatWasCountedAndRevokedOutlivesAConfiguration() throws Exception {
    String rated = key(1);
    String revoked = key(null);
    assertThat(status("/", rated)).isEqualTo(200);
    assertThat(status("/", revoked)).isEqualTo(200);
    assertThat(status("/", WRONG_KEY)).isEqualTo(401);

    gate.replaceConfiguration(first);

    assertThat(status("/", rated)).as("its one request of the minute").isEqualTo(429);
    gate.apiKeys()
        .list(null, null, 10)
        .forEach(credential -> gate.apiKeys().revoke(credential.id()));
    assertThat(status("/", revoked)).isEqualTo(401);
    assertThat(status("/", revoked)).as("three failed attempts are allowed").isEqualTo(401);
    assertThat(status("/", revoked)).isEqualTo(429);
  }

  @Test
  void configurationThatCannotBeBuiltLeavesTheOneBeforeInForce() throws Exception {
    String key = key(null);
    GatehouseConfig twice =
        withRoutes(first, List.of(first.routes().getFirst(), first.routes().getFirst()));
    assertThatThrownBy(() -> gate.replaceConfiguration(twice))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(status("/", key)).isEqualTo(200);
    gate.replaceConfiguration(config(route("/", other, "accept: [public]")));
    assertThat(status("/", null)).isEqualTo(200);
  }

  @Test
  void configurationThatCannotBeBuiltClosesWhatItOpenedAndNothingThatLasts() throws Exception {
    AtomicBoolean closed = new AtomicBoolean();
    try (Opened lastingOpened = new Opened()) {
      LastingParts lasting =
          new LastingParts(first, DataFolder.open(temp.resolve("another")), lastingOpened);
      Opened opened = new Opened();
      opened.add(() -> closed.set(true));
      GatehouseConfig twice =
          withRoutes(first, List.of(first.routes().getFirst(), first.routes().getFirst()));
      assertThatThrownBy(
              () -> ConfiguredParts.build(new Services(lasting, twice, opened), Map.of()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(closed).isTrue();

      ConfiguredParts parts =
          ConfiguredParts.build(new Services(lasting, first, new Opened()), Map.of());
      parts.close();
      lasting.database.ping();
    }
  }

  private static GatehouseConfig withRoutes(GatehouseConfig config, List<RouteConfig> routes) {
    return new GatehouseConfig(
        config.listen(),
        config.data(),
        config.realm(),
        config.publicUrl(),
        config.prefix(),
        config.admin(),
        config.limits(),
        config.failedAttemptsPerMinute(),
        config.retention(),
        config.passwords(),
        config.methods(),
        config.roles(),
        config.upstreams(),
        routes);
  }

  private static String route(String path, RawUpstream to, String... more) {
    List<String> lines = new ArrayList<>(List.of("path: " + path, "upstream: " + to.base()));
    lines.addAll(List.of(more));
    return "  - " + String.join("\n    ", lines);
  }

  // What begins with a space is a route.
  private GatehouseConfig config(String... parts) throws IOException {
    StringBuilder yaml =
        new StringBuilder("listen: { port: 0, plainHttp: true }\nadmin: { port: 0 }\n")
            .append("throttle: { failedAttemptsPerMinute: 3 }\n")
            .append("data: ")
            .append(temp.resolve("data"))
            .append('\n');
    List<String> routes = new ArrayList<>();
    for (String part : parts) {
      if (part.startsWith(" ")) {
        routes.add(part);
      } else {
        yaml.append(part).append('\n');
      }
    }
    yaml.append("routes:\n").append(String.join("\n", routes)).append('\n');
    Path file = Files.writeString(temp.resolve("gatehouse.yaml"), yaml);
    return switch (ConfigReader.read(file)) {
      case ConfigReading.Valid valid -> valid.config();
      case ConfigReading.Invalid invalid ->
          throw new AssertionError(invalid.problems() + "\n" + yaml);
    };
  }

  private String key(@Nullable Integer requestsPerMinute) {
    if (gate.accounts().find("app").isEmpty()) {
      var _ =
          gate.accounts()
              .add(Account.Kind.SERVICE, "app", null, Set.of(), Scopes.of("orders:read"));
    }
    return key("app", requestsPerMinute);
  }

  private String key(String owner, @Nullable Integer requestsPerMinute) {
    return gate.apiKeys()
                .issue(
                    new CredentialRequest(owner, "test", null, null, List.of(), requestsPerMinute))
            instanceof CredentialIssuance.Issued<?> issued
        ? issued.newSecret()
        : "";
  }

  private HttpRequest request(String path, @Nullable String key) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(gate.address() + path));
    if (key != null) {
      request.header("X-API-Key", key);
    }
    return request.build();
  }

  private int status(String path, @Nullable String key) throws Exception {
    return client.send(request(path, key), HttpResponse.BodyHandlers.ofString()).statusCode();
  }

  private String body(String path, @Nullable String key) throws Exception {
    return client.send(request(path, key), HttpResponse.BodyHandlers.ofString()).body();
  }
}
