package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.gatehouse.Gate;
import dev.gatehouse.Scopes;
import dev.gatehouse.StoreUnavailableException;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.password.InMemoryPasswordStore;
import dev.gatehouse.password.PasswordHashes;
import dev.gatehouse.password.PasswordSettings;
import dev.gatehouse.password.Passwords;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import dev.gatehouse.secret.OwnSecrets;
import dev.gatehouse.server.listen.Admissions;
import dev.gatehouse.server.wire.TestHouse;
import dev.gatehouse.session.InMemorySessionStore;
import dev.gatehouse.session.SessionAuthenticator;
import dev.gatehouse.session.SessionSettings;
import dev.gatehouse.session.SessionStore;
import dev.gatehouse.session.Sessions;
import dev.gatehouse.throttle.FailedAttempts;
import dev.gatehouse.throttle.SignInAttempts;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The sign-in's paths over the wire, on a store of sessions of which single calls can fail.
@Timeout(60)
class FailingStoreTest {

  private static final String PASSWORD = "correct horse battery";
  private static final String NEW_PASSWORD = "staple battery horse";

  private final Clock clock = Clock.systemUTC();
  private final InMemoryRevocationFeed feed = new InMemoryRevocationFeed(clock);
  private final InMemoryAccountStore accountStore = new InMemoryAccountStore(feed);
  private final Roles roles = new Roles(Map.of());
  private final Accounts accounts = new Accounts(accountStore, roles, clock);
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private final SessionStore store = failing(new InMemorySessionStore(accountStore));
  private final SessionSettings settings =
      new SessionSettings("orders", Duration.ofMinutes(30), Duration.ofHours(24));
  private final PasswordSettings cheap = PasswordSettings.DEFAULT.withBcryptCost(10);
  private final PasswordHashes hashes = new PasswordHashes(cheap);
  private final Passwords passwords =
      new Passwords(
          cheap,
          OwnSecrets.NONE,
          hashes,
          new InMemoryPasswordStore(accountStore),
          accounts,
          new SignInAttempts(
              1_000,
              1_000,
              new FailedAttempts(1_000, Ticker.systemTicker()),
              Ticker.systemTicker()),
          clock);
  private final Gate gate =
      Gate.inProcess(feed, 1_000, new SessionAuthenticator(settings, store, roles, clock));
  private final Admissions admissions = new Admissions(gate, 100);
  private final TestHouse house =
      TestHouse.plan()
          .ownPaths(
              new SignInPaths(
                      admissions,
                      new SignInServices(
                          accounts, passwords, new Sessions(settings, store, clock), clock),
                      new SignInSite(new Pages("", "orders"), "", true, 12),
                      ProviderButtons.NONE)
                  .paths())
          .build();
  private final HttpClient client = house.client(HttpClient.Version.HTTP_1_1);

  // The same store, of which calls can be made to fail by their names.
  private SessionStore failing(SessionStore real) {
    return (SessionStore)
        Proxy.newProxyInstance(
            SessionStore.class.getClassLoader(),
            new Class<?>[] {SessionStore.class},
            (proxy, method, arguments) -> {
              if (failing.contains(method.getName())) {
                throw new StoreUnavailableException("switched off", new Exception());
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getTargetException();
              }
            });
  }

  @BeforeEach
  void aliceHasAPassword() {
    accounts.add(Account.Kind.PERSON, "alice", "alice@example.com", Set.of(), Scopes.NONE);
    assertThat(passwords.set("alice", PASSWORD)).isInstanceOf(Passwords.Change.Done.class);
  }

  @AfterEach
  void end() {
    client.shutdownNow();
    house.close();
    admissions.close();
    hashes.close();
  }

  @Test
  void everySignInPathAnswers503WhileStoreIsDown() throws Exception {
    String cookie = cookie(signIn(""));
    failing.addAll(Set.of("add", "end", "byDigest"));

    unavailable(signIn(""));
    unavailable(post("/logout", "", cookie));
    unavailable(send(house.request("/csrf").header("Cookie", cookie).GET()));
    failing.clear();
    assertThat(send(house.request("/csrf").header("Cookie", cookie).GET()).statusCode())
        .as("and nothing was ended")
        .isEqualTo(200);
  }

  @Test
  void signInWithoutStoredSessionIs503WithoutCookieAndEndsNoSession() throws Exception {
    String cookie = cookie(signIn(""));
    failing.add("add");

    unavailable(signIn(cookie));
    failing.clear();
    assertThat(send(house.request("/csrf").header("Cookie", cookie).GET()).statusCode())
        .as("the session of before")
        .isEqualTo(200);
  }

  @Test
  void aChangeOfPasswordThatHappenedIsNotCalledAFailure() throws Exception {
    String cookie = cookie(signIn(""));
    String change = "currentPassword=" + PASSWORD + "&newPassword=" + NEW_PASSWORD;
    failing.add("add");

    HttpResponse<String> answer = post("/password", change, cookie);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(new JsonObject(answer.body()).getString("message"))
        .isEqualTo("Password changed: sign in again");
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    failing.clear();
    assertThat(signIn("").statusCode()).as("the old password").isEqualTo(401);
    assertThat(signIn("", NEW_PASSWORD).statusCode()).isEqualTo(200);
  }

  @Test
  void pageOfFailedSignInHoldsTheNameAndNotThePassword() throws Exception {
    HttpResponse<String> page =
        send(
            form("/login", "email=alice%40example.com&password=a+secret+typed+wrong", "")
                .header("Accept", "text/html"));

    assertThat(page.statusCode()).isEqualTo(401);
    assertThat(page.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.body()).contains("alice@example.com").doesNotContain("typed");
  }

  @Test
  void strictCookieIsSetAndClearedWithTheSameAttributes() throws Exception {
    HttpResponse<String> in = signIn("");
    assertThat(in.headers().firstValue("Set-Cookie").orElseThrow())
        .endsWith("; Path=/; Secure; HttpOnly; SameSite=Strict");
    assertThat(post("/logout", "", cookie(in)).headers().firstValue("Set-Cookie"))
        .contains(
            SessionAuthenticator.COOKIE
                + "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
  }

  private HttpResponse<String> signIn(String cookie) throws Exception {
    return post("/login", "email=alice&password=" + PASSWORD, cookie);
  }

  private HttpResponse<String> signIn(String cookie, String password) throws Exception {
    return post("/login", "email=alice&password=" + password, cookie);
  }

  private static String cookie(HttpResponse<String> answer) {
    return answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
  }

  private static void unavailable(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
    assertThat(answer.headers().firstValue("Set-Cookie")).isEmpty();
    assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("UNAVAILABLE");
  }

  private HttpResponse<String> post(String path, String form, String cookie) throws Exception {
    return send(form(path, form, cookie));
  }

  private HttpRequest.Builder form(String path, String form, String cookie) {
    HttpRequest.Builder request =
        house
            .request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Sec-Fetch-Site", "same-origin")
            .POST(HttpRequest.BodyPublishers.ofString(form.replace(' ', '+')));
    return cookie.isEmpty() ? request : request.header("Cookie", cookie);
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
