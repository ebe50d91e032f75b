package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What the gate answers itself has the same status and fields for GET and HEAD, and no body for
/// HEAD (RFC 9110 §9.3.2), over both versions of HTTP, for clients of others.
@Timeout(120)
@Tag("end-to-end")
class OwnAnswersTest {

  /// @param fields of the request
  private record Asked(String path, int status, Map<String, String> fields) {

    Asked(String path, int status) {
      this(path, status, Map.of());
    }
  }

  private static final Map<String, String> HTML = Map.of("Accept", "text/html");
  private static final Map<String, String> NAVIGATION =
      Map.of("Accept", "text/html", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document");
  private static final Map<String, String> ALICE =
      Map.of("Authorization", PeopleGate.basic("alice", PeopleGate.PASSWORD));

  private static final List<Asked> ALL =
      List.of(
          new Asked("/healthz", 200),
          new Asked("/readyz", 200),
          new Asked("/.well-known/jwks.json", 200),
          new Asked("/whoami", 401),
          new Asked("/whoami", 200, ALICE),
          new Asked("/login", 200, HTML),
          new Asked("/csrf", 401),
          new Asked("/account", 303, NAVIGATION),
          new Asked("/account", 401),
          new Asked("/password", 303, NAVIGATION),
          new Asked("/password", 401, Map.of("Accept", "application/json")),
          new Asked("/password/reset", 404, HTML),
          new Asked("/logout", 405),
          new Asked("/auth/token", 405),
          new Asked("/api/auth/login", 405),
          new Asked("/orders", 401),
          new Asked("/orders", 401, Map.of("X-API-Key", "no key")),
          new Asked("/orders", 303, NAVIGATION),
          new Asked("/admin-only", 403, ALICE),
          new Asked("/nowhere", 404),
          new Asked("/orders/..%2f", 400),
          new Asked("/public", 400, Map.of("Expect", "nothing")),
          new Asked("/down", 502));

  @TempDir private static Path temp;
  @AutoClose private static PeopleGate gate;

  @BeforeAll
  static void start() throws Exception {
    gate =
        PeopleGate.in(
            temp,
            "",
            """
              - path: /admin-only
                upstream: UPSTREAM
                accept: [basic]
                require: { "*": orders:admin }
              - path: /down
                upstream: http://127.0.0.1:1
                accept: [public]
            """);
    gate.person("alice");
  }

  @Test
  void nodeGetsTheSameFieldsForGetAndHead() throws Exception {
    JsonArray cases = new JsonArray();
    for (Asked asked : ALL) {
      cases.add(
          new JsonObject()
              .put("path", asked.path)
              .put("status", asked.status)
              .put("fields", new JsonObject(Map.copyOf(asked.fields))));
    }
    assertThat(
            NodeScript.run(
                "own-answers.mjs", trusted(), cases.encode(), gate.process().address().toString()))
        .contains(ALL.size() + " requests");
  }

  @Test
  void curlGetsTheSameFieldsForGetAndHead() throws Exception {
    for (String version : List.of("--http1.1", "--http2")) {
      List<Map<String, List<String>>> get = curl(version, "--get");
      List<Map<String, List<String>>> head = curl(version, "--head");
      for (int i = 0; i < ALL.size(); i++) {
        String what = version + " " + ALL.get(i);
        assertThat(get.get(i).get("status")).as(what).containsExactly("" + ALL.get(i).status);
        assertThat(get.get(i)).as(what).containsKey("content-length");
        assertThat(head.get(i)).as(what).isEqualTo(get.get(i));
      }
    }
  }

  // One process for all requests: the heads of the answers.
  private static List<Map<String, List<String>>> curl(String version, String method)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("curl", "--fail-early"));
    List<Path> heads = new ArrayList<>();
    for (Asked asked : ALL) {
      Path head = temp.resolve("head" + version + method + heads.size());
      heads.add(head);
      command.addAll(List.of("-sS", "--cacert", trusted().toString(), version, method));
      command.addAll(List.of("--max-time", "20", "-o", "/dev/null", "-D", head.toString()));
      asked.fields.forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
      command.addAll(List.of("--path-as-is", gate.process().address() + asked.path, "--next"));
    }
    command.removeLast();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(version + " " + method + ": " + said).isZero();
    }
    List<Map<String, List<String>>> fields = new ArrayList<>();
    for (Path head : heads) {
      fields.add(fields(Files.readAllLines(head, StandardCharsets.ISO_8859_1)));
    }
    return fields;
  }

  private static Map<String, List<String>> fields(List<String> lines) {
    Map<String, List<String>> fields = new TreeMap<>();
    fields.put("status", List.of(lines.getFirst().split(" ", -1)[1]));
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields
            .computeIfAbsent(
                line.substring(0, colon).toLowerCase(Locale.ROOT), name -> new ArrayList<>())
            .add(line.substring(colon + 1).strip().replaceAll("nonce=\"\\w+\"", ""));
      }
    }
    return fields;
  }

  private static Path trusted() {
    return gate.process().data().resolve("ca.crt");
  }
}
