package dev.gatehouse.server.signin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.cli.GateProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
@Tag("end-to-end")
class SignInEdgesTest {

  @TempDir Path temp;

  @Test
  void aServiceMayShowItsKeyAtTheTokenEndpointByTheSchemeThatItsChallengeNames() throws Exception {
    try (GateProcess gate = GateProcess.demoHere(temp.resolve("data"))) {
      HttpResponse<String> answer =
          gate.client()
              .send(
                  gate.request("/auth/token", null)
                      .header(
                          "Authorization", "apikey " + gate.file("demo.json").getString("apiKey"))
                      .header("Content-Type", "application/x-www-form-urlencoded")
                      .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                      .build(),
                  HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }
  }

  @Test
  void aOneTimeLinkLeadsSomewhereWherePeopleHavePasswordsButNoSessions() throws Exception {
    Path data = temp.resolve("data");
    Path config = temp.resolve("gatehouse.yaml");
    Files.writeString(
        config,
        """
        listen: { port: 0 }
        data: data
        routes: [{ path: /, upstream: "http://127.0.0.1:9", accept: [basic] }]
        """);
    try (GateProcess gate = GateProcess.serveHere(config, data)) {
      gate.manage(
          "POST",
          "/accounts",
          new JsonObject().put("kind", "person").put("name", "bo").put("scopes", new JsonArray()));
      JsonObject link = gate.manage("POST", "/accounts/bo/password-reset", new JsonObject());
      URI address = URI.create(link.getString("link"));
      HttpResponse<String> page = form(gate, address.getPath() + "?" + address.getQuery());
      assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
      HttpResponse<String> done =
          post(
              gate,
              address.getPath(),
              "application/json",
              new JsonObject()
                  .put("token", link.getString("token"))
                  .put("newPassword", "a long enough phrase"));
      assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
      assertThat(form(gate, "/login").statusCode()).as("no sign-in page").isEqualTo(401);
    }
  }

  private static HttpResponse<String> form(GateProcess gate, String path) throws Exception {
    return gate.client()
        .send(
            gate.request(path, null).header("Accept", "text/html").build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> post(
      GateProcess gate, String path, String type, JsonObject body) throws Exception {
    return gate.client()
        .send(
            gate.request(path, null)
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body.encode(), StandardCharsets.UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }
}
