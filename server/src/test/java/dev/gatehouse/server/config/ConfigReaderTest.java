package dev.gatehouse.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Deprecation;
import dev.gatehouse.Method;
import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.Webhook;
import dev.gatehouse.hmac.aws.AwsSettings;
import dev.gatehouse.hmac.message.MessageSignatureSettings;
import dev.gatehouse.hmac.webhook.WebhookSettings;
import dev.gatehouse.replay.ReplayStore;
import dev.gatehouse.secret.SecretForm;
import dev.gatehouse.server.gateway.ClientFields;
import dev.gatehouse.server.listen.Hsts;
import dev.gatehouse.server.tls.DevelopmentCa;
import dev.gatehouse.signing.SigningAlgorithm;
import dev.gatehouse.signing.SigningKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigReaderTest {

  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

  private static final String WHOLE =
      """
      listen:
        address: 0.0.0.0
        port: 9443
        tls: { certificate: server.crt, key: server.key }
        tlsTerminator: [10.0.0.0/8, "::1"]
      data: data
      realm: orders
      prefix: /_gate
      admin: { address: "::1", port: 9000 }
      limits:
        headerBytes: 32KiB
        headerCount: 50
        targetBytes: 4096
        bodyBytes: 1MiB
        headerTimeout: 500ms
        idleTimeout: 2m
        bodyTimeout: 1h
        connections: 5
        http2Streams: 7
        bodyMemory: 1MiB
      passwords:
        hash: argon2id
        bcryptCost: 13
        minLength: 16
        failedPerName: 40
        failedPerNameAndAddress: 30
        hashingThreads: 3
        hashingQueue: 9
      throttle: { failedAttemptsPerMinute: 7 }
      retention:
        refusalLinesPerMinute: 60
        acceptedCredentials: 4m
        uses: 30d
        useRows: 2000
        endedCredentials: 31d
        endedCredentialRows: 3000
      methods:
        apikey: { prefix: my_ }
        hmac: { bodyBytes: 2MiB, bodyMemory: 4MiB }
      roles:
        reader: [orders:read]
        admin: [orders:write, "gatehouse:keys"]
      upstreams:
        https://upstream.example:8080: { requests: 64, queue: 0 }
        http://127.0.0.1:3000: { requests: 1000, webSockets: 5000, queueTimeout: 2s }
      routes:
        - path: /orders
          host: API.example.com
          upstream: https://Upstream.example:8080/
          passHost: false
          accept: [apikey]
          require: { GET: orders:read, "*": [orders:read, orders:write], PROPFIND: [] }
          passAuthorization: true
          cors:
            origins:
              - https://app.example.com
              - http://localhost:3000
              - chrome-extension://abcdefghijklmnop
              - safari-web-extension://4B8B1D2C-0000
              - app://-
            headers: [Content-Type]
            exposed: [ETag]
            credentials: true
            maxAge: 5m
          timeout: 10s
          connectTimeout: 1s
          idleTimeout: 24h
        - path: /orders/*/items
          upstream: http://127.0.0.1:3000
          accept: [[apikey]]
        - path: /
          upstream: http://[::1]:3000
          accept: [public]
      """;

  private static final String ROUTE =
      """
      routes:
        - path: /
          upstream: http://127.0.0.1:3000
          accept: [apikey]
      """;

  @TempDir Path temp;
  private Path file;

  @BeforeEach
  void certificate() {
    file = temp.resolve("gatehouse.yaml");
    DevelopmentCa.in(temp, InstantSource.fixed(NOW)).server();
  }

  @Test
  void everySettingIsRead() throws IOException {
    GatehouseConfig config = valid(WHOLE);
    assertThat(config.listen().address()).isEqualTo(Network.address("0.0.0.0"));
    assertThat(config.listen().port()).isEqualTo(9443);
    assertThat(config.listen().transport())
        .isInstanceOfSatisfying(
            ListenConfig.Tls.class,
            tls ->
                assertThat(tls.certificate().certificateFile())
                    .isEqualTo(temp.resolve("server.crt")));
    assertThat(config.listen().tlsTerminators())
        .containsExactly(Network.parse("10.0.0.0/8"), Network.parse("::1"));
    assertThat(config.data()).isEqualTo(temp.resolve("data"));
    assertThat(config.realm()).isEqualTo("orders");
    assertThat(config.prefix()).isEqualTo("/_gate");
    assertThat(config.admin()).isEqualTo(new AdminConfig(Network.address("::1"), 9000));
    assertThat(config.limits())
        .isEqualTo(
            new LimitsConfig(
                32768,
                50,
                4096,
                OptionalLong.of(1 << 20),
                Duration.ofMillis(500),
                Duration.ofMinutes(2),
                Duration.ofHours(1),
                5,
                2,
                7,
                1 << 20));
    assertThat(config.passwords()).isEqualTo(new PasswordConfig(true, 13, 16, 40, 30, 3, 9));
    assertThat(config.failedAttemptsPerMinute()).isEqualTo(7);
    assertThat(config.retention())
        .isEqualTo(
            new RetentionConfig(
                60, Duration.ofMinutes(4), Duration.ofDays(30), 2000, Duration.ofDays(31), 3000));
    assertThat(config.methods().apiKeyPrefix()).isEqualTo("my_");
    assertThat(config.roles())
        .isEqualTo(
            Map.of(
                "reader",
                Scopes.of("orders:read"),
                "admin",
                Scopes.of("orders:write", "gatehouse:keys")));
    assertThat(config.routes().stream().map(config::upstreamOf))
        .containsExactly(
            new UpstreamConfig(64, 256, 0, Duration.ofSeconds(1)),
            new UpstreamConfig(1000, 5000, 1024, Duration.ofSeconds(2)),
            new UpstreamConfig(256, 256, 1024, Duration.ofSeconds(1)));
    assertThat(config.methods().hmac().maxBodyBytes()).isEqualTo(2 << 20);
    assertThat(config.methods().hmac().bodyMemory()).isEqualTo(4 << 20);
    assertThat(config.maxUpstreamConnections())
        .isEqualTo(64 + 64 + 256 + 1000 + 1000 + 5000 + 256 + 256 + 256);
    assertThat(config.routes())
        .containsExactly(
            new RouteConfig(
                "/orders",
                Optional.of("api.example.com"),
                URI.create("https://upstream.example:8080"),
                Optional.empty(),
                false,
                new RouteConfig.AnyOf(List.of(List.of(Method.API_KEY))),
                Map.of(
                    "GET",
                    Scopes.of("orders:read"),
                    "*",
                    Scopes.of("orders:read", "orders:write"),
                    "PROPFIND",
                    Scopes.NONE),
                true,
                Optional.of(
                    new CorsConfig(
                        List.of(
                            "https://app.example.com",
                            "http://localhost:3000",
                            "chrome-extension://abcdefghijklmnop",
                            "safari-web-extension://4B8B1D2C-0000",
                            "app://-"),
                        List.of("Content-Type"),
                        List.of("ETag"),
                        true,
                        Duration.ofMinutes(5))),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1),
                Duration.ofHours(24),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                ClientFields.DEFAULT),
            plainRoute("/orders/*/items", "http://127.0.0.1:3000"),
            new RouteConfig(
                "/",
                Optional.empty(),
                URI.create("http://[::1]:3000"),
                Optional.empty(),
                true,
                new RouteConfig.Public(),
                Map.of(),
                false,
                Optional.empty(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(5)));
  }

  @Test
  void hstsIsOnWithACertificateAndMayBeChangedOrLeftOut() throws IOException {
    String tls = "listen: { tls: { certificate: server.crt, key: server.key }%s }\n" + ROUTE;
    assertThat(valid(ROUTE).listen().hsts()).isEmpty();
    assertThat(valid(tls.formatted("")).listen().hsts()).contains(Hsts.DEFAULT);
    assertThat(valid(tls.formatted(", hsts: { responses: none }")).listen().hsts()).isEmpty();
    assertThat(
            valid(tls.formatted(", hsts: { responses: all, maxAge: 7d, includeSubDomains: true }"))
                .listen()
                .hsts())
        .contains(new Hsts(Duration.ofDays(7), true, true));
    assertThat(
            valid("listen: { plainHttp: true, tlsTerminator: [10.0.0.5], hsts: {} }\n" + ROUTE)
                .listen()
                .hsts())
        .contains(Hsts.DEFAULT);
    assertThat(
            valid("listen: { plainHttp: true, tlsTerminator: [10.0.0.5] }\n" + ROUTE)
                .listen()
                .hsts())
        .isEmpty();
  }

  @Test
  void routeMayKeepAndRemoveFieldsOfClients() throws IOException {
    GatehouseConfig config =
        valid(
            ROUTE
                + "    removeFields: [X-Team-*, Cookie]\n    keepFields: [x-user-id, X-User-*]\n");
    assertThat(config.routes().getFirst().clientFields())
        .isEqualTo(
            new ClientFields(List.of("X-Team-*", "Cookie"), List.of("x-user-id", "X-User-*")));

    assertThat(problems(ROUTE + "    removeFields: [X-User-Id]\n    keepFields: [x_user_id]\n"))
        .singleElement()
        .asString()
        .contains("x_user_id is both removed and kept");
  }

  @Test
  void anUpstreamMayBeKnownByACaOfItsOwn() throws IOException {
    DevelopmentCa ca = DevelopmentCa.in(temp, InstantSource.system());
    String route =
        """
        routes:
          - path: /
            upstream: %s://127.0.0.1:3000
            upstreamCa: %s
            accept: [apikey]
        """;

    GatehouseConfig config = valid(route.formatted("https", ca.certificateFile().getFileName()));
    assertThat(config.routes().getFirst().upstreamCa().orElseThrow().pem())
        .contains("BEGIN CERTIFICATE");

    Files.writeString(file, route.formatted("http", "ca.crt"));
    assertThat(read().toString()).contains("has no effect, because the upstream is not https");
    Files.writeString(file, route.formatted("https", "gatehouse.yaml"));
    assertThat(read().toString()).contains("'upstreamCa' ");
    Files.writeString(file, route.formatted("https", "nowhere.pem"));
    assertThat(read().toString()).contains("nowhere.pem cannot be read (it does not exist)");
  }

  @Test
  void upstreamIsTheSameHoweverItIsSpelled() throws IOException {
    String upstreams =
        """
        upstreams:
          https://API.example:443: { requests: 7 }
        routes:
          - { path: /a, upstream: 'https://api.example', accept: [apikey] }
          - { path: /b, upstream: 'https://api.example:443/', accept: [apikey] }
        """;
    GatehouseConfig config = valid(upstreams);
    assertThat(config.routes().stream().map(config::upstreamOf))
        .containsOnly(new UpstreamConfig(7, 256, 1024, Duration.ofSeconds(1)));
    assertThat(config.maxUpstreamConnections()).isEqualTo(7 + 7 + 256);

    String twice = upstreams.replace("routes:", "  https://api.example: {}\nroutes:");
    assertThat(problems(twice)).singleElement().asString().contains("is repeated here");
  }

  @Test
  void everySettingHasItsDefault() throws IOException {
    assertThat(valid(ROUTE))
        .isEqualTo(
            new GatehouseConfig(
                new ListenConfig(
                    Network.address("127.0.0.1"),
                    8443,
                    new ListenConfig.DevelopmentTls(),
                    List.of()),
                temp.resolve("gatehouse-data"),
                "gatehouse",
                Optional.empty(),
                "",
                new AdminConfig(Network.address("127.0.0.1"), 0),
                new LimitsConfig(
                    16384,
                    100,
                    8192,
                    OptionalLong.empty(),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    10000,
                    2500,
                    100,
                    32 << 20),
                200,
                new RetentionConfig(
                    600,
                    Duration.ofSeconds(60),
                    Duration.ofDays(400),
                    1_000_000,
                    Duration.ofDays(400),
                    100_000),
                new PasswordConfig(
                    false,
                    12,
                    12,
                    20,
                    10,
                    Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
                    256),
                new MethodsConfig(
                    "sk_live_",
                    new MethodsConfig.Jwt(
                        SigningAlgorithm.ES256,
                        Optional.empty(),
                        List.of(),
                        Duration.ofMinutes(15),
                        Duration.ofDays(7),
                        Duration.ofDays(30),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(5),
                        false,
                        Optional.empty()),
                    new OAuthConfig(Map.of(), List.of(), Set.of()),
                    new MethodsConfig.Hmac(
                        Duration.ofMinutes(5),
                        1 << 20,
                        64 << 20,
                        new ReplayStore.Limits(1_000_000, 500_000),
                        new MessageSignatureSettings(
                            List.of("@method", "@target-uri"), true, null, null),
                        Optional.empty(),
                        new WebhookSettings(Duration.ofHours(1))),
                    new MethodsConfig.Session(Duration.ofMinutes(30), Duration.ofHours(24), false),
                    new MethodsConfig.Mtls(
                        List.of(), List.of(), List.of(), List.of(), true, Optional.empty())),
                Map.of(),
                Map.of(),
                List.of(plainRoute("/", "http://127.0.0.1:3000"))));
  }

  @Test
  void serveUpstreamGuardsEverythingByAKey() throws IOException {
    Path data = temp.resolve("gatehouse-data");
    assertThat(
            GatehouseConfig.forUpstream(
                "http://127.0.0.1:3000/", 8443, data, List.of(Method.API_KEY)))
        .isEqualTo(valid(ROUTE));
    assertThatThrownBy(
            () ->
                GatehouseConfig.forUpstream(
                    "http://u:s3cret@host", 8443, data, List.of(Method.API_KEY)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("holds a user name or password")
        .hasMessageNotContaining("s3cret");
  }

  @Test
  void whatSignaturesMustCoverCanBeMoreAndOther() throws IOException {
    assertThat(
            valid(
                    ROUTE
                        + """
                        methods:
                          hmac:
                            messageSignatures:
                              components: ["@method", "@authority", "@path", "@query", date]
                              nonceRequired: false
                              label: client
                              tag: my-app
                        """)
                .methods()
                .hmac()
                .messageSignatures())
        .isEqualTo(
            new MessageSignatureSettings(
                List.of("@method", "@authority", "@path", "@query", "date"),
                false,
                "client",
                "my-app"));
  }

  @Test
  void anUnknownKeyIsAnsweredWithTheNearestOne() throws IOException {
    assertThat(problems(ROUTE.replace("upstream:", "uptream:")))
        .containsExactly(
            "2:5: this route has no 'upstream'; add upstream: http://127.0.0.1:3000",
            "3:5: unknown key 'uptream'; did you mean 'upstream'?");
    assertThat(problems(ROUTE + "lisden: {}\n"))
        .containsExactly("5:1: unknown key 'lisden'; did you mean 'listen'?");
    assertThat(problems(ROUTE + "limits: { headerSize: 1, conections: 1 }\n"))
        .containsExactly(
            "5:11: unknown key 'headerSize'; known here: connections, headerBytes, headerCount,"
                + " targetBytes, bodyBytes, headerTimeout, idleTimeout, bodyTimeout,"
                + " connectionsPerAddress, http2Streams, bodyMemory",
            "5:26: unknown key 'conections'; did you mean 'connections'?");
    for (String section :
        List.of("admin", "throttle", "listen", "methods: { apikey", "listen: { tls")) {
      String close = section.contains("{") ? "} }" : "}";
      assertThat(problems(ROUTE + section + ": { zzz: 1 " + close + "\n"))
          .as(section)
          .anyMatch(problem -> problem.contains("unknown key 'zzz'"));
    }
  }

  @Test
  void aKeyStandsOnce() throws IOException {
    assertThat(problems(ROUTE + "data: a\nrealm: b\ndata: c\n"))
        .containsExactly("7:1: the key 'data' is repeated here; keep one; the first is on line 5");
  }

  @Test
  void allMistakesAreToldAtOnceInTheOrderOfTheFile() throws IOException {
    assertThat(
            problems(
                """
                listen:
                  address: nowhere
                  port: 70000
                realm: "a\\"b"
                routes:
                  - path: orders
                    upstream: ftp://x
                    accept: [apikye]
                """))
        .extracting(problem -> problem.substring(0, problem.indexOf(' ')))
        .containsExactly("2:12:", "3:9:", "4:8:", "6:11:", "7:15:", "8:14:");
  }

  @Test
  void aProblemIsOneLineThatNamesItsFile() throws IOException {
    Files.writeString(file, "routes:\n  - \"a\\nb\": 1\n");
    var problems = ((ConfigReading.Invalid) ConfigReader.read(file)).problems();
    assertThat(problems)
        .allSatisfy(
            problem ->
                assertThat(problem.toString())
                    .startsWith(file + ":" + problem.line() + ":" + problem.column() + ": ")
                    .doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "listen: { address: localhost } | 'address' is no IP address",
        "listen: { address: 0.0.0.0 } | no certificate for 0.0.0.0",
        "listen: { address: 0.0.0.0, plainHttp: true } | plain HTTP on 0.0.0.0",
        "listen: { plainHttp: yes } | 'plainHttp' is not true or false",
        "listen: { hsts: { maxAge: 1d } } | 'hsts' has no effect without a certificate",
        "listen: { tlsTerminator: [10.0.0.1], hsts: { responses: yes } } | is not own, all or none",
        "listen: { tlsTerminator: [10.0.0.1], hsts: { maxAge: 1y } } | 'maxAge' is no time",
        "listen: { tlsTerminator: [10.0.0.1], hsts: { preload: true } } | unknown key 'preload'",
        "listen: { tlsTerminator: 10.0.0.0/8 } | 'tlsTerminator' is not a list",
        "listen: { tlsTerminator: [10.0.0.1/8] } | is no block of addresses ('10.0.0.1/8' has bits set behind its prefix)",
        "listen: { tlsTerminator: [0.0.0.0/0] } | takes in every address",
        "listen: { port: -1 } | 'port' is no number from 0 to 65535",
        "listen: { port: 0x50 } | 'port' is no number from 0 to 65535",
        "listen: { port: '8443' } | 'port' is no number from 0 to 65535",
        "listen: { tls: { certificate: server.crt } } | 'tls' has no 'key'",
        "listen: { tls: { key: server.key } } | 'tls' has no 'certificate'",
        "listen: { plainHttp: true, tls: { certificate: a, key: b } } | exclude each other",
        "listen: { tls: { certificate: none.crt, key: server.key } } | none.crt cannot be read",
        "listen: { tls: { certificate: ca.crt, key: server.key } } | server.key is not the key of",
        "listen: { tls: { certificate: server.crt, key: ca.crt } } | ca.crt holds no private key",
        "listen: 8443 | 'listen' is not a mapping",
        "listen: | there is no value for 'listen'",
        "data: 7 | 'data' is a number or a yes/no, not text",
        "data: [a] | 'data' is not one text",
        "data: '' | 'data' is no path",
        "realm: '' | 'realm' is no realm",
        "prefix: gate | 'prefix' is no prefix",
        "prefix: /gate/ | 'prefix' is no prefix",
        "prefix: /.. | 'prefix' is no prefix",
        "admin: { address: 10.0.0.1 } | 'address' is not loopback",
        "admin: { port: 65536 } | 'port' is no number",
        "limits: { headerBytes: 10 } | 'headerBytes' is no size from 1024 to 1048576 bytes",
        "limits: { headerBytes: 16KB } | 'headerBytes' is no size",
        "limits: { bodyBytes: 999999999999GiB } | 'bodyBytes' is no size",
        "limits: { headerTimeout: 10 } | 'headerTimeout' is no time from 1ms to 1h",
        "limits: { headerTimeout: 0s } | 'headerTimeout' is no time",
        "limits: { idleTimeout: 61m } | 'idleTimeout' is no time",
        "limits: { connections: 0 } | 'connections' is no number",
        "passwords: { failedPerName: 0 } | 'failedPerName' is no number from 1 to 100000",
        "passwords: { failedPerNameAndAddress: x } | 'failedPerNameAndAddress' is no number from 1",
        "passwords: { hashingThreads: 0 } | 'hashingThreads' is no number from 1 to 1024",
        "passwords: { hashingQueue: -1 } | 'hashingQueue' is no number from 1 to 100000",
        "limits: { http2Streams: 0 } | 'http2Streams' is no number from 1 to 10000",
        "limits: { bodyMemory: 64KiB } | 'bodyMemory' is no size from 131072 to 1073741824 bytes",
        "limits: { bodyMemory: 2GiB } | 'bodyMemory' is no size from 131072 to 1073741824 bytes",
        "upstreams: { 'http://127.0.0.1:3000': { queue: -1 } } | 'queue' is no number from 0 to 100000",
        "upstreams: { 'http://127.0.0.1:3000': { queueTimeout: 2h } } | 'queueTimeout' is no time from 1ms to 1h",
        "retention: { acceptedCredentials: 0s } | 'acceptedCredentials' is no time from 1s to 4m",
        "retention: { acceptedCredentials: 5m } | 'acceptedCredentials' is no time from 1s to 4m",
        "methods: { hmac: { bodyMemory: 1KiB } } | 'bodyMemory' is no size from 131072 to 1073741824 bytes",
        "methods: { hmac: { bodyMemory: 1MiB } } | 'bodyMemory' is less than twice 'bodyBytes'",
        "methods: { hmac: { bodyBytes: 16MiB, bodyMemory: 31MiB } } | 'bodyMemory' is less than twice 'bodyBytes'",
        "throttle: { failedAttemptsPerMinute: 0 } | 'failedAttemptsPerMinute' is no number",
        "retention: { refusalLinesPerMinute: 4 } | 'refusalLinesPerMinute' is no number",
        "retention: { uses: 23h } | 'uses' is no time from 24h to 3650d",
        "retention: { useRows: 999 } | 'useRows' is no number",
        "retention: { endedCredentials: 0s } | 'endedCredentials' is no time from 24h",
        "retention: { endedCredentialRows: 1 } | 'endedCredentialRows' is no number",
        "retention: { useRow: 5000 } | unknown key 'useRow'",
        "methods: { apikey: { prefix: 'a b' } } | 'prefix' is no prefix of a key",
        "methods: { apikey: { prefix: acme } } | 'prefix' is no prefix of a key",
        "methods: { apikey: { prefix: hmac_ } } | 'prefix' is the prefix of another kind of the gate's secrets",
        "methods: { apikey: { prefix: whsec_ } } | 'prefix' is the prefix of another kind of the gate's secrets",
        "methods: { apikey: { prefix: ac_ } } | 'prefix' is the prefix of another kind of the gate's secrets",
        "methods: { basic: {} } | 'basic' has no settings here",
        "methods: { hmac: { aws: { region: eu-central-1 } } } | 'aws' has no 'service'",
        "methods: { hmac: { aws: { region: eu-central-1, service: s3 } } } | 'service' is a service for which signers encode the path otherwise",
        "methods: { hmac: { aws: { region: EU, service: orders } } } | 'region' is no name",
        "methods: { hmac: { aws: { region: eu, service: orders, x: 1 } } } | unknown key 'x'",
        "methods: { hmac: { webhooks: { untimedMemory: 8d } } } | 'untimedMemory' is no time from 1m to 7d",
        "methods: { jwt: { algorithm: none } } | 'algorithm' is none that access tokens are",
        "methods: { jwt: { algorithm: RS512 } } | 'algorithm' is none that access tokens are",
        "methods: { jwt: { accessTokenLife: 2h } } | 'accessTokenLife' is no time from 1m to 1h",
        "methods: { jwt: { reuseGrace: 61s } } | 'reuseGrace' is no time from 0s to 1m",
        "methods: { jwt: { familyLife: 1d } } | 'familyLife' is shorter than 'refreshTokenLife'",
        "methods: { jwt: { algorithm: HS256, secretFiles: [nowhere] } } | a file of 'secretFiles' can't be read",
        "methods: { jwt: { audience: '' } } | 'audience' is no audience",
        "methods: { jwt: { audience: 'my api' } } | 'audience' is no audience",
        "methods: { jwt: { accessTokenLife: 1h, refreshTokenLife: 30m } } | 'refreshTokenLife' is shorter than 'accessTokenLife'",
        "methods: { hmac: { messageSignatures: [] } } | 'messageSignatures' is not a mapping",
        "methods: { hmac: { messageSignatures: { component: [] } } } | did you mean 'components'?",
        "methods: { hmac: { messageSignatures: { components: ['@method'] } } } | a signature covers at least @method, and @target-uri",
        "methods: { hmac: { messageSignatures: { components: ['@method', '@target-uri', created] } } } | created is no component but a parameter",
        "methods: { hmac: { messageSignatures: { components: ['@method', '@target-uri', '@status'] } } } | is not understood here",
        "methods: { hmac: { messageSignatures: { components: [1] } } } | a component is a number or a yes/no, not text",
        "methods: { hmac: { messageSignatures: { nonceRequired: maybe } } } | 'nonceRequired' is not true or false",
        "methods: { hmac: { messageSignatures: { label: 'A b' } } } | a label has lower-case letters",
        "methods: { hmac: { messageSignatures: { tag: 'a b' } } } | a tag has visible ASCII characters",
        "methods: { session: { idle: 1m } } | 'idle' is no time from 5m to 30d",
        "methods: { session: { idle: 2h, absolute: 1h } } | 'absolute' is shorter than 'idle'",
        "methods: { session: { sameSite: None } } | 'sameSite' is not Lax or Strict",
        "listen: { clientCertificates: maybe } | 'clientCertificates' is not request or require",
        "listen: { plainHttp: true, clientCertificates: request } | 'clientCertificates' is for TLS",
        "listen: { tlsTerminator: [10.0.0.1], clientCertificateField: X-Cert } | is no field of that kind",
        "listen: { clientCertificateField: Client-Cert } | no proxy may send the caller's certificate",
        "methods: { mtls: { ownCa: false } } | no client certificate can be good",
        "methods: { mtls: { clientCas: [nowhere.crt] } } | nowhere.crt cannot be read",
        "methods: { mtls: { clientCas: [server.crt] } } | server.crt holds a certificate that can't be",
        "methods: { mtls: { clientCas: [ca.crt], crls: [server.crt] } } | server.crt holds no list of revoked",
        "methods: { mtls: { clientCas: [ca.crt], crlIssuers: [nowhere.crt] } } | nowhere.crt cannot be read",
        "methods: { mtls: { clientCas: [ca.crt], crlIssuers: [ca.crt] } } | ca.crt holds a certificate that",
        "methods: { mtls: { clientCas: [ca.crt], casWithoutCrl: [''] } } | a file of 'casWithoutCrl'",
        "methods: { mtls: { clientCas: [ca.crt], casWithoutCrl: [{ a: b }] } } | a file of 'casWithoutCrl'",
        "methods: { mtls: { clientCas: [ca.crt], casWithoutCrl: [server.crt] } } | 'casWithoutCrl' names a file that",
        "methods: { mtls: { trustDomain: 'A B' } } | 'trustDomain' is no trust domain",
        "passwords: { hash: md5 } | 'hash' is not bcrypt or argon2id",
        "passwords: { bcryptCost: 9 } | 'bcryptCost' is no number from 10 to 16",
        "passwords: { minLength: 7 } | 'minLength' is no number from 8 to 64",
        "publicUrl: api.example.com | 'publicUrl' is no origin",
        "publicUrl: 'app://a' | 'publicUrl' is no origin",
        "publicUrl: 'https://api.example.com/x' | 'publicUrl' has a path or query",
        "methods: { apikeys: {} } | unknown method 'apikeys'; did you mean 'apikey'?",
        "roles: { 'a b': [x] } | 'a b' is no name for a role",
        "roles: { a: ['x y'] } | a scope of the role 'a' is no scope token",
        "roles: { a: 1 } | a scope of the role 'a' is a number or a yes/no, not text",
        "upstreams: { 'http://127.0.0.1:3000': { requests: 0 } } | 'requests' is no number from 1 to 1000000",
        "upstreams: { 'http://127.0.0.1:3000': { webSockets: x } } | 'webSockets' is no number from 1 to",
        "upstreams: { 'http://127.0.0.1:3000': { request: 1 } } | unknown key 'request'; did you mean 'requests'?",
        "upstreams: { 'http://127.0.0.1:3000': 1 } | 'http://127.0.0.1:3000' is not a mapping",
        "upstreams: { 'http://127.0.0.1:3001': {} } | no route leads there; did you mean 'http://127.0.0.1:3000'?",
        "upstreams: { 'http://127.0.0.1': {} } | 'upstreams' names http://127.0.0.1:80, and no route leads there",
        "upstreams: { here: {} } | 'here' does not begin with http:// or https://",
        "x: &a 1 | anchors (&name) are not read here",
        "x: *a | aliases (*name) are not read here",
        "x: !t 1 | tags (!name) are not read here",
        "x: [[[[[[[[[[[[[[[[[[[[ | this is nested too deeply",
        "x: 'open | this is no YAML",
        "? [a] : b | a key is not a word",
      })
  void settingsOutsideTheRoutesAreChecked(String yaml, String expected) throws IOException {
    assertThat(problems(ROUTE + yaml + "\n")).singleElement().asString().contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "path | orders | 'path' does not begin with a slash",
        "path | /orders/ | 'path' ends with a slash",
        "path | /a//b | 'path' is no plain path",
        "path | /a/../b | 'path' is no plain path",
        "path | /a%2fb | 'path' is no plain path",
        "path | /a;b | 'path' is no plain path",
        "path | /a?b | 'path' is no plain path",
        "path | /a/b* | 'path' has a '*' inside a segment",
        "host | https://a | 'host' is no host name",
        "host | a:80 | 'host' is no host name",
        "host | a_b | 'host' is no host name",
        "host | '[::::::]' | 'host' is no host name",
        "host | '[1]' | 'host' is no host name",
        "host | '[1.2.3.4]' | 'host' is no host name",
        "upstream | 127.0.0.1 | 'upstream' does not begin with http:// or https://",
        "upstream | ftp://a | 'upstream' does not begin with http",
        "upstream | http://a b | 'upstream' is no URL",
        "upstream | 'http://' | 'upstream' is no URL",
        "upstream | http://a:0 | 'upstream' has an impossible port",
        "upstream | http://my_api:80 | 'upstream' has an underscore in its host",
        "upstream | http://0177.0.0.1 | 'upstream' has an address that can be read in two ways",
        "upstream | http://127.0.0.01:80 | 'upstream' has an address that can be read in two ways",
        "upstream | http://2130706433 | 'upstream' has an address that can be read in two ways",
        "upstream | http://0x7f000001 | 'upstream' has an address that can be read in two ways",
        "upstream | http://a:70000 | 'upstream' has an impossible port",
        "upstream | http://a/v1 | 'upstream' has a path or query",
        "upstream | 'http://a?x=1' | 'upstream' has a path or query",
        "upstream | http://u:s3cret@a | 'upstream' holds a user name or password",
        "upstream | http://u:s3cret@a_b | 'upstream' holds a user name or password",
        "accept | apikey | 'accept' is not a list",
        "accept | [] | 'accept' is empty",
        "accept | [[]] | this alternative is empty",
        "accept | [public, apikey] | 'public' beside a method makes the route public",
        "accept | [[public, apikey]] | 'public' cannot be part of an all-of list",
        "accept | [pubic] | unknown method 'pubic'; did you mean 'public'?",
        "accept | [oauth] | a route accepts oauth, which means access tokens of other issuers",
        "accept | [API_KEY] | unknown method 'API_KEY'; did you mean 'apikey'?",
        "accept | [[apikey, apikey]] | 'apikey' is listed twice",
        "accept | [apikey, apikey] | this alternative is listed twice",
        "accept | [[mtls, basic, jwt]] | no request holds both basic and jwt, which come in the one",
        "accept | [[basic, session]] | no request can pass the route / by [basic, session]: people",
        "accept | [apikey, [session, mtls, jwt]] | no request can pass the route / by [session, mtls, jwt]: people",
        "accept | [{a: b}] | this is no method's name",
        "require | {} | 'require' is empty, which would refuse every request",
        "require | orders:read | 'require' is not a mapping",
        "require | { get: a } | 'get' is no HTTP method; did you mean 'GET'?",
        "require | { GETT: a } | 'GETT' is no HTTP method; did you mean 'GET'?",
        "require | { HEAD: a } | HEAD counts as GET",
        "require | { GET: 'a b' } | is no scope token",
        "webhook | { vendor: github, name: code } | 'webhook' has no effect, because the route does not accept hmac",
        "removeFields | X-Team | 'removeFields' is not a list",
        "removeFields | ['*'] | '*' in 'removeFields' is no field name",
        "removeFields | ['X-*-Id'] | 'X-*-Id' in 'removeFields' is no field name",
        "removeFields | ['a b'] | 'a b' in 'removeFields' is no field name",
        "removeFields | [content_length] | 'content_length' in 'removeFields' is a field that the gate itself",
        "keepFields | ['*'] | '*' in 'keepFields' is no field name",
        "keepFields | [X-Auth-Subject] | 'X-Auth-Subject' in 'keepFields' is no identity field of another",
        "keepFields | [X-Forwarded-For] | 'X-Forwarded-For' in 'keepFields' is no identity field of another",
        "keepFields | [X-Usr-Id] | 'X-Usr-Id' in 'keepFields' is no identity field of another gateway",
        "keepFields | [X-Auth-Token] | 'X-Auth-Token' in 'keepFields' is no identity field of another",
        "passHost | maybe | 'passHost' is not true or false",
        "passAuthorization | maybe | 'passAuthorization' is not true or false",
        "cors | {} | 'cors' has no 'origins'",
        "cors | { origins: ['*'] } | an origin is '*', which would let every site in",
        "cors | { origins: ['null'] } | an origin is no origin",
        "cors | { origins: [https://a/] } | an origin has a path or query",
        "cors | { origins: [https://a:443] } | an origin names its scheme's own port",
        "cors | { origins: [https://A.example] } | an origin is no origin",
        "cors | { origins: [https://u@a] } | an origin is no origin",
        "cors | { origins: ['app://'] } | an origin is no origin",
        "cors | { origins: ['app://*'] } | an origin is no origin",
        "cors | { origins: ['app://a/'] } | an origin is no origin",
        "cors | { origins: ['app://u@a'] } | an origin is no origin",
        "cors | { origins: ['App://a'] } | an origin is no origin",
        "cors | { origins: ['app:a'] } | an origin is no origin",
        "cors | { origins: [https://a], headers: ['*'] } | '*' in 'headers' is no field name",
        "cors | { origins: [https://a], exposed: ['a b'] } | 'a b' in 'exposed' is no field name",
        "cors | { origins: [https://a], maxAge: 25h } | 'maxAge' is no time from 0s to 24h",
        "cors | { origins: [https://a], orgins: [] } | unknown key 'orgins'; did you mean 'origins'?",
        "timeout | 2h | 'timeout' is no time from 1ms to 1h",
        "connectTimeout | 5 | 'connectTimeout' is no time",
        "idleTimeout | 25h | 'idleTimeout' is no time from 1ms to 24h",
      })
  void routesAreChecked(String key, String value, String expected) throws IOException {
    String changed =
        ROUTE.contains(" " + key + ":")
            ? ROUTE.replaceFirst(
                " " + key + ":.*",
                java.util.regex.Matcher.quoteReplacement(" " + key + ": " + value))
            : ROUTE + "    " + key + ": " + value + "\n";
    assertThat(problems(changed))
        .singleElement()
        .asString()
        .contains(expected)
        .doesNotContain("s3cret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"path", "upstream", "accept"})
  void aRouteNeedsItsThreeKeys(String key) throws IOException {
    String without =
        key.equals("path")
            ? ROUTE.replace("- path: /\n    upstream", "- upstream")
            : ROUTE.replaceFirst("    " + key + ":.*\n", "");
    assertThat(problems(without))
        .singleElement()
        .asString()
        .startsWith("2:5: this route has no '" + key + "'; add ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "github | 'webhook' is not a mapping",
        "{ name: code } | 5:14: this webhook has no 'vendor'; add vendor: github",
        "{ vendor: github } | 5:14: this webhook has no 'name'; add name: payments",
        "{ vendor: gitlab, name: code } | 'vendor' is no vendor that the gate knows; write github, stripe, slack or standard",
        "{ vendor: github, name: My Code } | 'name' is no name",
        "{ vendor: github, name: code, secret: x } | unknown key 'secret'",
      })
  void webhookOfARouteIsChecked(String webhook, String expected) throws IOException {
    assertThat(problems(ROUTE.replace("[apikey]", "[hmac]") + "    webhook: " + webhook + "\n"))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @Test
  void webhookOfARouteIsRead() throws IOException {
    String route = ROUTE.replace("[apikey]", "[hmac]");
    String webhook = "    webhook: { vendor: stripe, name: payments }\n";
    GatehouseConfig config =
        valid(
            route
                + webhook
                + "methods: { hmac: { aws: { region: eu-central-1, service: orders },"
                + " webhooks: { untimedMemory: 10m } } }\n");
    assertThat(config.routes().getFirst().webhook())
        .contains(new Webhook(Webhook.Vendor.STRIPE, "payments"));
    assertThat(config.methods().hmac().aws()).contains(new AwsSettings("eu-central-1", "orders"));
    assertThat(config.methods().hmac().webhooks())
        .isEqualTo(new WebhookSettings(Duration.ofMinutes(10)));

    String other = route.replace("routes:\n", "").replace("path: /", "path: /other");
    assertThat(problems(route + webhook + other + webhook.replace("stripe", "slack")))
        .singleElement()
        .asString()
        .startsWith("9:")
        .contains("the webhook 'payments' is one of stripe on another route");
  }

  @Test
  void endsOfARouteAreRead() throws IOException {
    RouteConfig route =
        valid(
                ROUTE.replace("[apikey]", "[apikey, basic, [mtls, hmac]]")
                    + "    host: api.example.com\n"
                    + "    ends:\n"
                    + "      basic:\n"
                    + "        deprecated: 2026-01-01\n"
                    + "        sunset: 2027-01-01T12:30:00Z\n"
                    + "        link: https://docs.example.com/moving?from=basic#how\n"
                    + "      hmac: { deprecated: \"2026-06-30T23:59:59+02:00\" }\n")
            .routes()
            .getFirst();

    assertThat(route.ends())
        .containsOnly(
            Map.entry(
                Method.BASIC,
                new Deprecation(
                    "api.example.com/",
                    Instant.parse("2026-01-01T00:00:00Z"),
                    Instant.parse("2027-01-01T12:30:00Z"),
                    URI.create("https://docs.example.com/moving?from=basic#how"))),
            Map.entry(
                Method.HMAC,
                new Deprecation(
                    "api.example.com/", Instant.parse("2026-06-30T21:59:59Z"), null, null)));
    assertThat(valid(ROUTE).routes().getFirst().ends()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "basic: { deprecated: 2026-01-01 } | 'ends' names basic, which the route does not accept",
        "apikeys: { deprecated: 2026-01-01 } | unknown method 'apikeys'; did you mean 'apikey'?",
        "public: { deprecated: 2026-01-01 } | unknown method 'public'",
        "apikey: 2026-01-01 | 'apikey' is not a mapping",
        "apikey: { sunset: 2026-01-01 } | this ending has no 'deprecated'; add",
        "apikey: { deprecated: soon } | 'deprecated' is no time; write 2027-01-31",
        "apikey: { deprecated: 2026-02-30 } | 'deprecated' is no time",
        "apikey: { deprecated: true } | 'deprecated' is a number or a yes/no, not text",
        "apikey: { deprecated: 1999-12-31 } | 'deprecated' lies outside the years",
        "apikey: { deprecated: '+10000-01-01T00:00:00Z' } | 'deprecated' lies outside the years",
        "apikey: { deprecated: 2026-01-02, sunset: 2026-01-01 } | 'sunset' is before 'deprecated'",
        "apikey: { deprecated: 2026-01-01, link: 'http://a.b/c' } | 'link' is no https URL",
        "apikey: { deprecated: 2026-01-01, link: moving.html } | 'link' is no https URL",
        "apikey: { deprecated: 2026-01-01, link: 'https://a:b@c/' } | 'link' is no https URL",
        "apikey: { deprecated: 2026-01-01, link: 'https://a/<b' } | 'link' is no URL",
        "apikey: { deprecated: 2026-01-01, link: 'https://a/é' } | 'link' is not of at most 2000",
        "apikey: { deprecated: 2026-01-01, until: 2027-01-01 } | unknown key 'until'",
      })
  void endsOfARouteAreChecked(String ends, String expected) throws IOException {
    assertThat(problems(ROUTE + "    ends: { " + ends + " }\n"))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @Test
  void nothingEndsWhereNothingIsAcceptedOrNamed() throws IOException {
    assertThat(problems(ROUTE + "    ends: {}\n")).singleElement().asString().contains("is empty");
    assertThat(
            problems(
                ROUTE.replace("[apikey]", "[public]")
                    + "    ends: { apikey: { deprecated: 2026-01-01 } }\n"))
        .singleElement()
        .asString()
        .contains("'ends' names apikey, which the route does not accept");
  }

  @Test
  void aPublicRouteRequiresNothing() throws IOException {
    assertThat(problems(ROUTE.replace("[apikey]", "[public]") + "    require: { GET: a }\n"))
        .containsExactly(
            "5:14: a public route cannot 'require' scopes, because its callers are not known;"
                + " remove 'require', or accept a method");
  }

  @Test
  void twoRoutesOfOneHostAndPathAreRefusedWhateverTheirCase() throws IOException {
    String second = ROUTE.substring(ROUTE.indexOf('\n') + 1);
    assertThat(problems(ROUTE + second))
        .singleElement()
        .asString()
        .startsWith("5:5: this route has the host and path of the one on line 2");
    String orders = ROUTE.replace("path: /", "path: /orders");
    assertThat(problems(orders + second.replace("path: /", "path: /ORDERS"))).hasSize(1);
    assertThat(valid(ROUTE + second.replace("path: /", "path: /\n    host: a")).routes())
        .hasSize(2);
  }

  @Test
  void plainHttpIsForLoopbackAndForBehindATerminator() throws IOException {
    assertThat(valid(ROUTE + "listen: { plainHttp: true }\n").listen().transport())
        .isEqualTo(new ListenConfig.PlainHttp());
    assertThat(
            valid(
                    ROUTE
                        + "listen: { address: 0.0.0.0, plainHttp: true,"
                        + " tlsTerminator: [10.0.0.0/8] }\n")
                .listen()
                .transport())
        .isEqualTo(new ListenConfig.PlainHttp());
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic", "jwt", "session"})
  void whereLinksAndTokensLeadToIsSaidUnlessItIsThisMachine(String method) throws IOException {
    String route = ROUTE.replace("apikey", method);
    String own = "listen: { tls: { certificate: server.crt, key: server.key } }\n";
    String nothingSaysIt = "a route accepts " + method + ", and nothing says by which address";

    assertThat(problems(route + own)).singleElement().asString().contains(nothingSaysIt);
    assertThat(problems(route + "listen: { plainHttp: true }\n"))
        .anyMatch(problem -> problem.contains(nothingSaysIt));
    valid(route);
    valid(ROUTE + own);
    assertThat(valid(route + own + "publicUrl: https://api.example.com\n").publicUrl())
        .contains("https://api.example.com");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/reference/configuration.md"})
  void theExampleInTheDocumentIsGoodAsItStands(String document) throws IOException {
    Files.copy(temp.resolve("server.crt"), temp.resolve("fullchain.pem"));
    Files.copy(temp.resolve("server.key"), temp.resolve("privkey.pem"));
    String text = Files.readString(Path.of(document));
    int begin = text.indexOf("```yaml\n") + "```yaml\n".length();

    valid(text.substring(begin, text.indexOf("```", begin)));
  }

  @Test
  void anExpiredCertificateIsRefusedAtItsLine() throws IOException {
    Files.writeString(
        file, "listen:\n  tls:\n    certificate: server.crt\n    key: server.key\n" + ROUTE);
    var later = InstantSource.fixed(NOW.plus(Duration.ofDays(91)));
    assertThat(((ConfigReading.Invalid) ConfigReader.read(file, later)).problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.line()).isEqualTo(3);
              assertThat(problem.message()).contains("server.crt expired on");
              assertThat(problem.advice()).isEqualTo("renew it");
            });
  }

  @Test
  void certificateAndKeyAreBothToldWhenBothAreWrong() throws IOException {
    String tls = "listen: { tls: { certificate: %s, key: %s } }\n" + ROUTE;
    assertThat(problems(tls.formatted("none.crt", "none.key")))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("1:31: ").contains("none.crt cannot be read"),
            second -> assertThat(second).startsWith("1:46: ").contains("none.key cannot be read"));
    assertThat(problems(tls.formatted("server.key", "server.crt")))
        .satisfiesExactly(
            first -> assertThat(first).contains("server.key holds no certificate"),
            second -> assertThat(second).contains("server.crt holds no private key"));
    assertThat(problems(tls.formatted("server.key", "server.key")))
        .singleElement()
        .asString()
        .contains("server.key holds no certificate");
  }

  @Test
  void clientCasAndListsAreAllToldWhenTheyAreWrong() throws IOException {
    String mtls = ROUTE + "methods: { mtls: { clientCas: [%s], crls: [c.crl, d.crl] } }\n";
    assertThat(problems(mtls.formatted("a.crt, ca.crt, b.crt")))
        .satisfiesExactly(
            first -> assertThat(first).startsWith("5:32: ").contains("a.crt cannot be read"),
            second -> assertThat(second).startsWith("5:47: ").contains("b.crt cannot be read"));
    assertThat(problems(mtls.formatted("ca.crt")))
        .satisfiesExactly(
            first -> assertThat(first).contains("c.crl cannot be read"),
            second -> assertThat(second).contains("d.crl cannot be read"));
  }

  @Test
  void routesThatAreNoListAreShownHowARouteBegins() throws IOException {
    assertThat(problems("routes:\n  path: /\n  accept: [apikey]\n"))
        .containsExactly("2:3: 'routes' is not a list; begin each route with '- path:'");
  }

  @Test
  void yamlFaultsNameTheLineThatIsToBlame() throws IOException {
    String route = ROUTE.replace("path: /", "path: \"/api");
    String quoted = "    require: { \"*\": items:write }\n";
    assertThat(problems("routes:\n\t- path: /\n"))
        .containsExactly("2:1: this is no YAML: a tab; indent with spaces, not tabs");
    assertThat(problems(ROUTE + "    require:\n      GET: items:read\n      *: items:write\n"))
        .containsExactly("7:7: this is no YAML: '*' without quotes; write '*' in quotes");
    assertThat(problems(route + quoted))
        .containsExactly(
            "2:11: this is no YAML: the quote that begins here ends on line 5; close it where its"
                + " text ends");
    assertThat(problems(route))
        .containsExactly(
            "2:11: this is no YAML: the quote that begins here does not end; close it where its text"
                + " ends");
    assertThat(problems("realm: 'a\n  b'\nroutes: [\n"))
        .as("a text of two lines that is not to blame")
        .singleElement()
        .asString()
        .contains("check the indentation, quotes and colons")
        .doesNotContain("the quote that begins here");
  }

  @Test
  void aFileThatIsNoConfigurationSaysWhy() throws IOException {
    assertThat(problems("")).singleElement().asString().contains("the file is empty");
    assertThat(problems("# only a comment\n")).singleElement().asString().contains("is empty");
    assertThat(problems("{}")).singleElement().asString().contains("there are no 'routes'");
    assertThat(problems("routes: []")).singleElement().asString().contains("'routes' is empty");
    assertThat(problems("- a")).anyMatch(problem -> problem.contains("is not a mapping"));
    assertThat(problems(ROUTE + "---\n" + ROUTE))
        .singleElement()
        .asString()
        .contains("a second document begins here");
    assertThat(problems("a: b\né: \u0001"))
        .containsExactly("2:4: a character that YAML does not allow (U+0001); remove it");
    assertThat(problems("x".repeat((1 << 20) + 1)))
        .singleElement()
        .asString()
        .contains("longer than 1 MiB");
    Files.write(file, new byte[] {'a', (byte) 0xff});
    assertThat(read().toString()).contains("not UTF-8");
    Files.delete(file);
    assertThat(read().toString()).contains("cannot be read (it does not exist)");
    Files.createDirectory(file);
    assertThat(read().toString()).contains("cannot be read");
  }

  @Test
  void noMutationOfAValidFileThrows() throws IOException {
    Random random = new Random(20261124);
    String alphabet = "{}[]:,-?*&!|>'\"%@`#~ \n\t\0\u0085\u2028\ud83d/\\<=0aZé";
    for (int round = 0; round < 3000; round++) {
      StringBuilder text = new StringBuilder(WHOLE);
      for (int change = random.nextInt(4); change >= 0; change--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(4)) {
          case 0 -> text.setCharAt(at, alphabet.charAt(random.nextInt(alphabet.length())));
          case 1 -> text.insert(at, alphabet.charAt(random.nextInt(alphabet.length())));
          case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(20)));
          default -> {
            int from = random.nextInt(text.length());
            text.insert(at, text.substring(from, Math.min(text.length(), from + 30)));
          }
        }
      }
      Files.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
      if (read() instanceof ConfigReading.Invalid(var problems)) {
        assertThat(problems).as(text::toString).isNotEmpty();
        assertThat(problems)
            .allMatch(problem -> problem.line() > 0 && !problem.toString().contains("\n"));
      }
    }
  }

  private static RouteConfig plainRoute(String path, String upstream) {
    return new RouteConfig(
        path,
        Optional.empty(),
        URI.create(upstream),
        Optional.empty(),
        true,
        new RouteConfig.AnyOf(List.of(List.of(Method.API_KEY))),
        Map.of(),
        false,
        Optional.empty(),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n", "\r\n", " ", " \n", "\n\n", "\t\r\n", "\r"})
  void secretOfAFileIsItsTextWithoutOneLinesEnd(String end) throws IOException {
    String secret = "Zm9yIHRlc3RzIG9ubHkgYnV0IGxvbmcgZW5vdWdo-9f27c1b0";
    Files.writeString(temp.resolve("jwt.secret"), secret + end);

    GatehouseConfig config =
        valid(
            """
            methods: { jwt: { algorithm: HS256, secretFiles: [jwt.secret] } }
            routes: [{ path: /, upstream: "http://127.0.0.1:1", accept: [jwt] }]
            """);

    byte[] key =
        SigningKeys.ofSecrets(config.methods().jwt().secrets())
            .signingKey()
            .toOctetSequenceKey()
            .toByteArray();
    assertThat(new String(key, StandardCharsets.UTF_8))
        .isEqualTo(
            secret
                + switch (end) {
                  case "", "\n", "\r\n" -> "";
                  case "\n\n" -> "\n";
                  case "\t\r\n" -> "\t";
                  case "\r" -> "\r";
                  default -> " ";
                });
  }

  @ParameterizedTest
  @ValueSource(strings = {"sk_live_", "acme_key_", "hmac_", "rt_", "session_"})
  void secretThatTheGateMadeForAnotherPurposeSignsNoTokens(String prefix) throws IOException {
    String apiKeys = prefix.startsWith("acme_") ? "apikey: { prefix: acme_key_ }, " : "";
    Files.writeString(temp.resolve("jwt.secret"), SecretForm.base62(prefix).random() + "\n");
    assertThat(
            problems(
                ROUTE
                    + "methods: { "
                    + apiKeys
                    + "jwt: { algorithm: HS256, secretFiles: [jwt.secret] } }\n"))
        .singleElement()
        .asString()
        .contains(
            "a file of 'secretFiles' holds a text in the form of one of the gate's own secrets");
  }

  private ConfigReading read() {
    return ConfigReader.read(file, InstantSource.fixed(NOW));
  }

  private GatehouseConfig valid(String yaml) throws IOException {
    Files.writeString(file, yaml);
    return switch (read()) {
      case ConfigReading.Valid(var config, var _) -> config;
      case ConfigReading.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  /// `line:column: message; advice` of each.
  private List<String> problems(String yaml) throws IOException {
    Files.writeString(file, yaml);
    return switch (read()) {
      case ConfigReading.Valid(var config, var _) -> throw new AssertionError(config);
      case ConfigReading.Invalid(var problems) ->
          problems.stream()
              .map(problem -> problem.toString().substring(file.toString().length() + 1))
              .toList();
    };
  }
}
