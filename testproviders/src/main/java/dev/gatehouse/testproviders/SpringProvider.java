package dev.gatehouse.testproviders;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.ClientSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.provisioning.InMemoryUserDetailsManager;

/// A program that runs Spring Authorization Server with its own pages, on a free port of 127.0.0.1.
/// End-to-end tests start it.
///
/// Arguments: the files of its certificate and its key. The program prints `ready` and its issuer.
/// It reads lines `client ID SECRET REDIRECT_URI AUDIENCE` from its standard input, registers that
/// client in place of the last one, and prints `registered`. It ends at the end of its standard
/// input. The password of every person is `password`. AUDIENCE is the audience of tokens that the
/// client gets with its own credentials.
@SpringBootApplication
class SpringProvider {

  private static final Set<String> PEOPLE = Set.of("alice", "bob", "carol", "mallory");

  private static final String AUDIENCE = "audience";

  private static final AtomicReference<@Nullable RegisteredClient> CLIENT = new AtomicReference<>();

  public static void main(String[] arguments) throws IOException {
    SpringApplication application = new SpringApplication(SpringProvider.class);
    application.setDefaultProperties(
        Map.of(
            "server.address", "127.0.0.1",
            "server.port", "0",
            "server.ssl.certificate", arguments[0],
            "server.ssl.certificate-private-key", arguments[1],
            "server.tomcat.threads.max", "10",
            "spring.main.banner-mode", "off",
            "spring.main.lazy-initialization", "true",
            "logging.level.root", "WARN"));
    try (var context = (ServletWebServerApplicationContext) application.run()) {
      int port = Objects.requireNonNull(context.getWebServer()).getPort();
      System.out.println("ready https://127.0.0.1:" + port);
      // Standard input ends when the process that started this program ends.
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        CLIENT.set(client(line.split(" ", -1)));
        System.out.println("registered");
      }
    }
  }

  private static RegisteredClient client(String[] words) {
    return RegisteredClient.withId("gate")
        .clientId(words[1])
        .clientSecret("{noop}" + words[2])
        .redirectUri(words[3])
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
        .authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
        .authorizationGrantType(AuthorizationGrantType.REFRESH_TOKEN)
        .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
        .scopes(scopes -> scopes.addAll(Set.of("openid", "email", "profile", "orders.read")))
        .clientSettings(
            ClientSettings.builder()
                .requireProofKey(true)
                .requireAuthorizationConsent(true)
                .setting(AUDIENCE, words[4])
                .build())
        .build();
  }

  @Bean
  RegisteredClientRepository clients() {
    return new RegisteredClientRepository() {
      @Override
      public void save(RegisteredClient client) {
        CLIENT.set(client); // Spring hashes the secret after the first use.
      }

      @Override
      public @Nullable RegisteredClient findById(String id) {
        return find(client -> client.getId().equals(id));
      }

      @Override
      public @Nullable RegisteredClient findByClientId(String clientId) {
        return find(client -> client.getClientId().equals(clientId));
      }

      private @Nullable RegisteredClient find(Predicate<RegisteredClient> wanted) {
        return Stream.ofNullable(CLIENT.get()).filter(wanted).findFirst().orElse(null);
      }
    };
  }

  @Bean
  UserDetailsService people() {
    return new InMemoryUserDetailsManager(
        PEOPLE.stream()
            .map(name -> User.withUsername(name).password("{noop}password").roles("USER").build())
            .toList());
  }

  @Bean
  OAuth2TokenCustomizer<JwtEncodingContext> claims() {
    return context -> {
      if (AuthorizationGrantType.CLIENT_CREDENTIALS.equals(context.getAuthorizationGrantType())) {
        context
            .getClaims()
            .audience(
                List.of(
                    context
                        .getRegisteredClient()
                        .getClientSettings()
                        .<String>getSetting(AUDIENCE)));
      }
      if (context.getTokenType().getValue().equals(OidcParameterNames.ID_TOKEN)
          && context.getAuthorizedScopes().contains("email")) {
        String name = Objects.requireNonNull(context.<Authentication>getPrincipal()).getName();
        context
            .getClaims()
            .claim("name", name)
            .claim("email", name + "@spring.example")
            .claim("email_verified", true);
      }
    };
  }
}
