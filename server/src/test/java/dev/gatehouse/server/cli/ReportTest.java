package dev.gatehouse.server.cli;

import static dev.gatehouse.server.cli.PeopleGate.PASSWORD;
import static dev.gatehouse.server.cli.PeopleGate.basic;
import static dev.gatehouse.server.cli.PeopleGate.bearer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Who uses which method, counted by a running gate and asked for by an administrator.
@Timeout(180)
@Tag("end-to-end")
class ReportTest {

  private static final String TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ";

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate =
        PeopleGate.in(
            temp,
            "",
            """
              - path: /old
                upstream: UPSTREAM
                accept: [apikey, basic]
                ends:
                  basic:
                    deprecated: 2026-01-01
                    sunset: 2027-01-01
                    link: https://docs.example.com/moving
            """);
  }

  private static List<JsonObject> uses(String query) throws Exception {
    List<JsonObject> items = new ArrayList<>();
    gate.process()
        .manage("GET", "/usage" + query, null)
        .getJsonArray("items")
        .forEach(item -> items.add((JsonObject) item));
    return items;
  }

  private static long sum(String query) throws Exception {
    return uses(query).stream().mapToLong(use -> use.getLong("uses")).sum();
  }

  /// Adds a service with a key; the key's id and the key itself.
  private static JsonObject service(String name) throws Exception {
    gate.process()
        .manage(
            "POST",
            "/accounts",
            new JsonObject()
                .put("kind", "service")
                .put("name", name)
                .put("scopes", new JsonArray(List.of("orders:read"))));
    return gate.process()
        .manage("POST", "/keys", new JsonObject().put("owner", name).put("name", "one"));
  }

  private static void get(int times, String path, String... fields) throws Exception {
    for (int i = 0; i < times; i++) {
      assertThat(gate.get(path, fields).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void countsAreExactOverManyCallersWhetherTheyAreRecalledOrAskedAbout() throws Exception {
    gate.person("counted");
    JsonObject key = service("counter");
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
      for (int caller = 0; caller < 4; caller++) {
        running.add(
            callers.submit(
                () -> {
                  get(25, "/orders", "X-API-Key", key.getString("key"));
                  get(25, "/orders", "Authorization", basic("counted", PASSWORD));
                  return null;
                }));
      }
      for (Future<?> caller : running) {
        caller.get();
      }
    }
    get(3, "/old", "Authorization", basic("counted", PASSWORD));
    assertThat(gate.get("/old", "Authorization", basic("counted", "wrong")).statusCode())
        .isEqualTo(401);
    assertThat(gate.get("/old").statusCode()).isEqualTo(401);

    assertThat(uses("?owner=counter"))
        .singleElement()
        .satisfies(
            use -> {
              assertThat(use.getString("ownerName")).isEqualTo("counter");
              assertThat(use.getString("method")).isEqualTo("apikey");
              assertThat(use.getString("credential")).isEqualTo(key.getString("id"));
              assertThat(use.getLong("uses")).isEqualTo(100);
            });
    assertThat(uses("?owner=counted"))
        .extracting(use -> use.getLong("uses"))
        .containsExactly(100L, 3L);
    assertThat(sum("?owner=counted")).as("asked again, nothing is counted again").isEqualTo(103);
  }

  @Test
  void sessionsAndFamiliesAreCountedForTheirOwnerAndAddNoRows() throws Exception {
    gate.person("many");
    for (int i = 0; i < 3; i++) {
      String cookie = gate.session("many", PASSWORD);
      get(2, "/orders", "Cookie", cookie);
      get(2, "/orders", "Authorization", bearer(gate.tokens("many", PASSWORD)));
    }

    assertThat(uses("?owner=many"))
        .extracting(
            use -> use.getString("method"),
            use -> use.getString("credential"),
            use -> use.getLong("uses"))
        .containsExactly(tuple("jwt", null, 6L), tuple("session", null, 6L));
  }

  @Test
  void aReportSaysWhoStillComesByAMethodThatEnds() throws Exception {
    gate.person("late");
    JsonObject key = service("early");
    get(2, "/old", "Authorization", basic("late", PASSWORD));
    get(1, "/orders", "Authorization", basic("late", PASSWORD));
    get(2, "/old", "X-API-Key", key.getString("key"));

    String ending = done("report", "--ending", "--owner", "late");
    assertThat(ending.lines().toList()).hasSize(2);
    assertThat(ending)
        .containsPattern(
            "^OWNER +METHOD +CREDENTIAL +USES +SINCE +LAST USED +ENDING ON +SUNSET\n"
                + "late +basic +pw_\\w+ +2 +"
                + TIME
                + " +"
                + TIME
                + " +/old +2027-01-01 00:00:00Z\n$");
    assertThat(done("report", "--ending")).contains("late").doesNotContain("early");
    assertThat(done("report", "--route", "/old")).contains("late").doesNotContain("early");
    assertThat(done("report", "--method", "apikey")).contains("early").doesNotContain("late");
    assertThat(done("report"))
        .containsPattern("late +basic +pw_\\w+ +1 +.* - +-\n")
        .contains("early");
    assertThat(done("report", "--since", "1d")).contains("late");
    assertThat(done("report", "--since", "2100-01-01").lines()).hasSize(1);
    JsonObject json = new JsonObject(done("report", "--owner", "late", "--json"));
    assertThat(json.getJsonArray("items")).hasSize(2);

    CommandLineRun wrong = report("report", "--method", "basics");
    assertThat(wrong.exitCode()).isEqualTo(1);
    assertThat(wrong.err()).contains("'method' must be one of apikey, basic");
  }

  private static String done(String... arguments) {
    CommandLineRun run = report(arguments);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private static CommandLineRun report(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--data", gate.process().data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  @Test
  void curlIsToldInTheAnswersOfThatRouteAndMethodOnly() throws Exception {
    gate.person("curly");
    String told = curl("/old", "-u", "curly:" + PASSWORD);
    assertThat(told)
        .startsWith("HTTP/2 200")
        .contains("deprecation: @1767225600\r\n")
        .contains("sunset: Fri, 01 Jan 2027 00:00:00 GMT\r\n")
        .contains("link: <https://docs.example.com/moving>; rel=\"deprecation\"\r\n")
        .contains("link: <https://docs.example.com/moving>; rel=\"sunset\"\r\n");
    assertThat(curl("/orders", "-u", "curly:" + PASSWORD))
        .startsWith("HTTP/2 200")
        .doesNotContain("deprecation");
    assertThat(curl("/old", "-H", "X-API-Key: " + service("curling").getString("key")))
        .startsWith("HTTP/2 200")
        .doesNotContain("deprecation");
  }

  private static String curl(String path, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-sS",
                "-D",
                "-",
                "-o",
                "/dev/null",
                "--cacert",
                gate.process().data().resolve("ca.crt").toString()));
    command.addAll(List.of(arguments));
    command.add(gate.process().address().resolve(path).toString());
    Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(curl.waitFor()).as(out).isZero();
    return out;
  }

  @Test
  void theAdminApiIsReadPageByPageAndStrictly() throws Exception {
    for (String name : List.of("page-a", "page-b", "page-c")) {
      get(1, "/orders", "X-API-Key", service(name).getString("key"));
    }
    List<String> paged = new ArrayList<>();
    String after = "";
    String next;
    do {
      JsonObject page = gate.process().manage("GET", "/usage?method=apikey&limit=2" + after, null);
      page.getJsonArray("items")
          .forEach(item -> paged.add(((JsonObject) item).getString("credential")));
      next = page.getString("next");
      after = "&after=" + next;
    } while (next != null);
    assertThat(paged).doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(4);
    assertThat(uses("?method=apikey"))
        .extracting(use -> use.getString("credential"))
        .containsAll(paged);

    for (String wrong :
        List.of(
            "method=basics",
            "ending=yes",
            "since=30d",
            "since=%2B1000000000-12-31T23:59:59Z",
            "after=x",
            "after=W10",
            "after=WyIiLDEsMiwzXQ",
            "limit=0",
            "who=me")) {
      HttpResponse<String> refused = gate.process().admin("GET", "/usage?" + wrong, null);
      assertThat(refused.statusCode()).as(wrong).isEqualTo(400);
      assertThat(refused.body()).doesNotContain("Exception");
    }
    assertThat(gate.process().admin("GET", "/usage?owner=nobody", null).statusCode())
        .isEqualTo(404);
    assertThat(uses("?owner=https%3A%2F%2Fid.example%7C7")).isEmpty();
  }

  @Test
  void killedGateLosesAtMostWhatItHadNotWrittenAndCountsNothingTwice(@TempDir Path folder)
      throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            routes: [{ path: /, upstream: "%s", accept: [apikey] }]
            """
                .formatted(gate.upstream()));
    Path data = folder.resolve("data");
    String key;
    try (GateProcess killed = GateProcess.serve(config, data, data.resolve("ca.crt"))) {
      killed.manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "s"));
      key =
          killed
              .manage("POST", "/keys", new JsonObject().put("owner", "s").put("name", "n"))
              .getString("key");
      for (int i = 0; i < 5; i++) {
        assertThat(killed.get("/", key).statusCode()).isEqualTo(200);
      }
      assertThat(counted(killed)).as("written, because somebody asks").isEqualTo(5);
      assertThat(killed.get("/", key).statusCode()).isEqualTo(200);
      killed.end("KILL");
    }
    try (GateProcess again = GateProcess.serve(config, data, data.resolve("ca.crt"))) {
      assertThat(counted(again)).isEqualTo(5);
      for (int i = 0; i < 2; i++) {
        assertThat(again.get("/", key).statusCode()).isEqualTo(200);
      }
      again.end("TERM");
    }
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + data.resolve("gatehouse.db"));
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT uses FROM method_use u JOIN account a ON a.id = u.owner"
                    + " WHERE a.name = 's'")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getLong(1)).as("who ends in peace loses nothing").isEqualTo(7);
      assertThat(row.next()).isFalse();
    }
  }

  private static long counted(GateProcess process) throws Exception {
    return ((JsonObject)
            process.manage("GET", "/usage?owner=s", null).getJsonArray("items").getValue(0))
        .getLong("uses");
  }
}
