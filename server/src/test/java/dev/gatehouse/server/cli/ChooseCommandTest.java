package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Method;
import dev.gatehouse.server.choose.Advice;
import dev.gatehouse.server.choose.Caller;
import dev.gatehouse.server.choose.ClientCode;
import dev.gatehouse.server.choose.DecisionTree;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.choose.Needs;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.PrintWriter;
import java.io.StringReader;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

@Tag("end-to-end")
class ChooseCommandTest {

  /// A person who types that.
  private static Needs typed(String lines, StringWriter shown) {
    return new Questions(new BufferedReader(new StringReader(lines)), new PrintWriter(shown, true))
        .needs();
  }

  @Test
  void numbersAndYesOrNoAreAnswers() {
    assertThat(typed("5, 1\ny\nNO\nyes\n", new StringWriter()))
        .isEqualTo(new Needs(Set.of(Caller.PROGRAMS, Caller.WEBHOOKS), true, false, true));
  }

  @Test
  void anEmptyLineTakesWhatStandsInBrackets() {
    StringWriter shown = new StringWriter();
    assertThat(typed("\n\n\n\n", shown))
        .isEqualTo(new Needs(Set.of(Caller.PROGRAMS), false, false, false));
    assertThat(shown.toString()).contains("[1]: ", "[no]: ");
    assertThat(typed("2\n\n\n\n", shown).person()).as("who signs in is known").isTrue();
  }

  @Test
  void personIsNotAskedForWhereWebhooksAlone() {
    StringWriter shown = new StringWriter();
    assertThat(typed("5\n\n\n", shown))
        .isEqualTo(new Needs(Set.of(Caller.WEBHOOKS), false, false, false));
    assertThat(shown.toString()).doesNotContain("know the person");
  }

  @Test
  void stepsSayThatTheGateKeepsItsTerminal() {
    assertThat(CommandLineRun.of("choose", "--caller=programs").out())
        .containsSubsequence(
            "./gatehouse serve --config gatehouse.yaml\n",
            "second terminal",
            "gatehouse service add");
    assertThat(CommandLineRun.of("choose", "--caller=elsewhere").out())
        .doesNotContain("second terminal");
  }

  @Test
  void everyProgramNamesAtItsHeadWhatItNeedsOfTheEnvironment() {
    Pattern name = Pattern.compile("\\b(?:API|HMAC|CLIENT|TOKEN|WEBHOOK)_[A-Z0-9_]+\\b");
    for (Language language : Language.values()) {
      Stream.concat(
              Arrays.stream(Method.values()).map(method -> ClientCode.of(method, language)),
              Stream.of(ClientCode.ofWebhook(language)))
          .forEach(
              code -> {
                String head =
                    code.text()
                        .lines()
                        .takeWhile(line -> line.startsWith("#") || line.startsWith("//"))
                        .collect(Collectors.joining("\n"));
                assertThat(name.matcher(code.text()).results().map(MatchResult::group).distinct())
                    .as(code.file())
                    .isNotEmpty()
                    .allMatch(head::contains);
              });
    }
  }

  @Test
  void aQuestionMarkExplainsAndWhatIsNoAnswerIsAskedAgain() {
    StringWriter shown = new StringWriter();
    assertThat(typed("?\n0\n8\n1 x\n1,99\n3\nmaybe\n?\nyes\nno\n?\nno\n", shown))
        .isEqualTo(new Needs(Set.of(Caller.APP), true, false, false));
    assertThat(shown.toString().replaceAll("\\s+", " "))
        .contains(Caller.WEBHOOKS.explanation(), "Type one or more numbers from 1 to 7")
        .contains("Type yes or no", "A session is a row in the gate's database");
    assertThat(shown.toString().lines()).allMatch(line -> line.length() <= 110);
  }

  @Test
  void theLastLineNeedsNoEndAndAnEndlessOneIsCut() {
    assertThat(typed("1\nno\nno\nyes", new StringWriter()).stateless()).isTrue();
    assertThat(typed("1" + " ".repeat(100_000) + "\n\n\n\n", new StringWriter()).callers())
        .containsExactly(Caller.PROGRAMS);
  }

  @Test
  void theLanguageIsANumberToo() {
    StringWriter shown = new StringWriter();
    Questions questions =
        new Questions(
            new BufferedReader(new StringReader("3\n0\n9\n1,2\n\n")), new PrintWriter(shown, true));
    assertThat(questions.language()).contains(Language.PYTHON);
    assertThat(questions.language()).isEmpty();
    assertThat(questions.language()).contains(Language.CURL);
  }

  @Test
  void answersThatEndTooSoonEndItInOneLine() throws Exception {
    assertThatThrownBy(() -> typed("1\n", new StringWriter()))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("the answers ended too soon");
    // Standard input is /dev/null there.
    GateProcess.Ended ended = GateProcess.run("choose");
    assertThat(ended.exitCode()).isEqualTo(1);
    assertThat(ended.out()).startsWith("Who calls your API?\n").endsWith(": \n");
    assertThat(ended.err()).hasLineCount(1).startsWith("gatehouse: the answers ended too soon");
  }

  @Test
  void flagsAreAnswersTooAndNothingIsAsked() {
    CommandLineRun run =
        CommandLineRun.of(
            "choose",
            "--caller",
            "programs,Webhooks",
            "--person",
            "--instant-revocation",
            "--language",
            "python");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith("Take these together\n")
        .contains(
            "API key (apikey): for other developers' programs", "webhook:", "apikey-client.py")
        .doesNotContain("Who calls your API?");
    JsonObject json =
        new JsonObject(CommandLineRun.of("choose", "--caller=page", "--stateless", "--json").out());
    assertThat(json.getJsonArray("chosen").getJsonObject(0).getString("method")).isEqualTo("jwt");
    assertThat(json.getJsonArray("clientCode")).hasSize(Language.values().length);
  }

  @Test
  void wrongFlagsAreSaidSo() {
    CommandLineRun unknown = CommandLineRun.of("choose", "--caller", "robots");
    assertThat(unknown.exitCode()).isEqualTo(2);
    assertThat(unknown.err()).contains("--caller", "programs", "robots");
    CommandLineRun nobody = CommandLineRun.of("choose", "--person");
    assertThat(nobody.exitCode()).isEqualTo(2);
    assertThat(nobody.err()).contains("Say who calls, with --caller");
  }

  @Test
  void everyCommandOfAnAdviceIsOneThatThisGatehouseHas() {
    CommandLine commandLine = Main.commandLine();
    for (boolean person : new boolean[] {false, true}) {
      Advice advice = DecisionTree.advise(new Needs(Set.of(Caller.values()), person, false, false));
      assertThat(advice.steps()).filteredOn(Advice.Step::isCommand).hasSizeGreaterThan(8);
      for (Advice.Step step : advice.steps()) {
        if (step.isCommand()) {
          commandLine.parseArgs(step.text().substring("./gatehouse ".length()).split(" ", -1));
        }
      }
    }
  }
}
