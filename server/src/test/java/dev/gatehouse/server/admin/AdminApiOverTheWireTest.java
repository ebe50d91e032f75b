package dev.gatehouse.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.cli.GateProcess;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The admin API of a running gate, called rightly and wrongly.
@Timeout(120)
@Tag("end-to-end")
class AdminApiOverTheWireTest {

  @TempDir private static Path temp;
  @AutoClose private static GateProcess gate;

  @BeforeAll
  static void start() throws Exception {
    gate = GateProcess.demoHere(temp.resolve("data"));
  }

  private static String adminKey() throws Exception {
    return gate.file("admin.json").getString("apiKey");
  }

  private static URI base() throws Exception {
    return URI.create(gate.file("admin.json").getString("baseUrl"));
  }

  private static HttpResponse<String> call(
      String method, String path, @Nullable String key, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(base().resolve("/admin/api/v1" + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (key != null) {
      request.header("X-API-Key", key);
    }
    return gate.client().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String detail(HttpResponse<String> problem) {
    assertThat(problem.headers().firstValue("Content-Type")).contains("application/problem+json");
    return new JsonObject(problem.body()).getString("detail");
  }

  @Test
  void everyOperationOfTheDescriptionExistsAndNoOther() throws Exception {
    JsonObject description = gate.manage("GET", "/openapi.json", null);
    assertThat(description.getString("openapi")).startsWith("3.1");
    List<String> operations = new ArrayList<>();
    for (var path : description.getJsonObject("paths")) {
      JsonObject item = (JsonObject) path.getValue();
      List<String> methods = new ArrayList<>();
      for (String method : List.of("GET", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "TRACE")) {
        if (item.containsKey(method.toLowerCase(java.util.Locale.ROOT))) {
          methods.add(method);
        }
      }
      String there = path.getKey().replaceAll("\\{[^}]*}", "nobody");
      for (String method : methods) {
        operations.add(method + " " + path.getKey());
        HttpResponse<String> answer = call(method, there, adminKey(), "");
        assertThat(answer.statusCode()).as("%s %s", method, there).isIn(200, 201, 400, 404);
        assertThat(answer.body()).doesNotContain("There is no such call");
        assertThat(call(method, there, null, "").statusCode()).isEqualTo(401);
      }
      HttpResponse<String> wrong = call("DELETE", there, adminKey(), "");
      assertThat(wrong.statusCode()).isEqualTo(405);
      assertThat(
              new TreeSet<>(
                  List.of(wrong.headers().firstValue("Allow").orElseThrow().split(", ", -1))))
          .isEqualTo(new TreeSet<>(methods));
    }
    assertThat(operations).hasSize(44);
    for (String reference : references(description.encode())) {
      JsonObject found = description;
      for (String name : reference.substring(2).split("/", -1)) {
        found = found.getJsonObject(name);
        assertThat(found).as(reference).isNotNull();
      }
    }
  }

  private static List<String> references(String document) {
    return java.util.regex.Pattern.compile("\"\\$ref\":\"([^\"]*)\"")
        .matcher(document)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  @Test
  void answersHaveTheMembersThatTheDescriptionRequires() throws Exception {
    JsonObject schemas =
        gate.manage("GET", "/openapi.json", null)
            .getJsonObject("components")
            .getJsonObject("schemas");
    JsonObject account =
        gate.manage(
            "POST", "/accounts", new JsonObject().put("kind", "service").put("name", "described"));
    JsonObject key =
        gate.manage("POST", "/keys", new JsonObject().put("owner", "described").put("name", "one"));
    JsonObject signatureKey =
        gate.manage(
            "POST",
            "/signature-keys",
            new JsonObject().put("owner", "described").put("name", "one"));
    String refused = new JsonObject(gate.get("/anywhere", null).body()).getString("id");
    JsonObject refusal = gate.manage("GET", "/refusals/" + refused, null);
    JsonObject problem = new JsonObject(call("GET", "/keys/none", adminKey(), "").body());
    for (Map.Entry<String, JsonObject> answer :
        Map.of(
                "Account",
                account,
                "ApiKey",
                gate.manage("GET", "/keys/" + key.getString("id"), null),
                "SignatureKey",
                gate.manage("GET", "/signature-keys/" + signatureKey.getString("id"), null),
                "Refusal",
                refusal,
                "Usage",
                gate.manage("GET", "/usage?limit=1", null).getJsonArray("items").getJsonObject(0),
                "Problem",
                problem)
            .entrySet()) {
      JsonObject schema = schemas.getJsonObject(answer.getKey());
      assertThat(answer.getValue().fieldNames())
          .as(answer.getKey())
          .containsAll(schema.getJsonArray("required").stream().map(String::valueOf).toList())
          .isSubsetOf(schema.getJsonObject("properties").fieldNames());
    }
    assertThat(key.getString("key")).startsWith("sk_live_");
  }

  @Test
  void onlyALocalGrantOfTheScopeOpensIt() throws Exception {
    String caller = gate.file("demo.json").getString("apiKey");
    HttpResponse<String> refused = call("GET", "/keys", caller, "");
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(detail(refused)).contains("gatehouse:admin");
    assertThat(
            call("POST", "/accounts", caller, "{\"kind\":\"person\",\"name\":\"x\"}").statusCode())
        .isEqualTo(403);
    HttpResponse<String> nobody = call("GET", "/keys", null, "");
    assertThat(nobody.statusCode()).isEqualTo(401);
    assertThat(nobody.headers().firstValue("WWW-Authenticate")).isPresent();
    assertThat(call("GET", "/keys", "sk_live_wrong", "").statusCode()).isEqualTo(401);
    // The administrator's key opens no route that it has no scope for.
    assertThat(gate.get("/orders", adminKey()).statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example",
        "localhost.evil.example:80",
        "127.0.0.1.nip.io",
        "[::2]",
        "",
        "localhost:1, evil"
      })
  void nameThatIsNotLocalhostIsRefusedAsDnsRebinding(String host) throws Exception {
    assertThat(
            raw(
                "GET /admin/api/v1/keys HTTP/1.1\r\nHost: "
                    + host
                    + "\r\nX-API-Key: "
                    + adminKey()
                    + "\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .doesNotContain("\"items\"");
  }

  @Test
  void pageOfAnotherOriginCanNeitherAskNorRead() throws Exception {
    String origin = "Host: localhost\r\nOrigin: https://evil.example\r\n";
    String preflight =
        raw(
            "OPTIONS /admin/api/v1/keys HTTP/1.1\r\n"
                + origin
                + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: x-api-key\r\nConnection: close\r\n\r\n");
    assertThat(preflight)
        .startsWith("HTTP/1.1 401 ")
        .doesNotContainIgnoringCase("access-control-allow");
    String simple =
        raw(
            "POST /admin/api/v1/accounts HTTP/1.1\r\n"
                + origin
                + "Content-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
    assertThat(simple)
        .startsWith("HTTP/1.1 401 ")
        .doesNotContainIgnoringCase("access-control-allow");
  }

  @Test
  void bodyIsAskedForOnlyWhenTheHostAndTheKeyAreGood() throws Exception {
    String own = "Host: " + base().getAuthority() + "\r\n";
    assertThat(firstLine(own)).startsWith("HTTP/1.1 401 ");
    assertThat(firstLine(own + "X-API-Key: " + adminKey() + "x\r\n")).startsWith("HTTP/1.1 401 ");
    assertThat(firstLine("Host: example.com\r\nX-API-Key: " + adminKey() + "\r\n"))
        .startsWith("HTTP/1.1 400 ");
    assertThat(firstLine(own + "X-API-Key: " + adminKey() + "\r\n")).startsWith("HTTP/1.1 100 ");
  }

  // Of the answer to a call whose client waits before it sends the body.
  private static String firstLine(String fields) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), base().getPort())) {
      OutputStream out = socket.getOutputStream();
      String head =
          "POST /admin/api/v1/accounts HTTP/1.1\r\n"
              + fields
              + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n";
      out.write(head.getBytes(StandardCharsets.US_ASCII));
      out.flush();
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void bodyBeyondItsBoundIsRefusedWhetherItsLengthIsSaidOrNot() throws Exception {
    String large = "{\"name\": \"" + "x".repeat(AdminApi.MAX_BODY_BYTES) + "\"}";
    assertThat(call("POST", "/accounts", adminKey(), large).statusCode()).isEqualTo(413);
    HttpRequest chunked =
        HttpRequest.newBuilder(base().resolve("/admin/api/v1/accounts"))
            .header("X-API-Key", adminKey())
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(large.getBytes(StandardCharsets.UTF_8))))
            .build();
    assertThat(gate.client().send(chunked, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(413);
    assertThat(gate.admin("GET", "/keys", null).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/accounts | no json                                        | The body is no JSON object",
        "/accounts | []                                             | The body is no JSON object",
        "/accounts | \"text\"                                       | The body is no JSON object",
        "/accounts | {} {}                                          | The body is no JSON object",
        "/accounts | {\"name\":                                     | The body is no JSON object",
        "/accounts | {\"kind\":\"service\",\"name\":\"a\",\"name\":\"b\"} | names a member twice",
        "/accounts | {\"kind\":\"service\",\"name\":\"\\ud800\"}    | not well-formed",
        "/denied-tokens | {\"issuer\":\"https://a.example\",\"subject\":\"\\ud800\"} | not well-formed",
        "/accounts | {}                                             | 'kind' is missing",
        "/accounts | {\"kind\":\"person\"}                          | 'name' is missing",
        "/accounts | {\"kind\":\"robot\",\"name\":\"a\"}            | 'kind' must be person or service",
        "/accounts | {\"kind\":\"person\",\"name\":5}               | 'name' must be a string",
        "/accounts | {\"kind\":\"person\",\"name\":{\"$gt\":\"\"}}  | 'name' must be a string",
        "/accounts | {\"kind\":\"person\",\"name\":\"a b\"}         | a name has 1 to 64",
        "/accounts | {\"kind\":\"person\",\"name\":\"a\",\"admin\":true} | Unknown member 'admin'",
        "/accounts | {\"kind\":\"person\",\"name\":\"a\",\"scopes\":\"x\"} | 'scopes' must be an array",
        "/accounts | {\"kind\":\"person\",\"name\":\"a\",\"scopes\":[1]} | 'scopes' must be an array of strings",
        "/accounts | {\"kind\":\"person\",\"name\":\"a\",\"scopes\":[\"a b\"]} | scope",
        "/accounts | {\"kind\":\"service\",\"name\":\"a\",\"email\":\"a@b\"} | a service has no e-mail",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"\"}             | a name has",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"expiresAt\":\"soon\"} | 'expiresAt' must be a time",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"expiresAt\":\"+1000000000-12-31T23:59:59Z\"} | 'expiresAt' must be a time",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"expiresAt\":\"2001-01-01T00:00:00Z\"} | lies in the past",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"networks\":[\"10.0.0.1/8x\"]} | 10.0.0.1/8x",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"requestsPerMinute\":1.5} | must be a whole number",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"requestsPerMinute\":99999999999} | must be a whole number",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"requestsPerMinute\":0} | a rate limit is",
        "/keys | {\"owner\":\"demo-app\",\"name\":\"a\",\"scopes\":[\"gatehouse:admin\"]} | has not the scope",
        "/keys/none/rotate | {\"overlapSeconds\":-1}                | an overlap lasts from 0",
      })
  void bodyThatIsNotWhatTheCallTakesIsSaidWhy(String path, String body, String why)
      throws Exception {
    HttpResponse<String> refused = call("POST", path, adminKey(), body);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    assertThat(detail(refused)).contains(why);
  }

  @Test
  void deeplyNestedBodyIsRefusedLikeAnyOther() throws Exception {
    HttpResponse<String> refused =
        call("POST", "/accounts", adminKey(), "{\"name\":" + "[".repeat(60_000));
    assertThat(refused.statusCode()).isEqualTo(400);
  }

  @Test
  void pathsAndQueriesAreReadStrictly() throws Exception {
    assertThat(call("GET", "/nothing", adminKey(), "").statusCode()).isEqualTo(404);
    assertThat(call("GET", "/keys/", adminKey(), "").statusCode()).isEqualTo(404);
    assertThat(call("GET", "/keys?limit=0", adminKey(), "").statusCode()).isEqualTo(400);
    assertThat(call("GET", "/keys?limit=1001", adminKey(), "").statusCode()).isEqualTo(400);
    assertThat(detail(call("GET", "/keys?onwer=demo-app", adminKey(), "")))
        .isEqualTo("Unknown parameter 'onwer'; this call takes [after, limit, owner]");
    assertThat(detail(call("GET", "/keys?owner=a&owner=b", adminKey(), ""))).contains("twice");
    assertThat(call("GET", "/keys?owner=nobody", adminKey(), "").statusCode()).isEqualTo(404);
    assertThat(call("GET", "/accounts?kind=robot", adminKey(), "").statusCode()).isEqualTo(400);

    gate.manage("POST", "/accounts", new JsonObject().put("kind", "person").put("name", "a.b+c-d"));
    for (String spelled : List.of("a.b+c-d", "a.b%2Bc%2Dd", "%61.b%2bc-d")) {
      assertThat(gate.manage("GET", "/accounts/" + spelled, null).getString("name"))
          .isEqualTo("a.b+c-d");
    }
    String broken =
        raw(
            "GET /admin/api/v1/accounts/%zz HTTP/1.1\r\nHost: localhost\r\nX-API-Key: "
                + adminKey()
                + "\r\nConnection: close\r\n\r\n");
    assertThat(broken).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void listIsReadPageByPage() throws Exception {
    List<String> made = new ArrayList<>();
    for (int number = 0; number < 5; number++) {
      made.add(
          gate.manage(
                  "POST", "/keys", new JsonObject().put("owner", "demo-app").put("name", "page"))
              .getString("id"));
    }
    List<String> listed = new ArrayList<>();
    String after = "";
    JsonObject page;
    do {
      page = gate.manage("GET", "/keys?owner=demo-app&limit=2" + after, null);
      JsonArray items = page.getJsonArray("items");
      assertThat(items.size()).isLessThanOrEqualTo(2);
      items.forEach(item -> listed.add(((JsonObject) item).getString("id")));
      after = "&after=" + page.getString("next");
    } while (page.getString("next") != null);
    assertThat(listed).containsAll(made).doesNotHaveDuplicates();
  }

  private static String raw(String request) throws Exception {
    try (Socket socket = new Socket(InetAddress.getByName(base().getHost()), base().getPort())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      ByteArrayOutputStream answer = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(answer);
      return answer.toString(StandardCharsets.UTF_8);
    }
  }
}
