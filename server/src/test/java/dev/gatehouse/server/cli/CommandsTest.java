package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.JsonObject;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The verbs of the command line, typed while a gate runs.
@Timeout(120)
@Tag("end-to-end")
class CommandsTest {

  private static final String TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ";

  @TempDir private static Path temp;
  private static EchoApi api;
  private static GateProcess gate;

  @BeforeAll
  static void start() throws Exception {
    api = new EchoApi();
    gate = GateProcess.serveHere(temp.resolve("data"), api.address());
  }

  @AfterAll
  static void stop() {
    gate.close();
    api.close();
  }

  @Test
  void accountsAreAddedListedShownGrantedDisabledAndEnabled() {
    assertThat(done("user", "add", "ann", "--email", "ann@example.com", "--scope", "a:read"))
        .containsPattern("^name {5}ann\nid {7}u_\\w+\nemail {4}ann@example.com\nstate {4}active\n")
        .containsPattern("scopes {3}a:read\ncreated {2}" + TIME + "\n$");
    assertThat(done("user", "list").lines().toList())
        .hasSize(2)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).matches("NAME {2}ID +STATE {3}ROLES {2}SCOPES");
              assertThat(lines.get(1)).matches("ann {3}u_\\w+ {2}active {2}- {6}a:read");
            });
    assertThat(done("user", "grant", "ann", "--scope", "a:read", "--scope", "a:write"))
        .contains("scopes   a:read a:write\n");
    assertThat(done("user", "disable", "ann")).contains("state    disabled\n");
    assertThat(done("user", "show", "ann")).contains("state    disabled\n");
    assertThat(done("user", "enable", "ann")).contains("state    active\n");
    assertThat(done("user", "revoke", "ann")).contains("state    disabled\n");

    assertThat(done("service", "add", "shop")).contains("id       s_").doesNotContain("email");
    assertThat(done("service", "list")).contains("administrator", "shop").doesNotContain("ann");
    assertThat(new JsonObject(done("service", "list", "--json")).getJsonArray("items"))
        .anyMatch(item -> ((JsonObject) item).getString("name").equals("shop"));
  }

  @Test
  void secretIsShownWhenItIsIssuedAndNeverAgain() {
    done("service", "add", "till", "--scope", "t:1", "--scope", "t:2");
    String added =
        done(
            "key",
            "add",
            "front",
            "--owner",
            "till",
            "--scope",
            "t:1",
            "--expires",
            "90d",
            "--network",
            "127.0.0.0/8",
            "--rate",
            "600");
    String secret = value(added, "key");
    String id = value(added, "id");
    assertThat(secret).matches("sk_live_\\w{49}");
    assertThat(added)
        .contains("owner      till\n", "scopes     t:1\n", "networks   127.0.0.0/8\n")
        .contains("rate       600 a minute\n", "last used  never\n")
        .containsPattern("expires {4}" + TIME + "\n")
        .endsWith("\n\nKeep the key now: it is not shown again.\n");

    String rotated = done("key", "rotate", id, "--overlap", "12h");
    String successor = value(rotated, "key");
    assertThat(successor).isNotEqualTo(secret);
    assertThat(rotated).containsPattern("The old key, " + id + ", ends at " + TIME + "\\.\n");

    List<String> later = new ArrayList<>();
    later.add(done("key", "show", id));
    assertThat(later.getFirst()).contains("state      rotated\n", "key        sk_live_");
    later.add(done("key", "list", "--owner", "till"));
    assertThat(later.get(1).lines().findFirst().orElseThrow())
        .matches("ID +NAME +OWNER +KEY +STATE +SCOPES +EXPIRES +LAST USED");
    later.add(done("key", "list", "--json"));
    later.add(done("key", "revoke", id));
    assertThat(later.get(3)).contains("state      revoked\n");
    later.add(done("key", "revoke", id)); // a second time is no error
    for (String text : later) {
      assertThat(text).doesNotContain(secret).doesNotContain(successor);
    }
  }

  @Test
  void longListIsOneJsonDocument() throws Exception {
    for (int number = 0; number < 120; number++) {
      gate.manage(
          "POST", "/accounts", new JsonObject().put("kind", "person").put("name", "many" + number));
    }
    JsonObject page = gate.manage("GET", "/accounts?kind=person&limit=50", null);
    assertThat(page.getJsonArray("items")).hasSize(50);
    assertThat(page.getString("next")).isNotNull();
    assertThat(new JsonObject(done("user", "list", "--json")).getJsonArray("items"))
        .hasSizeGreaterThanOrEqualTo(120)
        .doesNotHaveDuplicates();
  }

  @Test
  void whatCannotBeDoneIsSaidInOneLine() {
    failed("There is no key of that id", "key", "show", "k_gone");
    failed("There is no key of that id", "key", "revoke", "k_gone");
    failed("There is no key of that id", "key", "rotate", "k_gone");
    failed("There is no account 'a b/ü'", "user", "show", "a b/ü");
    failed("there is no account 'nobody'", "key", "add", "x", "--owner", "nobody");
    failed(
        "'administrator' has not the scope a:b itself",
        "key",
        "add",
        "x",
        "--owner",
        "administrator",
        "--scope",
        "a:b");
    failed("the name or the e-mail address is taken", "service", "add", "administrator");
    failed("'soon' is no time", "key", "add", "x", "--owner", "a", "--expires", "soon");
    failed("'9y' is no span of time", "key", "rotate", "k", "--overlap", "9y");
    failed("0 to 90 days", "key", "rotate", anyKey(), "--overlap", "91d");
  }

  private String anyKey() {
    return new JsonObject(done("key", "list", "--json"))
        .getJsonArray("items")
        .getJsonObject(0)
        .getString("id");
  }

  @Test
  void gateThatDoesNotRunIsSaidSo() throws Exception {
    Path none = temp.resolve("none");
    CommandLineRun noFolder = CommandLineRun.of("key", "list", "--data", none.toString());
    assertThat(noFolder)
        .isEqualTo(
            new CommandLineRun(
                1,
                "",
                "gatehouse: "
                    + none
                    + "/admin.json is not there: start the gate first, or name its folder with"
                    + " --data\n"));
    Path stopped = temp.resolve("stopped");
    GateProcess.serveHere(stopped, api.address()).close();
    failedOn(stopped, "no gate is running on " + stopped + ": start it first");
    String secret =
        new JsonObject(Files.readString(stopped.resolve("admin.json"))).getString("apiKey");
    for (String damaged :
        List.of(
            "",
            "{",
            "[]",
            "{}",
            "{\"apiKey\": \"" + secret + "\", \"baseUrl\": 5}",
            "{\"apiKey\": \"" + secret + "\", \"baseUrl\": \"file:///etc/passwd\"}",
            "{\"apiKey\": \"" + secret + "\", \"baseUrl\": \":\"} x")) {
      Files.writeString(stopped.resolve("admin.json"), damaged);
      failedOn(stopped, stopped + "/admin.json is damaged: a restart of the gate writes it anew");
    }
  }

  @Test
  void credentialIsNotSentToWhoeverListensWhereAGateWasBefore() throws Exception {
    Path stopped = temp.resolve("left");
    int port;
    try (GateProcess other = GateProcess.serve(stopped, api.address())) {
      port = URI.create(other.file("admin.json").getString("baseUrl")).getPort();
      other.end("KILL"); // it could tidy nothing up
    }
    try (ServerSocket stranger = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      failedOn(stopped, "no gate is running on " + stopped + ": start it first");
      stranger.setSoTimeout(1);
      assertThatThrownBy(stranger::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  private static void failedOn(Path data, String why) {
    assertThat(CommandLineRun.of("key", "list", "--data", data.toString()))
        .isEqualTo(new CommandLineRun(1, "", "gatehouse: " + why + "\n"));
  }

  @Test
  void nobodyIsInvitedToAGateWithoutProvidersAndItSaysWhatToDo() {
    failed("No provider is configured", "invite", "add", "--email", "guest@example.com");
    failed("is no span of time", "invite", "add", "--expires", "soon");
    failed("There is no invitation of that id", "invite", "withdraw", "inv_none");
    assertThat(done("invite", "list"))
        .isEqualTo("ID  FOR  STATE  ROLES  SCOPES  EXPIRES  ACCEPTED BY\n");

    assertThat(done("user", "links", "administrator"))
        .isEqualTo("ID  PROVIDER  AS  SUBJECT  LINKED  LAST USED\n");
    failed("There is no account 'nobody'", "user", "links", "nobody");
    failed("There is no account 'nobody'", "user", "unlink", "nobody", "lnk_none");
    failed("The account has no link of that id", "user", "unlink", "administrator", "lnk_none");
  }

  @Test
  void commandWithoutItsVerbPrintsItsUsage() {
    for (String group : List.of("", "key", "user", "service")) {
      CommandLineRun run = group.isEmpty() ? CommandLineRun.of() : CommandLineRun.of(group);
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).startsWith("Usage: gatehouse").contains("Commands:");
    }
    CommandLineRun near = CommandLineRun.of("key", "lst");
    assertThat(near.exitCode()).isEqualTo(2);
    assertThat(near.err()).contains("Did you mean: key list?");
    assertThat(CommandLineRun.of("chekc").err()).contains("Did you mean: check?");
    assertThat(CommandLineRun.of("key", "list", "--datta").err()).contains("Did you mean: --data?");
    assertThat(CommandLineRun.of("status").err())
        .isEqualTo("gatehouse: there is no command 'status'\nTry 'gatehouse --help'.\n");
    assertThat(CommandLineRun.of("key", "purge").err())
        .startsWith("gatehouse: there is no command 'key purge'\n");
    assertThat(CommandLineRun.of("demo", "extra").err())
        .startsWith("gatehouse: 'extra' is a word too many\n");
    assertThat(CommandLineRun.of("demo", "--extra").err())
        .startsWith("gatehouse: there is no option '--extra'\n");
    assertThat(CommandLineRun.of("--version").out()).startsWith("gatehouse ");
    assertThat(CommandLineRun.of("key", "add", "--help").out()).contains("--expires=WHEN");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bogus --help",
        "bogus --version",
        "--help bogus",
        "key bogus -h",
        "serve x --help"
      })
  void aWordThatIsNotKnownIsWrongAlsoBesideHelp(String line) {
    CommandLineRun run = CommandLineRun.of(line.split(" ", -1));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("gatehouse: ").containsAnyOf("bogus'", "'x'");
  }

  @Test
  void printedCommandsNameTheScriptAsItWasCalled() {
    assertThat(Launcher.command()).isEqualTo("./gatehouse");
    assertThat(Launcher.command("/opt/gatehouse-1.2/gatehouse"))
        .isEqualTo("/opt/gatehouse-1.2/gatehouse");
    assertThat(Launcher.command("../my gate/gatehouse")).isEqualTo("'../my gate/gatehouse'");
  }

  @Test
  void helpTellsTheExitCodes() {
    for (String[] words : new String[][] {{"--help"}, {"key", "--help"}, {"check", "--help"}}) {
      assertThat(CommandLineRun.of(words).out())
          .containsPattern("(?s)Exit codes:\n +0 +done\n +1 +failed.*\n +2 +used wrongly");
    }
  }

  @Test
  void helpOfEveryCommandWithADataFolderNamesTheVariable() {
    assertDataFolderDescribed(Main.commandLine());
  }

  private static void assertDataFolderDescribed(CommandLine command) {
    CommandLine.Model.OptionSpec data = command.getCommandSpec().findOption("--data");
    if (data != null && !command.getCommandName().equals("demo")) {
      assertThat(data.description()[0])
          .as(command.getCommandSpec().qualifiedName())
          .endsWith("(default: $GATEHOUSE_DATA, or else gatehouse-data)");
    }
    command.getSubcommands().values().forEach(CommandsTest::assertDataFolderDescribed);
  }

  @Test
  void valuesThatAreNotTakenAreSaidInWordsOfTheHelp() {
    assertUsedWrongly("'nobody' is none of programs, page, app,", "choose", "--caller", "nobody");
    assertUsedWrongly(
        "'perl' is none of curl, javascript, python, java, go",
        "choose",
        "--caller",
        "page",
        "--language",
        "perl");
    for (String port : List.of("abc", "70000", "-1", "")) {
      String wrong = "'--port': '" + port + "' is no number from 0 to 65535";
      assertUsedWrongly(wrong, "demo", "--port=" + port);
      assertUsedWrongly(wrong, "serve", "--upstream", "http://127.0.0.1:1", "--port=" + port);
    }
    assertUsedWrongly(
        "'--rate': 'many' is no whole number", "key", "add", "x", "--owner", "a", "--rate", "many");
  }

  private static void assertUsedWrongly(String why, String... words) {
    CommandLineRun run = CommandLineRun.of(words);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("gatehouse: ").contains(why);
  }

  @Test
  void keyThatHasASuccessorOrIsRevokedIsSaidSo() {
    done("service", "add", "kiosk");
    for (String kind : List.of("key", "hmac")) {
      String id = value(done(kind, "add", "front", "--owner", "kiosk", "--expires", "90d"), "id");
      String successor = value(done(kind, "rotate", id), "id");
      failed("the key has a successor already: " + successor, kind, "rotate", id);
      assertThat(done(kind, "show", id)).doesNotContain("revoked");
      assertThat(done(kind, "revoke", successor))
          .containsPattern("\nstate +revoked\nrevoked +" + TIME + "\n");
      failed("the key was revoked at 2", kind, "rotate", successor);
      assertThat(done(kind, "show", successor)).containsPattern("\nrevoked +" + TIME + "\n");
    }
    assertThat(done("hmac", "list").lines().filter(line -> line.contains(" kiosk ")).toList())
        .hasSize(2)
        .allMatch(line -> line.contains("  hmac-sha256  -  "));
  }

  @Test
  void everyCommandAndOptionIsDescribedInWholeSentences() {
    assertDescribed(Main.commandLine());
  }

  private static void assertDescribed(CommandLine command) {
    CommandLine.Model.CommandSpec spec = command.getCommandSpec();
    String name = spec.qualifiedName();
    assertThat(spec.usageMessage().description()).as(name).isNotEmpty();
    // The list of commands shows the first line alone.
    assertThat(spec.usageMessage().description())
        .as(name)
        .allSatisfy(line -> assertThat(line).matches("(?s)[A-Z].{10,}\\."));
    spec.options()
        .forEach(
            option ->
                assertThat(option.description())
                    .as(name + " " + option.longestName())
                    .isNotEmpty());
    String help = command.getUsageMessage();
    assertThat(help).as(name).doesNotContain("${", "java.");
    command.getSubcommands().values().forEach(CommandsTest::assertDescribed);
  }

  private static String done(String... words) {
    CommandLineRun run = typed(words);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  private static void failed(String why, String... words) {
    CommandLineRun run = typed(words);
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("gatehouse: ").contains(why).hasLineCount(1);
  }

  private static CommandLineRun typed(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", gate.data().toString()));
    return CommandLineRun.of(all.toArray(String[]::new));
  }

  private static String value(String printed, String name) {
    return printed
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .findFirst()
        .orElseThrow()
        .substring(name.length())
        .strip();
  }
}
