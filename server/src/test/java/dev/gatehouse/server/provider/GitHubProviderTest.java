package dev.gatehouse.server.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.tls.TrustedCertificates;
import dev.gatehouse.server.wire.HostileProvider;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Lists of GitHub's API in which one member can't be read.
@Tag("end-to-end")
class GitHubProviderTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final URI REDIRECT = URI.create("https://api.example.com/auth/github/callback");

  @TempDir private static Path temp;

  @AutoClose private final HostileProvider provider;
  @AutoClose private OutboundHttp http;
  private GitHubProvider github;

  GitHubProviderTest() throws Exception {
    provider = new HostileProvider();
  }

  @AfterAll
  static void closeVertx() {
    VERTX.close().await();
  }

  @BeforeEach
  void connect() throws Exception {
    URI issuer = provider.issuer("github");
    http =
        OutboundHttp.to(
            new OutboundHttp.Peer(
                issuer,
                new AllowedAddresses(List.of(Network.parse("127.0.0.0/8"), Network.parse("::1"))),
                TrustedCertificates.read(provider.certificateIn(temp))),
            VERTX);
    github =
        new GitHubProvider(
            new Client(
                "github",
                "GitHub",
                issuer,
                "gate",
                HostileProvider.SECRET,
                GitHubProvider.scopes(true),
                Map.of(),
                OwnSecrets.NONE),
            new GitHubProvider.Api(URI.create(issuer + "/api"), http),
            http,
            Clock.systemUTC());
  }

  private VerifiedSignIn signIn() throws Exception {
    AttemptSecrets secrets = AttemptSecrets.random();
    URI back = provider.approve(github.authorization(secrets, REDIRECT, null).toString());
    return github.prove(HostileProvider.query(back.toString()), secrets, REDIRECT, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"login\":\"x\",\"description\":\"\\ud83d\"}",
        "{\"login\":\"x\",\"login\":\"y\"}",
        "{\"login\":\"x\",\"a\":{\"b\":1,\"b\":2}}",
        "{\"login\":\"x\",\"id\":1e400}",
        "[]",
        "7",
        "null"
      })
  void memberOfAListThatCanNotBeReadIsSkippedAndTheOthersCount(String bad) throws Exception {
    provider.instead.put(
        "/github/api/user/orgs",
        exchange ->
            HostileProvider.json(exchange, 200, "[" + bad + ",{\"login\":\"acme\"}," + bad + "]"));
    provider.instead.put(
        "/github/api/user/emails",
        exchange ->
            HostileProvider.json(
                exchange,
                200,
                "[" + bad + ",{\"email\":\"a@example.com\",\"primary\":true,\"verified\":true}]"));
    VerifiedSignIn proven = signIn();
    assertThat(proven.who().organisations()).containsExactly("acme");
    assertThat(proven.who().email()).isEqualTo("a@example.com");
  }

  @Test
  void addressesAreAskedForByTheHundred() throws Exception {
    List<String> queries = new CopyOnWriteArrayList<>();
    provider.instead.put(
        "/github/api/user/emails",
        exchange -> {
          queries.add(String.valueOf(exchange.getRequestURI().getQuery()));
          HostileProvider.json(exchange, 200, "[]");
        });
    assertThat(signIn().who().email()).isNull();
    assertThat(queries).containsExactly("per_page=100");
  }
}
