package dev.gatehouse.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.tls.DevelopmentCa;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is warned of, and what is not. The list of configurations of `check` and `serve` has one of
/// each kind; here are the bounds.
class ConfigWarningsTest {

  @TempDir Path temp;

  /// `line:column: message; advice` of each.
  private List<String> warnings(String yaml) throws IOException {
    Path file = Files.writeString(temp.resolve("gatehouse.yaml"), yaml);
    return switch (ConfigReader.read(file)) {
      case ConfigReading.Valid(var _, var warnings) ->
          warnings.stream()
              .map(warning -> warning.toString().substring(file.toString().length() + 1))
              .toList();
      case ConfigReading.Invalid(var problems) -> throw new AssertionError(problems);
    };
  }

  /// Two routes to one upstream.
  private static String routes(String guarded, String open) {
    return "routes:\n  - { "
        + guarded
        + ", upstream: 'http://127.0.0.1:3000', accept: [apikey] }\n  - { "
        + open
        + ", upstream: 'http://127.0.0.1:3000', accept: [public] }\n";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "path: /orders | path: /*/health | /orders/health",
        "path: /orders/secret | path: /orders/*/x | /orders/secret/x",
        "path: /a/b | path: /*/b/c | /a/b/c",
        "path: / | path: /, host: www.example.com | /",
        "path: /orders | path: /, host: www.example.com | /orders",
        "path: /orders | path: /ORDERS, host: www.example.com | /ORDERS",
        "path: /, host: api.example.com | path: / | /",
        "path: /orders, host: api.example.com | path: / | /orders",
      })
  void warnsOfAPublicRouteThatTakesPathsOfAGuardedOne(String guarded, String open, String taken)
      throws IOException {
    assertThat(warnings(routes(guarded, open)))
        .singleElement()
        .asString()
        .startsWith("3:")
        .contains("takes requests for " + taken);
  }

  @Test
  void warnsOfTwoHostsThatTheUpstreamCannotTellApart() throws IOException {
    String guarded = "path: /, host: a.example.com, passHost: ";
    String open = "path: /, host: b.example.com, passHost: ";

    assertThat(warnings(routes(guarded + false, open + false)))
        .singleElement()
        .asString()
        .startsWith("3:")
        .contains("b.example.com/ takes requests for /, where a client chooses the Host, from the");
    for (boolean passed : List.of(true, false)) {
      assertThat(warnings(routes(guarded + passed, open + !passed))).isEmpty();
    }
    assertThat(
            warnings(
                routes(guarded + false, "path: /health, host: b.example.com, passHost: false")))
        .as("a part that is public on purpose")
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:3000, http://localhost:3000",
    "http://localhost, http://[::1]:80",
    "http://localhost:3000, http://LOCALHOST.:3000",
    "http://127.0.0.1:3000, http://0.0.0.0:3000",
    "http://[::1]:3000, http://[0:0:0:0:0:0:0:1]:3000",
    "http://[2001:db8::1]:3000, http://[2001:DB8:0::1]:3000",
    "http://api.example.com, http://api.example.com.:80",
    "http://10.0.0.1:80, http://[::ffff:10.0.0.1]",
  })
  void warnsThoughTheUpstreamIsSpelledInAnotherWay(String one, String other) throws IOException {
    for (List<String> upstreams : List.of(List.of(one, other), List.of(other, one))) {
      assertThat(warnings(guardedAndPublic(upstreams.get(0), upstreams.get(1))))
          .singleElement()
          .asString()
          .contains("takes requests for /orders/health from the guarded route /orders");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:3000, http://localhost:3001",
    "http://127.0.0.1:3000, http://10.0.0.1:3000",
    "http://a.example.com, http://b.example.com",
  })
  void isSilentAboutTwoUpstreams(String one, String other) throws IOException {
    assertThat(warnings(guardedAndPublic(one, other))).isEmpty();
  }

  private static String guardedAndPublic(String guarded, String open) {
    return """
        routes:
          - { path: /orders, upstream: '%s', accept: [apikey] }
          - { path: /*/health, upstream: '%s', accept: [public] }
        """
        .formatted(guarded, open);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "path: / | path: /health",
        "path: / | path: /*/health",
        "path: / | path: /health, host: www.example.com",
        "path: /, host: api.example.com | path: /health",
        "path: /orders | path: /",
        "path: /orders/* | path: /orders/health",
        "path: /orders | path: /invoices/*",
        "path: /, host: a.example.com | path: /, host: b.example.com",
      })
  void isSilentAboutAPartThatIsPublicOnPurpose(String guarded, String open) throws IOException {
    assertThat(warnings(routes(guarded, open)))
        .filteredOn(warning -> warning.contains("takes requests"))
        .isEmpty();
  }

  @Test
  void isSilentWhereAThirdRouteGuardsWhatThePublicOneWouldTake() throws IOException {
    String third =
        "  - { path: /orders/health, upstream: 'http://127.0.0.1:3000', accept: [apikey] }\n";
    assertThat(warnings(routes("path: /orders", "path: /*/health") + third)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "path: /x/* | path: / | /x",
        "path: /x/* | path: /x | /x",
        "path: /*/y/* | path: / | /*/y",
        "path: '/*' | path: / | /",
        "path: /x/*, host: api.example.com | path: / | /x",
      })
  void warnsOfAWildcardWhoseParentIsPublic(String guarded, String open, String parent)
      throws IOException {
    assertThat(warnings(routes(guarded, open)))
        .anyMatch(warning -> warning.contains("is guarded, and " + parent + " is not"));
  }

  @Test
  void isSilentAboutAWildcardWhoseParentNobodyServes() throws IOException {
    assertThat(warnings(routes("path: /x/*", "path: /y"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: { port: 8443 } | http://localhost:8443 | this gate itself",
        "listen: { port: 8443 } | https://127.0.0.1:8443 | this gate itself",
        "listen: { address: '::1', port: 8443 } | https://[::1]:8443 | this gate itself",
        "listen: { address: 0.0.0.0, port: 80, plainHttp: true, tlsTerminator: [10.0.0.1] } |"
            + " http://127.0.0.1 | this gate itself",
        "publicUrl: https://api.example.com | https://API.example.com | this gate itself",
        "admin: { port: 9443 } | http://127.0.0.1:9443 | the admin API of this gate",
        "admin: { port: 9443 } | http://0.0.0.0:9443 | the admin API of this gate",
        "admin: { port: 9443 } | http://localhost.:9443 | the admin API of this gate",
        "listen: { port: 8443 } | https://0.0.0.0:8443 | this gate itself",
        "listen: { port: 8443 } | https://[::]:8443 | this gate itself",
        "listen: { port: 8443 } | https://LOCALHOST.:8443 | this gate itself",
        "listen: { port: 8443 } | https://api.localhost.:8443 | this gate itself",
        "listen: { port: 8443 } | https://[::ffff:127.0.0.1]:8443 | this gate itself",
        "listen: { address: '::1', port: 8443 } | https://[0:0:0:0:0:0:0:1]:8443 | this gate itself",
        "listen: { address: 0.0.0.0, port: 80, plainHttp: true, tlsTerminator: [10.0.0.1] } |"
            + " http://127.9.9.9 | this gate itself",
        "listen: { address: '::', port: 80, plainHttp: true, tlsTerminator: [10.0.0.1] } |"
            + " http://0.0.0.0 | this gate itself",
        "publicUrl: https://api.example.com | https://api.example.com. | this gate itself",
      })
  void warnsOfAnUpstreamThatIsTheGate(String setting, String upstream, String expected)
      throws IOException {
    assertThat(warnings(setting + "\n" + route(upstream, "")))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: { port: 8443 } | https://shop.example.com:8443",
        "listen: { port: 8443 } | https://SHOP.example.com.:8443",
        "publicUrl: https://www.example.com | https://shop.example.com",
      })
  void warnsOfAnUpstreamByTheHostOfARouteOnAPortOfTheGate(String setting, String upstream)
      throws IOException {
    assertThat(warnings(setting + "\n" + route(upstream, ", host: shop.example.com")))
        .singleElement()
        .asString()
        .contains("is this gate itself");
    assertThat(
            warnings(
                setting + "\n" + route("https://shop.example.com:9", ", host: shop.example.com")))
        .isEmpty();
  }

  @Test
  void warnsOfAnUpstreamAtAnAddressOfThisMachineWhereTheGateListensOnAll() throws IOException {
    // Of a machine without a network, its loopback address.
    InetAddress own =
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
            .findAny()
            .orElseGet(InetAddress::getLoopbackAddress);
    String listen =
        "listen: { address: 0.0.0.0, port: 8000, plainHttp: true, tlsTerminator: [10.0.0.1] }\n";

    assertThat(warnings(listen + route("http://" + own.getHostAddress() + ":8000", "")))
        .singleElement()
        .asString()
        .contains("is this gate itself");
    assertThat(warnings(listen + route("http://192.0.2.1:8000", ""))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1:3000",
        "http://127.0.0.2:8443",
        "http://api.example.com:8443",
        "http://localhost:0443"
      })
  void isSilentAboutOtherUpstreams(String upstream) throws IOException {
    assertThat(warnings("listen: { port: 8443 }\n" + route(upstream, ""))).isEmpty();
    assertThat(warnings("listen: { port: 0 }\n" + route(upstream, ""))).isEmpty();
  }

  private static String route(String upstream, String more) {
    return "routes: [{ path: /, upstream: '" + upstream + "', accept: [apikey]" + more + " }]\n";
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders:read", "own:scope", "gatehouse:admin"})
  void isSilentAboutScopesThatSomebodyCanHave(String scope) throws IOException {
    String require = ", require: { GET: '" + scope + "' }";
    String roles = "roles: { clerk: ['orders:read', 'own:scope'] }\n";
    assertThat(warnings(roles + route("http://127.0.0.1:3000", require))).isEmpty();
    assertThat(warnings(route("http://127.0.0.1:3000", require)))
        .as("without roles, scopes are granted one by one")
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "map: { a: 'orders:*' } | orders:* | 'require' names 'orders:*', and a '*' in a scope",
        "pass: true | orders:* | 'require' names 'orders:*', and a '*' in a scope",
        "pass: true | clerk | 'require' names 'clerk', which is a role",
        "map: { a: 'orders:*' } | orders:read |"
            + " the issuer https://id.example.com is given the scope 'orders:*', and a '*'",
        "pass: true | gatehouse:admn |"
            + " 'require' names 'gatehouse:admn', which is no scope of the gate's own; did you mean",
      })
  void warnsOfScopesThatMeanNothingAlthoughAnIssuerGivesThem(
      String scopes, String required, String expected) throws IOException {
    assertThat(
            warnings(
                """
                roles: { clerk: ['orders:read'] }
                methods:
                  oauth:
                    issuers: [{ issuer: 'https://id.example.com', audience: a, scopes: { %s } }]
                routes:
                  - path: /
                    upstream: http://127.0.0.1:3000
                    accept: [apikey, oauth]
                    require: { GET: '%s' }
                """
                    .formatted(scopes, required)))
        .anyMatch(warning -> warning.contains(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gatehouse:amin", "gatehouse:", "gatehouse:Admin"})
  void warnsOfAScopeOfTheGateThatDoesNotExist(String scope) throws IOException {
    String require = ", require: { GET: '" + scope + "' }";
    assertThat(warnings(route("http://127.0.0.1:3000", require)))
        .singleElement()
        .asString()
        .contains("which is no scope of the gate's own");
    String roles = "roles: { clerk: ['" + scope + "'] }\n";
    assertThat(warnings(roles + route("http://127.0.0.1:3000", require))).isEmpty();
  }

  @Test
  void isSilentAboutTheNameOfARoleThatTokensOfIssuersAloneCanHave() throws IOException {
    assertThat(
            warnings(
                """
                roles: { clerk: [other] }
                methods:
                  oauth:
                    issuers: [{ issuer: 'https://id.example.com', audience: a, scopes: { pass: true } }]
                routes:
                  - path: /
                    upstream: http://127.0.0.1:3000
                    accept: [oauth]
                    require: { GET: clerk }
                """))
        .isEmpty();
  }

  @Test
  void isSilentAboutScopesThatAnIssuerGives() throws IOException {
    String issuers =
        """
        roles: { clerk: [other] }
        methods:
          oauth:
            issuers: [{ issuer: 'https://id.example.com', audience: a, scopes: { %s } }]
        routes:
          - path: /
            upstream: http://127.0.0.1:3000
            accept: [oauth]
            require: { GET: 'orders:read' }
        """;
    assertThat(warnings(issuers.formatted("map: { read: 'orders:read' }"))).isEmpty();
    assertThat(warnings(issuers.formatted("pass: true"))).isEmpty();
    assertThat(warnings(issuers.formatted("map: { read: 'orders:red' }")))
        .singleElement()
        .asString()
        .startsWith("9:14: 'require' names 'orders:read', which no token of an issuer has")
        .endsWith("did you mean 'orders:red'?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0/1, 128.0.0.0/1",
        "0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/3",
        "1.0.0.0/8, 2.0.0.0/7, 4.0.0.0/6, 8.0.0.0/7, 11.0.0.0/8, 12.0.0.0/6, 16.0.0.0/4,"
            + " 32.0.0.0/3, 64.0.0.0/3, 96.0.0.0/4, 112.0.0.0/5, 120.0.0.0/6, 124.0.0.0/7,"
            + " 126.0.0.0/8, 128.0.0.0/2, 192.0.0.0/3",
        "'2000::/3'",
        "'2000::/4', '3000::/4'",
      })
  void warnsOfTerminatorsThatLeaveNobodyOut(String blocks) throws IOException {
    assertThat(
            warnings(
                "listen: { tlsTerminator: [" + blocks + "] }\n" + route("http://127.0.0.1:1", "")))
        .singleElement()
        .asString()
        .contains("the blocks of 'tlsTerminator' together are every ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0/1",
        "0.0.0.0/1, 128.0.0.0/2",
        "0.0.0.0/1, 128.0.0.0/2, 192.0.0.0/4",
        "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16",
        "'2000::/4'"
      })
  void isSilentAboutTerminatorsThatLeaveSomebodyOut(String blocks) throws IOException {
    assertThat(
            warnings(
                "listen: { tlsTerminator: [" + blocks + "] }\n" + route("http://127.0.0.1:1", "")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[mtls, apikey], apikey | [mtls, apikey] | apikey alone opens",
        "apikey, [mtls, apikey] | [mtls, apikey] | apikey alone opens",
        "[mtls, apikey], mtls | [mtls, apikey] | mtls alone opens",
        "[mtls, apikey, session], [apikey, mtls] | [mtls, apikey, session] |"
            + " [apikey, mtls] alone opens",
      })
  void warnsOfAnAllOfThatOneOfItsMembersMakesVoid(String accept, String all, String expected)
      throws IOException {
    assertThat(
            warnings(
                "routes: [{ path: /, upstream: 'http://127.0.0.1:1', accept: [" + accept + "] }]"))
        .singleElement()
        .asString()
        .contains(all + " in 'accept' demands nothing, as " + expected + " the route");
  }

  @Test
  void isSilentAboutAnAllOfBesideAnotherMethod() throws IOException {
    assertThat(
            warnings(
                "routes: [{ path: /, upstream: 'http://127.0.0.1:1',"
                    + " accept: [[mtls, apikey], [apikey, session], hmac] }]"))
        .isEmpty();
  }

  @Test
  void isSilentAboutCorsWithoutCredentialsOrForHttps() throws IOException {
    String cors = ", cors: { origins: [%s], credentials: %s }";
    assertThat(warnings(route("http://127.0.0.1:1", cors.formatted("http://a.example.com", false))))
        .isEmpty();
    assertThat(warnings(route("http://127.0.0.1:1", cors.formatted("https://a.example.com", true))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"X-*", "x*", "X-C*", "X-Auth*"})
  void warnsOfKeptFieldsOfSeveralGateways(String kept) throws IOException {
    assertThat(warnings(route("http://127.0.0.1:1", ", keepFields: [" + kept + "]")))
        .singleElement()
        .asString()
        .contains("'keepFields' keeps fields of several gateways by " + kept + ": ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "X-User-*",
        "X-User",
        "Remote-*",
        "X-Remote-*",
        "X-Auth-*",
        "X-Consumer-*",
        "Cf-*"
      })
  void isSilentAboutKeptFieldsOfOneGateway(String kept) throws IOException {
    assertThat(warnings(route("http://127.0.0.1:1", ", keepFields: [" + kept + "]"))).isEmpty();
  }

  @Test
  void warnsOfAWildcardWhoseParentNeedsNoScope() throws IOException {
    String routes =
        """
        routes:
          - { path: /admin/*, upstream: 'http://localhost:1', accept: [apikey], require: { "*": adm } }
          - { path: /, upstream: 'http://127.0.0.1:%s', accept: [apikey]%s }
        """;
    assertThat(warnings(routes.formatted(1, "")))
        .singleElement()
        .asString()
        .startsWith("2:")
        .contains(
            "the route /admin/* requires scopes, and /admin does not: the route / takes it to the"
                + " same upstream");
    assertThat(warnings(routes.formatted(2, ""))).as("another upstream").isEmpty();
    assertThat(warnings(routes.formatted(1, ", require: { GET: read }")))
        .as("other scopes")
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/reference/configuration.md"})
  void theExamplesOfTheDocumentsDrawNoWarning(String document) throws IOException {
    DevelopmentCa.in(temp, InstantSource.system()).server();
    Files.copy(temp.resolve("server.crt"), temp.resolve("fullchain.pem"));
    Files.copy(temp.resolve("server.key"), temp.resolve("privkey.pem"));
    String text = Files.readString(Path.of(document));
    int begin = text.indexOf("```yaml\n") + "```yaml\n".length();

    assertThat(warnings(text.substring(begin, text.indexOf("```", begin)))).isEmpty();
  }
}
