package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.bearer;
import static dev.gatehouse.server.cli.PeopleGate.cookie;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The account page of a running gate: what is ended there is refused at the routes.
@Timeout(120)
@Tag("end-to-end")
class AccountOverTheWireTest {

  private static final Pattern ID =
      Pattern.compile("(?:name=\"id\" value=\"|/account/end\\?id=)([a-z]+_[0-9A-Za-z]+)\"");

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate = PeopleGate.in(temp, "");
    gate.person("alice");
    gate.person("mallory");
  }

  private static HttpResponse<String> page(String cookie) throws Exception {
    return gate.get("/account", "Cookie", cookie, "Accept", "text/html");
  }

  private static HttpResponse<String> end(String id, String cookie) throws Exception {
    return gate.form("/account/end", "id=" + id, "Cookie", cookie, "Sec-Fetch-Site", "same-origin");
  }

  /// The ids of that prefix that the page offers to end, in its order.
  private static List<String> offered(String cookie, String prefix) throws Exception {
    List<String> ids = new ArrayList<>();
    Matcher matcher = ID.matcher(page(cookie).body());
    while (matcher.find()) {
      if (matcher.group(1).startsWith(prefix)) {
        ids.add(matcher.group(1));
      }
    }
    return ids;
  }

  @Test
  void whatIsEndedOnThePageIsRefusedAtTheRoutesAtOnce() throws Exception {
    gate.person("bob");
    String here = gate.session("bob", PASSWORD);
    String other = gate.session("bob", PASSWORD);
    JsonObject tokens = gate.tokens("bob", PASSWORD);
    JsonObject key =
        gate.process()
            .manage("POST", "/keys", new JsonObject().put("owner", "bob").put("name", "ci"));
    for (String[] way : ways(other, tokens, key)) {
      assertThat(gate.get("/orders", way).statusCode()).as("recalled from now on").isEqualTo(200);
    }

    List<String> sessions = offered(here, "ses_");
    assertThat(sessions).as("this one first").hasSize(2);
    for (String id :
        List.of(
            sessions.getLast(), offered(here, "f_").getFirst(), offered(here, "k_").getFirst())) {
      HttpResponse<String> answer = end(id, here);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(303);
    }

    for (String[] way : ways(other, tokens, key)) {
      assertThat(gate.get("/orders", way).statusCode()).as(way[0]).isEqualTo(401);
    }
    assertThat(gate.get("/orders", "Cookie", here).statusCode()).isEqualTo(200);
    HttpResponse<String> last = end(sessions.getFirst(), here);
    assertThat(last.body()).contains("You are signed out");
    assertThat(cookie(last)).isEqualTo("__Host-gatehouse=");
    assertThat(gate.get("/orders", "Cookie", here).statusCode()).isEqualTo(401);
  }

  private static List<String[]> ways(String session, JsonObject tokens, JsonObject key) {
    return List.of(
        new String[] {"Cookie", session},
        new String[] {"Authorization", bearer(tokens)},
        new String[] {"X-API-Key", key.getString("key")});
  }

  @Test
  void whatSomebodyElseHasIsNeitherShownNorEnded() throws Exception {
    String alice = gate.session("alice", PASSWORD);
    String mallory = gate.session("mallory", PASSWORD);
    String hers = offered(alice, "ses_").getFirst();

    assertThat(page(mallory).body()).doesNotContain(hers, "alice");
    assertThat(end(hers, mallory).statusCode()).isEqualTo(404);
    assertThat(gate.get("/orders", "Cookie", alice).statusCode()).isEqualTo(200);
  }

  @Test
  void whatABrowserCallsItselfStaysTextOnThePage() throws Exception {
    String body = PeopleGate.login("alice", PASSWORD).encode();
    HttpResponse<String> in =
        gate.send(
            gate.process().client(),
            "POST",
            "/login",
            body,
            "Content-Type",
            "application/json",
            "User-Agent",
            "<script>alert(1)</script>\"'><img src=x>");
    assertThat(page(cookie(in)).body())
        .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
        .doesNotContain("<script", "<img");
  }

  @Test
  void logHoldsNoCookieAndNoIdOfTheForm() throws Exception {
    String alice = gate.session("alice", PASSWORD);
    end("k_somebodyelse", alice);
    gate.get("/account/end?id=k_insecure", "Cookie", alice);
    String secret = alice.split("=", 2)[1];
    assertThat(page(alice).body()).doesNotContain(secret);
    assertThat(gate.process().out() + gate.process().err())
        .contains("code=NOT_FOUND")
        .doesNotContain(secret, "k_somebodyelse", "k_insecure");
  }

  @Test
  void anOldSignInIsAskedToSignInAgainAndThenRevokes() throws Exception {
    gate.person("carol");
    String here = gate.session("carol", PASSWORD);
    JsonObject key =
        gate.process()
            .manage("POST", "/keys", new JsonObject().put("owner", "carol").put("name", "ci"));
    String id = key.getString("id");
    gate.restartAfter("UPDATE session SET authenticated_at = authenticated_at - 900000");

    HttpResponse<String> late = end(id, here);
    String signIn = late.headers().firstValue("Location").orElseThrow();
    assertThat(signIn).startsWith("/login?").endsWith("&again=yes");
    assertThat(gate.get("/orders", "X-API-Key", key.getString("key")).statusCode()).isEqualTo(200);
    assertThat(gate.get(signIn, "Cookie", here, "Accept", "text/html").body())
        .as("no page that says that one is signed in")
        .contains("<h1>Sign in</h1>", "Sign in again", "value=\"carol\"", "/account/end?id=" + id);

    HttpResponse<String> again =
        gate.form(
            "/login",
            "email=carol&password=" + PASSWORD.replace(' ', '+') + "&return=%2Faccount",
            "Cookie",
            here,
            "Sec-Fetch-Site",
            "same-origin");
    assertThat(again.headers().firstValue("Location")).contains("/account");
    assertThat(end(id, cookie(again)).headers().firstValue("Location"))
        .contains("/account?done=revoked");
    assertThat(gate.get("/orders", "X-API-Key", key.getString("key")).statusCode()).isEqualTo(401);
  }
}
