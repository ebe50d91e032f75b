package dev.gatehouse.server.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.oauth.AllowList;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderReaderTest {

  private static final String ROUTE =
      "routes:\n  - { path: /, upstream: 'http://127.0.0.1:3000', accept: [session] }\n";

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void secret() throws IOException {
    file = folder.resolve("gatehouse.yaml");
    Files.writeString(folder.resolve("a.secret"), "s3cret\n");
    Files.writeString(folder.resolve("empty"), "\n");
    Files.writeString(folder.resolve("long"), "x".repeat(5_000));
  }

  private static String providers(String yaml) {
    return "methods: { oauth: { providers: { " + yaml + " } } }\n";
  }

  private ConfigReading read(String yaml) throws IOException {
    Files.writeString(file, yaml);
    return ConfigReader.read(file);
  }

  private Map<String, ProviderConfig> valid(String yaml) throws IOException {
    return switch (read(ROUTE + providers(yaml))) {
      case ConfigReading.Valid(var config, var _) -> config.methods().oauth().providers();
      case ConfigReading.Invalid(var problems) -> throw new AssertionError(problems.toString());
    };
  }

  private List<String> problems(String yaml) throws IOException {
    return switch (read(yaml)) {
      case ConfigReading.Valid(var config, var _) -> throw new AssertionError(config);
      case ConfigReading.Invalid(var problems) ->
          problems.stream().map(ConfigProblem::toString).toList();
    };
  }

  @Test
  void byteOrderMarkBeforeASecretIsPassedOver() throws IOException {
    Files.writeString(folder.resolve("a.secret"), "\ufeffs3cret\n");
    assertThat(valid("a: { issuer: 'https://a.example', clientId: a, clientSecretFile: a.secret }"))
        .extractingByKey("a")
        .extracting(ProviderConfig::clientSecret)
        .isEqualTo(Optional.of(new ProviderConfig.ClientSecret("s3cret")));
  }

  @Test
  void everyKindOfProviderIsReadInTheOrderOfTheFile() throws IOException {
    Map<String, ProviderConfig> read =
        valid(
            "zeta: { issuer: 'https://id.zeta.example/realm', clientId: z, scopes: [openid, email],"
                + " keepTokens: true, linkByEmail: true, allow: { emails: [A@Example.com] } },"
                + " github: { type: github, clientId: abc, clientSecretFile: a.secret,"
                + " allow: { organisations: [acme] } },"
                + " google: { type: google, clientId: g, clientSecretFile: a.secret,"
                + " label: Work, allow: { emailDomains: [example.com] } }");
    assertThat(read.keySet()).containsExactly("zeta", "github", "google");
    ProviderConfig zeta = requireNonNull(read.get("zeta"));
    assertThat(zeta.type()).isEqualTo(ProviderConfig.Type.OIDC);
    assertThat(zeta.label()).isEqualTo("Zeta");
    assertThat(zeta.issuer()).isEqualTo(URI.create("https://id.zeta.example/realm"));
    assertThat(zeta.clientSecret()).isEmpty();
    assertThat(zeta.scopes()).containsExactly("openid", "email");
    assertThat(zeta.keepTokens()).isTrue();
    assertThat(zeta.allow().emails()).containsExactly("a@example.com");
    assertThat(zeta.allow().linkByEmail()).isTrue();
    ProviderConfig github = requireNonNull(read.get("github"));
    assertThat(github.issuer()).isEqualTo(URI.create("https://github.com"));
    assertThat(github.apiUrl()).contains(URI.create("https://api.github.com"));
    assertThat(github.clientSecret().orElseThrow().value()).isEqualTo("s3cret");
    assertThat(github.toString()).doesNotContain("s3cret");
    assertThat(github.allow().organisations()).isEqualTo(Set.of("acme"));
    assertThat(requireNonNull(read.get("google")).label()).isEqualTo("Work");
    assertThat(requireNonNull(read.get("google")).issuer())
        .isEqualTo(URI.create("https://accounts.google.com"));
  }

  @Test
  void nobodyGetsAnAccountUnlessSomebodySaysSo() throws IOException {
    assertThat(valid("acme: { issuer: 'https://id.example', clientId: a }").values())
        .extracting(ProviderConfig::allow)
        .containsExactly(AllowList.NOBODY);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "token: { issuer: 'https://a.example', clientId: a } | /auth/token is a path of the gate itself",
        "Acme: { issuer: 'https://a.example', clientId: a } | 'Acme' is no name for a provider",
        "a/b: { issuer: 'https://a.example', clientId: a } | is no name for a provider",
        "a: { clientId: a } | this provider has no 'issuer'; add issuer: https://id.example.com",
        "a: { issuer: 'https://a.example' } | this provider has no 'clientId'",
        "a: { issuer: 'http://a.example', clientId: a } | 'issuer' is plain http",
        "a: { issuer: 'a.example', clientId: a } | 'issuer' is no address of an issuer",
        "a: { issuer: 'https://a.example?x=1', clientId: a } | 'issuer' has a user name, a query or a fragment",
        "a: { issuer: 'https://u:p@a.example', clientId: a } | 'issuer' has a user name, a query or a fragment",
        "a: { type: facebook, issuer: 'https://a.example', clientId: a } | 'type' is none that the gate knows; write github, google, or oidc",
        "a: { type: github, clientId: a } | this provider has no 'clientSecretFile'",
        "a: { type: github, clientId: a, clientSecretFile: a.secret, issuer: 'https://g.example' } | a GitHub of your own has an 'issuer' and an 'apiUrl'",
        "a: { issuer: 'https://a.example', apiUrl: 'https://a.example', clientId: a } | 'apiUrl' is for type: github",
        "a: { type: google, issuer: 'https://a.example', clientId: a } | Google has one issuer",
        "a: { issuer: 'https://accounts.google.com', clientId: a } | this issuer is Google, which vouches for some addresses only; write type: google",
        "a: { issuer: 'https://ACCOUNTS.google.com:443/', clientId: a } | write type: google",
        "a: { issuer: 'https://a.example', clientId: a }, b: { issuer: 'https://a.example', clientId: b, keepTokens: true } | 'a' and 'b' have one issuer, and a kept token belongs to the issuer",
        "a: { issuer: 'https://a.example', clientId: a, keepTokens: true }, b: { issuer: 'https://a.example', clientId: b } | 'a' and 'b' have one issuer",
        "a: { type: google, clientId: a, keepTokens: true }, b: { type: google, clientId: b } | 'a' and 'b' have one issuer",
        "a: { issuer: 'https://a.example', clientId: a, clientSecretFile: none } | 'clientSecretFile' can't be read",
        "a: { issuer: 'https://a.example', clientId: a, clientSecretFile: empty } | 'clientSecretFile' holds no client secret",
        "a: { issuer: 'https://a.example', clientId: a, clientSecretFile: long } | 'clientSecretFile' is too long",
        "a: { issuer: 'https://a.example', clientId: a, clientSecret: b } | unknown key 'clientSecret'; known here: ",
        "a: { issuer: 'https://a.example', clientId: a, scopes: ['a b'] } | a scope is no scope",
        "a: { issuer: 'https://a.example', clientId: a, allow: { organisations: [x] } } | 'organisations' are GitHub",
        "a: { issuer: 'https://a.example', clientId: a, allow: { emailDomains: ['*'] } } | 'allow'",
        "a: { issuer: 'https://a.example', clientId: a, allow: everybody } | 'allow' is not a mapping",
        "a: { issuer: 'https://a.example', clientId: a, caFile: none } | 'caFile'",
        "a: { issuer: 'https://10.0.0.1', clientId: a } | add internalNetworks:",
        "a: { type: github, issuer: 'https://g.example', apiUrl: 'https://192.168.1.1', clientId: a, clientSecretFile: a.secret } | 192.168.1.1 has the address 192.168.1.1, which is not public",
        "a: { issuer: 'https://a.example', clientId: a, label: '' } | 'label' is no name for a button",
        "a: { issuer: 'https://a.example', clientId: a, authorizationParameters: offline } | 'authorizationParameters' is not a mapping",
        "a: { issuer: 'https://a.example', clientId: a, authorizationParameters: { 'a b': c } } | 'a b' is no name of a parameter",
        "a: { issuer: 'https://a.example', clientId: a, authorizationParameters: { prompt: '' } } | 'prompt' has no such value; write 1 to 1000 ASCII",
        "a: { issuer: 'https://a.example', clientId: a, authorizationParameters: { prompt: é } } | 'prompt' has no such value",
      })
  void whatIsWrongIsSaidWithWhatToDo(String yaml, String expected) throws IOException {
    assertThat(problems(ROUTE + providers(yaml))).singleElement().asString().contains(expected);
  }

  @Test
  void parametersOfTheAuthorizationRequestAreRead() throws IOException {
    assertThat(
            valid(
                    "a: { type: google, clientId: a, authorizationParameters: { access_type: offline,"
                        + " prompt: consent } }")
                .values())
        .extracting(ProviderConfig::authorizationParameters)
        .containsExactly(Map.of("access_type", "offline", "prompt", "consent"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "response_type",
        "response_mode",
        "client_id",
        "client_secret",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "max_age",
        "request",
        "request_uri",
      })
  void rejectsParameterThatTheGateSetsItself(String name) throws IOException {
    assertThat(
            problems(
                ROUTE
                    + providers(
                        "a: { issuer: 'https://a.example', clientId: a, authorizationParameters: { "
                            + name
                            + ": x } }")))
        .singleElement()
        .asString()
        .contains("'" + name + "' is a parameter that the gate sets itself; remove it");
  }

  @Test
  void twoProvidersMayHaveOneIssuerWhenNeitherKeepsTokens() throws IOException {
    assertThat(
            valid(
                "a: { issuer: 'https://a.example', clientId: a },"
                    + " b: { issuer: 'https://a.example', clientId: b },"
                    + " c: { issuer: 'https://c.example', clientId: c, keepTokens: true }"))
        .hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://localhost:9000", "http://127.0.0.1:9000/a", "http://id.localhost"})
  void plainHttpWillDoOnLoopback(String issuer) throws IOException {
    assertThat(
            valid("a: { issuer: '" + issuer + "', clientId: a, internalNetworks: [127.0.0.0/8] }"))
        .hasSize(1);
  }

  @Test
  void providersNeedARouteForWhomTheyProve() throws IOException {
    String provider = providers("a: { issuer: 'https://a.example', clientId: a }");
    assertThat(problems(ROUTE.replace("[session]", "[apikey]") + provider))
        .singleElement()
        .asString()
        .contains("'providers' have no effect, because no route accepts session or jwt");
  }

  // Pages that get codes

  private static String codeReturnPaths(String paths) {
    return "methods: { oauth: { codeReturnPaths: "
        + paths
        + ", providers: { a: { issuer: 'https://a.example', clientId: a } } } }\n";
  }

  @Test
  void readsExactPathsToWhichCodesMayGo() throws IOException {
    String jwt = ROUTE.replace("[session]", "[session, jwt]");
    assertThat(oauth(jwt + codeReturnPaths("[/app/callback, /, '/caf%C3%A9/', /App]")))
        .extracting(OAuthConfig::codeReturnPaths)
        .isEqualTo(Set.of("/app/callback", "/", "/caf%C3%A9/", "/App"));
    assertThat(oauth(jwt + providers("a: { issuer: 'https://a.example', clientId: a }")))
        .extracting(OAuthConfig::codeReturnPaths)
        .as("unless it is set, no page gets a code")
        .isEqualTo(Set.of());
  }

  private OAuthConfig oauth(String yaml) throws IOException {
    return switch (read(yaml)) {
      case ConfigReading.Valid(var config, var _) -> config.methods().oauth();
      case ConfigReading.Invalid(var problems) -> throw new AssertionError(problems.toString());
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "['https://api.example.com/app'] | a path of 'codeReturnPaths' is no path of this origin;"
            + " write it from its first slash on",
        "['//evil.example/app'] | is not spelled as the gate forwards it; write /evil.example/app",
        "[app] | is no path of this origin",
        "[''] | is no path of this origin",
        "['/app#top'] | is no path of this origin",
        "['/app?a=1'] | has a query, and the code comes in the query; write /app",
        "['/app?'] | has a query, and the code comes in the query; write /app",
        "['/a/../app'] | is not spelled as the gate forwards it; write /app",
        "['/%61pp'] | is not spelled as the gate forwards it; write /app",
        "['/caf%c3%a9'] | is not spelled as the gate forwards it; write /caf%C3%A9",
        "['/café'] | is no path of this origin",
        "['/app%2Fcallback'] | is no path of this origin",
        "['/app\\callback'] | is no path of this origin",
        "['/app/*'] | looks like a pattern, and paths are compared exactly; name each path",
        "[7] | a path of 'codeReturnPaths' is a number or a yes/no, not text",
        "/app | 'codeReturnPaths' is not a list; write it as [one, two]",
      })
  void rejectsCodeReturnPathThatIsNotOneExactPath(String paths, String expected)
      throws IOException {
    assertThat(problems(ROUTE.replace("[session]", "[session, jwt]") + codeReturnPaths(paths)))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @Test
  void rejectsCodeReturnPathThatIsTooLong() throws IOException {
    String longest = "/" + "a".repeat(254);
    String jwt = ROUTE.replace("[session]", "[session, jwt]");
    assertThat(oauth(jwt + codeReturnPaths("[" + longest + "]")).codeReturnPaths()).hasSize(1);
    assertThat(problems(jwt + codeReturnPaths("[" + longest + "a]")))
        .singleElement()
        .asString()
        .contains("is too long; write at most 255 characters");
  }

  @Test
  void suggestsTheNearestKeyForMisspelledCodeReturnPaths() throws IOException {
    String yaml = codeReturnPaths("[/app]").replace("codeReturnPaths", "codeReturnPath");
    assertThat(problems(ROUTE + yaml))
        .singleElement()
        .asString()
        .contains("unknown key 'codeReturnPath'; did you mean 'codeReturnPaths'?");
  }

  @Test
  void codeReturnPathsNeedARouteThatAcceptsTheTokensAndAProvider() throws IOException {
    assertThat(problems(ROUTE + codeReturnPaths("[/app]")))
        .singleElement()
        .asString()
        .contains("'codeReturnPaths' have no effect, because no route accepts jwt");
    assertThat(
            problems(
                ROUTE.replace("[session]", "[jwt]")
                    + "methods: { oauth: { codeReturnPaths: [/app] } }\n"))
        .singleElement()
        .asString()
        .contains("'codeReturnPaths' have no effect, because there are no providers");
  }

  @Test
  void providersWithoutSessionsNeedCodeReturnPaths() throws IOException {
    String jwt = ROUTE.replace("[session]", "[jwt]");
    assertThat(problems(jwt + providers("a: { issuer: 'https://a.example', clientId: a }")))
        .singleElement()
        .asString()
        .contains(
            "'providers' have no effect, because no route accepts session, and no page may get a code",
            "name the pages in 'methods.oauth.codeReturnPaths'");
    assertThat(oauth(jwt + codeReturnPaths("[/app]")).codeReturnPaths()).hasSize(1);
  }

  @Test
  void providersNeedHttpsOrATerminator() throws IOException {
    String jwt =
        ROUTE.replace("[session]", "[jwt]")
            + codeReturnPaths("[/app]")
            + "publicUrl: https://api.example.com\n";
    assertThat(problems(jwt + "listen: { plainHttp: true }\n"))
        .singleElement()
        .asString()
        .contains("'providers' send people back over HTTPS, and the gate speaks plain HTTP");
    assertThat(read(jwt + "listen: { plainHttp: true, tlsTerminator: [127.0.0.1] }\n"))
        .isInstanceOf(ConfigReading.Valid.class);
  }

  @Test
  void aRouteNamesAProviderThatKeepsTokens() throws IOException {
    String route =
        ROUTE.replace(
            "[session] }", "[session], providerToken: { provider: acme, scopes: [repo] } }");
    String acme = "acme: { issuer: 'https://a.example', clientId: a, keepTokens: true }";
    assertThat(read(route + providers(acme))).isInstanceOf(ConfigReading.Valid.class);
    assertThat(problems(route + providers(acme.replace("true", "false"))))
        .singleElement()
        .asString()
        .contains("needs a token of 'acme', which keeps none; write keepTokens: true");
    assertThat(problems(route + providers(acme.replace("acme", "acne"))))
        .singleElement()
        .asString()
        .contains("names the provider 'acme', and there is none; did you mean 'acne'?");
    assertThat(problems(route.replace("[session]", "[apikey]")))
        .anyMatch(problem -> problem.contains("'providerToken' has no effect"));
    assertThat(problems(route.replace("provider: acme, ", "") + providers(acme)))
        .singleElement()
        .asString()
        .contains("this providerToken has no 'provider'");
  }
}
