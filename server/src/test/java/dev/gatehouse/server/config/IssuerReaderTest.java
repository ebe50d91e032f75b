package dev.gatehouse.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.oauth.ScopeMapping;
import dev.gatehouse.oauth.TrustedIssuer;
import dev.gatehouse.server.provider.AllowedAddresses;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IssuerReaderTest {

  private static final String GOOD =
      "issuer: https://id.example.com, audience: https://api.example.com";

  @TempDir private Path folder;

  private ConfigReading read(String oauth, String accept) throws IOException {
    Files.writeString(folder.resolve("secret"), "s3cret\n");
    return ConfigReader.read(
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            methods:
              oauth: { %s }
            routes:
              - { path: /, upstream: "http://127.0.0.1:3000", accept: [%s] }
            """
                .formatted(oauth, accept)));
  }

  private IssuerConfig issuer(String settings) throws IOException {
    ConfigReading reading = read("issuers: [{ " + settings + " }]", "oauth");
    assertThat(reading).isInstanceOf(ConfigReading.Valid.class);
    return ((ConfigReading.Valid) reading).config().methods().oauth().issuers().getFirst();
  }

  private List<String> problems(String oauth, String accept) throws IOException {
    return read(oauth, accept) instanceof ConfigReading.Invalid(var problems)
        ? problems.stream().map(ConfigProblem::toString).toList()
        : List.of();
  }

  @Test
  void defaultsAreAForeignSubjectWithoutScopesByTheIssuersKeys() throws IOException {
    assertThat(issuer(GOOD))
        .isEqualTo(
            new IssuerConfig(
                URI.create("https://id.example.com"),
                "https://api.example.com",
                TrustedIssuer.Subjects.FOREIGN,
                ScopeMapping.NOTHING,
                true,
                Optional.empty(),
                Optional.empty(),
                new AllowedAddresses(List.of()),
                Optional.empty()));
  }

  @Test
  void hostMayHaveAnAddressThatIsListed() throws IOException {
    AllowedAddresses addresses =
        issuer(
                "issuer: 'https://[::1]:8000', audience: a, keys: https://localhost/keys,"
                    + " internalNetworks: [10.0.0.0/8, '::1']")
            .addresses();
    assertThat(addresses.internal())
        .containsExactly(Network.parse("10.0.0.0/8"), Network.parse("::1"));
  }

  @Test
  void everySettingIsRead() throws IOException {
    IssuerConfig read =
        issuer(
            GOOD
                + ", subject: linked, untyped: false, scopes: { claim: realm.roles, map: { a.b:"
                + " [x, y], c: z }, pass: true }, introspection: { endpoint:"
                + " https://id.example.com/introspect, clientId: gate, clientSecretFile: secret,"
                + " secretInBody: true, remember: false }");
    assertThat(read.subjects()).isEqualTo(TrustedIssuer.Subjects.LINKED);
    assertThat(read.untyped()).isFalse();
    assertThat(read.scopes())
        .isEqualTo(
            new ScopeMapping(
                "realm.roles", Map.of("a.b", Scopes.of("x", "y"), "c", Scopes.of("z")), true));
    assertThat(read.introspection())
        .contains(
            new IssuerConfig.Introspection(
                Optional.of(URI.create("https://id.example.com/introspect")),
                "gate",
                new ProviderConfig.ClientSecret("s3cret"),
                true,
                false));
    assertThat(read.toString()).doesNotContain("s3cret");
    assertThat(
            issuer(GOOD + ", clientClaims: [client_region, https://example.com/unit]").subjects())
        .isEqualTo(
            new TrustedIssuer.Subjects(false, Set.of("client_region", "https://example.com/unit")));
    assertThat(issuer(GOOD + ", keys: https://id.example.com/keys").keys())
        .contains(URI.create("https://id.example.com/keys"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "audience: a | this issuer has no 'issuer'",
        "issuer: https://id.example.com | this issuer has no 'audience'",
        "issuer: http://id.example.com, audience: a | 'issuer' is plain http",
        "issuer: 'https://id.example.com/mand\u00e4nt', audience: a | 'issuer' holds other characters than visible ASCII",
        "issuer: 'https://id.example.com?x', audience: a | 'issuer' has a user name, a query",
        "issuer: https://id.example.com, audience: 'a b' | 'audience' is no audience",
        "GOOD, subject: local | 'subject' is not foreign or linked",
        "GOOD, clientClaims: org | 'clientClaims' is not a list",
        "GOOD, clientClaims: ['a b'] | an item of 'clientClaims' is no claim",
        "GOOD, subject: linked, clientClaims: [org] | 'clientClaims' have no effect where a token acts for a linked account",
        "GOOD, scope: x | unknown key 'scope'; did you mean 'scopes'?",
        "GOOD, scopes: {} | 'scopes' gives nothing",
        "GOOD, scopes: { map: { a: 'b c' } } | is no scope token",
        "GOOD, scopes: { map: { a: gatehouse:admin } } | come from grants of this gate only",
        "GOOD, scopes: { clam: a, pass: true } | unknown key 'clam'; did you mean 'claim'?",
        "GOOD, introspection: { clientId: gate } | 'introspection' has no 'clientSecretFile'",
        "GOOD, introspection: { clientId: g, clientSecretFile: none } | can't be read as text",
        "GOOD, keys: https://k.example, introspection: { clientId: g, clientSecretFile: secret } | 'keys' have no effect",
        "GOOD, caFile: none.pem | cannot be read",
        "GOOD, internalNetworks: 10.0.0.0/8 | 'internalNetworks' is not a list",
        "GOOD, internalNetworks: [10.0.0.1/8] | an item of 'internalNetworks' is no block of addresses",
        "GOOD, internalNetworks: [0.0.0.0/0] | takes in every address",
        "issuer: https://127.0.0.1, audience: a | 127.0.0.1 has the address 127.0.0.1, which is not public",
        "issuer: https://id.localhost, audience: a | id.localhost has the address 127.0.0.1, which is not public",
        "issuer: 'https://[::1]:8000', audience: a | which is not public",
        "GOOD, keys: https://10.0.0.1/keys | 10.0.0.1 has the address 10.0.0.1, which is not public",
        "GOOD, keys: https://169.254.169.254/keys, internalNetworks: [169.254.0.0/16] | at which clouds serve credentials",
        "issuer: https://localhost:8443, audience: a, internalNetworks: [127.0.0.1] | is this gate itself",
      })
  void mistakesAreSaidInWords(String settings, String expected) throws IOException {
    assertThat(problems("issuers: [{ " + settings.replace("GOOD", GOOD) + " }]", "oauth"))
        .singleElement()
        .asString()
        .contains(expected);
  }

  @Test
  void oneIssuerStandsThereOnce() throws IOException {
    assertThat(problems("issuers: [{ " + GOOD + " }, { " + GOOD + " }]", "oauth"))
        .singleElement()
        .asString()
        .contains("is listed twice");
  }

  @Test
  void issuersAndRoutesBelongTogether() throws IOException {
    assertThat(problems("issuers: [{ " + GOOD + " }]", "apikey"))
        .singleElement()
        .asString()
        .contains("'issuers' have no effect, because no route accepts oauth");
    assertThat(problems("issuers: [{ " + GOOD + " }]", "oauth, [session, oauth]"))
        .singleElement()
        .asString()
        .contains(
            "no request can pass the route / by [session, oauth]: the tokens of no issuer act");
    assertThat(problems("issuers: [{ " + GOOD + ", subject: linked }]", "[session, oauth]"))
        .isEmpty();
    String provider = "providers: { acme: { issuer: https://id.example.com, clientId: gate } }";
    assertThat(problems(provider, "session, oauth"))
        .singleElement()
        .asString()
        .contains("people who sign in with a provider get a session: write accept: [session]");
    assertThat(
            problems(
                provider + ", issuers: [{ issuer: https://id.example.com, audience: gate }]",
                "session, oauth"))
        .singleElement()
        .asString()
        .contains("is the client id by which people sign in there, as in ID tokens");
  }
}
