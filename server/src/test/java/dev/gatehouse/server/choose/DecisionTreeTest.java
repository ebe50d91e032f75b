package dev.gatehouse.server.choose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gatehouse.Method;
import dev.gatehouse.server.config.ConfigReader;
import dev.gatehouse.server.config.ConfigReading;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.RouteConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Every advice that there is: for each combination of answers.
class DecisionTreeTest {

  private static final List<Advice> ALL = everybody().stream().map(DecisionTree::advise).toList();

  @TempDir private static Path temp;

  private static List<Needs> everybody() {
    List<Needs> all = new ArrayList<>();
    List<Set<Caller>> groups = new ArrayList<>(List.of(EnumSet.noneOf(Caller.class)));
    for (Caller caller : Caller.values()) {
      for (Set<Caller> group : List.copyOf(groups)) {
        Set<Caller> more = EnumSet.copyOf(group);
        more.add(caller);
        groups.add(more);
      }
    }
    groups.removeIf(Set::isEmpty);
    for (Set<Caller> group : groups) {
      for (int answers = 0; answers < 8; answers++) {
        all.add(new Needs(group, (answers & 1) != 0, (answers & 2) != 0, (answers & 4) != 0));
      }
    }
    return all;
  }

  private static Advice advise(Caller caller) {
    return DecisionTree.advise(new Needs(Set.of(caller), false, false, false));
  }

  private static Advice advise(
      boolean person, boolean instant, boolean stateless, Caller... callers) {
    return DecisionTree.advise(new Needs(Set.of(callers), person, instant, stateless));
  }

  private static String costs(Advice advice, Method method) {
    return advice.chosen().stream()
        .filter(chosen -> chosen.method() == method)
        .map(chosen -> String.join(" ", chosen.costs()))
        .findFirst()
        .orElseThrow();
  }

  private static String why(Advice advice, Method method) {
    return advice.chosen().stream()
        .filter(chosen -> chosen.method() == method)
        .map(Advice.Chosen::why)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theTreeInWords() {
    assertThat(advise(Caller.PROGRAMS).methods()).containsExactly(Method.API_KEY);
    assertThat(advise(Caller.PAGE).methods()).containsExactly(Method.SESSION);
    assertThat(advise(Caller.APP).methods()).containsExactly(Method.JWT);
    assertThat(advise(Caller.ELSEWHERE).methods()).containsExactly(Method.OAUTH, Method.SESSION);
    assertThat(advise(Caller.WEBHOOKS).methods()).containsExactly(Method.HMAC);
    assertThat(advise(Caller.SERVICES).methods()).containsExactly(Method.MTLS);
    assertThat(advise(Caller.TOOLS).methods()).containsExactly(Method.BASIC);
    assertThat(advise(true, false, false, Caller.SERVICES).methods())
        .containsExactly(Method.JWT, Method.MTLS);
    assertThat(advise(true, true, false, Caller.APP).methods()).containsExactly(Method.SESSION);
    assertThat(advise(true, true, true, Caller.APP).methods()).containsExactly(Method.JWT);
    assertThat(advise(true, false, true, Caller.PAGE).methods()).containsExactly(Method.JWT);
    assertThat(advise(true, false, true, Caller.ELSEWHERE).methods()).containsExactly(Method.OAUTH);
    assertThat(
            DecisionTree.advise(new Needs(Set.of(Caller.values()), true, false, false)).methods())
        .containsExactly(Method.values());
  }

  @Test
  void everyMethodIsEitherChosenOrSaidWhyNot() {
    assertThat(ALL).hasSize(127 * 8);
    for (Advice advice : ALL) {
      List<Method> all = new ArrayList<>(advice.methods());
      advice.notChosen().forEach(not -> all.add(not.method()));
      assertThat(all).as("%s", advice.needs()).containsExactlyInAnyOrder(Method.values());
      assertThat(advice.notChosen()).allMatch(not -> !not.why().isEmpty());
      assertThat(advice.chosen()).allMatch(chosen -> !chosen.why().isEmpty());
      assertThat(advice.chosen())
          .as("who takes a method learns what it costs")
          .allMatch(chosen -> !chosen.costs().isEmpty());
    }
  }

  @Test
  void everyCallerHasAMethodAndNoMethodIsForNobody() {
    for (Advice advice : ALL) {
      Set<Caller> served = new HashSet<>();
      advice.chosen().forEach(chosen -> served.addAll(chosen.callers()));
      assertThat(served).as("%s", advice.needs()).isEqualTo(advice.needs().callers());
      assertThat(advice.chosen()).allMatch(chosen -> !chosen.callers().isEmpty());
    }
  }

  @Test
  void whoWantsNoStateGetsNoSessionAndIsToldWhatTheGateKeepsAllTheSame() {
    for (Advice advice : ALL) {
      if (advice.needs().stateless()) {
        assertThat(advice.methods()).doesNotContain(Method.SESSION);
        if (advice.methods().contains(Method.JWT)) {
          assertThat(costs(advice, Method.JWT)).contains("a row for each sign-in");
        }
        if (advice.methods().contains(Method.HMAC)) {
          assertThat(costs(advice, Method.HMAC)).contains("remembered for ten minutes");
        }
      } else if (advice.needs().includes(Caller.PAGE)) {
        assertThat(advice.methods()).as("a page is for browsers").contains(Method.SESSION);
      }
    }
  }

  @Test
  void whoRevokesAtOnceLearnsWhereThatDoesNotReach() {
    for (Advice advice : ALL) {
      if (advice.needs().instantRevocation()) {
        if (advice.methods().contains(Method.JWT)) {
          assertThat(costs(advice, Method.JWT))
              .contains("instant at the gate, and nowhere else", "until it ends");
          assertThat(advice.configuration()).contains("accessTokenLife: 5m");
        }
        if (advice.methods().contains(Method.OAUTH)) {
          assertThat(costs(advice, Method.OAUTH))
              .containsPattern("introspection|Providers don't say when an account ends");
        }
        assertThat(advice.cautions().toString().contains("pull apart"))
            .as("%s", advice.needs())
            .isEqualTo(advice.needs().stateless());
      } else if (advice.methods().contains(Method.JWT)) {
        assertThat(costs(advice, Method.JWT)).contains("within a second", "after 15 minutes");
      }
    }
  }

  @Test
  void whoMustKnowThePersonGetsAMethodThatNamesOneOrIsToldThatNoneDoes() {
    Set<Method> peoples =
        EnumSet.of(Method.BASIC, Method.JWT, Method.OAUTH, Method.SESSION, Method.API_KEY);
    for (Advice advice : ALL) {
      if (advice.needs().person()) {
        assertThat(
                advice.methods().stream().anyMatch(peoples::contains)
                    || advice.cautions().toString().contains("names no person"))
            .as("%s", advice.needs())
            .isTrue();
        if (advice.methods().contains(Method.API_KEY)) {
          assertThat(why(advice, Method.API_KEY)).contains("belongs to a person");
          assertThat(advice.steps().toString()).contains("--owner alice");
        }
      }
    }
  }

  @Test
  void severalMethodsAreSaidHowTheyGoTogether() {
    for (Advice advice : ALL) {
      assertThat(advice.together().isEmpty())
          .as("%s", advice.needs())
          .isEqualTo(advice.chosen().size() == 1);
    }
    assertThat(advise(true, false, false, Caller.APP, Caller.ELSEWHERE).together().toString())
        .contains("code_challenge")
        .contains("jwt and session are for the same people");
  }

  @Test
  void theConfigurationOfEveryAdviceIsOneThatTheGateReadsAndTakesWhatWasAdvised() throws Exception {
    Files.writeString(temp.resolve(ExampleConfiguration.CLIENT_SECRET), "4f6e1c0a9b2d\n");
    Map<String, GatehouseConfig> read = new HashMap<>();
    for (Advice advice : ALL) {
      GatehouseConfig config =
          read.computeIfAbsent(advice.configuration(), DecisionTreeTest::valid);
      Set<Method> taken = config.accepted();
      if (!config.methods().oauth().providers().isEmpty()) {
        taken.add(Method.OAUTH);
      }
      assertThat(taken)
          .as("%s", advice.needs())
          .containsExactlyInAnyOrderElementsOf(advice.methods());
      for (RouteConfig route : config.routes()) {
        boolean hooks = route.path().startsWith("/hooks/");
        assertThat(route.webhook().isPresent()).isEqualTo(hooks);
        assertThat(route.methods().contains(Method.HMAC)).isEqualTo(hooks);
      }
      assertThat(config.routes().stream().anyMatch(route -> route.webhook().isPresent()))
          .isEqualTo(advice.needs().includes(Caller.WEBHOOKS));
    }
    assertThat(read).as("configurations that differ").hasSizeGreaterThan(50);
  }

  // That each program is let in by such a route is shown by ClientCodeTest, which runs them all.
  @Test
  void theConfigurationOfEveryAdviceLetsEveryProgramOfItIn() throws Exception {
    Files.writeString(temp.resolve(ExampleConfiguration.CLIENT_SECRET), "4f6e1c0a9b2d\n");
    Map<String, GatehouseConfig> read = new HashMap<>();
    for (Advice advice : ALL) {
      GatehouseConfig config =
          read.computeIfAbsent(advice.configuration(), DecisionTreeTest::valid);
      List<ClientCode> programs = advice.code(List.of(Language.values()));
      assertThat(programs).as("%s", advice.needs()).isNotEmpty();
      for (ClientCode program : programs) {
        boolean event = program.text().contains("/hooks/github");
        RouteConfig route =
            config.routes().stream()
                .filter(one -> one.path().equals(event ? "/hooks/github" : "/"))
                .findFirst()
                .orElseThrow();
        assertThat(route.methods()).as("%s", advice.needs()).contains(program.method());
        assertThat(route.webhook().isPresent()).as(program.file()).isEqualTo(event);
      }
    }
  }

  private static GatehouseConfig valid(String text) {
    try {
      Path file = Files.writeString(temp.resolve("gatehouse.yaml"), text);
      assertThat(ConfigReader.read(file)).as(text).isInstanceOf(ConfigReading.Valid.class);
      return ((ConfigReading.Valid) ConfigReader.read(file)).config();
    } catch (java.io.IOException failed) {
      throw new java.io.UncheckedIOException(failed);
    }
  }

  @Test
  void theConfigurationListsCodeReturnPathsWhereTheAdviceSpeaksOfCodes() throws Exception {
    Files.writeString(temp.resolve(ExampleConfiguration.CLIENT_SECRET), "4f6e1c0a9b2d\n");
    Advice withCodes = advise(true, false, false, Caller.APP, Caller.ELSEWHERE);
    assertThat(valid(withCodes.configuration()).methods().oauth().codeReturnPaths())
        .containsExactly("/app/callback");
    for (Advice advice : ALL) {
      assertThat(advice.configuration().contains("codeReturnPaths:"))
          .as("%s", advice.needs())
          .isEqualTo(advice.together().toString().contains("code_challenge"));
    }
  }

  @Test
  void theTextOfEveryAdviceFitsIntoEightyColumns() {
    for (Advice advice : ALL) {
      String text = AdviceText.of(advice, Optional.empty());
      assertThat(text.lines().filter(line -> line.length() > 80)).as(text).isEmpty();
      assertThat(text).endsWith("\n").doesNotContain("null", "\t", "  \n");
    }
  }

  @Test
  void theTextShowsTheClientCodeOfWhatWasChosenAndNothingElse() {
    for (Language language : Language.values()) {
      String text = AdviceText.of(advise(Caller.ELSEWHERE), Optional.of(language));
      for (Method method : Method.values()) {
        String code = ClientCode.of(method, language).text();
        assertThat(text.contains(code))
            .as("%s in %s", method, language)
            .isEqualTo(method == Method.SESSION);
      }
    }
  }

  @Test
  void jsonHoldsTheWholeAdvice() {
    Advice advice = advise(true, true, false, Caller.PROGRAMS, Caller.WEBHOOKS);
    var json = AdviceJson.of(advice, Optional.of(Language.PYTHON));
    assertThat(json.fieldNames())
        .containsExactly(
            "needs",
            "chosen",
            "together",
            "cautions",
            "notChosen",
            "configuration",
            "steps",
            "clientCode");
    assertThat(json.getJsonObject("needs").encode())
        .isEqualTo(
            "{\"callers\":[\"programs\",\"webhooks\"],\"person\":true,\"instantRevocation\":true,"
                + "\"stateless\":false}");
    assertThat(json.getJsonArray("clientCode").getJsonObject(0).getString("text"))
        .isEqualTo(ClientCode.of(Method.API_KEY, Language.PYTHON).text());
    assertThat(AdviceJson.of(advice, Optional.empty()).getJsonArray("clientCode")).hasSize(10);
  }

  @Test
  void nobodyCallsIsNoAnswer() {
    assertThatThrownBy(() -> new Needs(Set.of(), true, true, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everySentenceIsOne() {
    Set<String> sentences =
        ALL.stream()
            .flatMap(
                advice ->
                    Stream.of(
                            advice.together().stream(),
                            advice.cautions().stream(),
                            advice.notChosen().stream().map(Advice.NotChosen::why),
                            advice.chosen().stream().map(Advice.Chosen::why),
                            advice.chosen().stream().flatMap(chosen -> chosen.costs().stream()))
                        .flatMap(all -> all))
            .collect(Collectors.toSet());
    assertThat(sentences)
        .allMatch(sentence -> sentence.endsWith(".") && !sentence.contains("  "))
        .allMatch(sentence -> sentence.length() < 420);
  }
}
