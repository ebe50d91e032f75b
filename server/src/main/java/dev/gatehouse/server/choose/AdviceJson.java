package dev.gatehouse.server.choose;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Writes an advice as JSON, for programs.
public final class AdviceJson {

  private AdviceJson() {}

  /// The whole of it.
  ///
  /// @param language of the client code; empty: all languages
  public static JsonObject of(Advice advice, Optional<Language> language) {
    Needs needs = advice.needs();
    return new JsonObject()
        .put(
            "needs",
            new JsonObject()
                .put("callers", array(needs.callers().stream().map(Caller::id).toList()))
                .put("person", needs.person())
                .put("instantRevocation", needs.instantRevocation())
                .put("stateless", needs.stateless()))
        .put("chosen", array(advice.chosen().stream().map(AdviceJson::chosen).toList()))
        .put("together", array(advice.together()))
        .put("cautions", array(advice.cautions()))
        .put(
            "notChosen",
            array(
                advice.notChosen().stream()
                    .map(
                        not ->
                            new JsonObject().put("method", not.method().id()).put("why", not.why()))
                    .toList()))
        .put("configuration", advice.configuration())
        .put("steps", array(advice.steps().stream().map(Advice.Step::text).toList()))
        .put("clientCode", clientCode(advice, language));
  }

  private static JsonObject chosen(Advice.Chosen chosen) {
    return new JsonObject()
        .put("method", chosen.method().id())
        .put("name", Described.of(chosen.method()).name())
        .put("for", array(chosen.callers().stream().map(Caller::id).toList()))
        .put("why", chosen.why())
        .put("costs", array(chosen.costs()))
        .put("page", Described.of(chosen.method()).page());
  }

  private static JsonArray clientCode(Advice advice, Optional<Language> language) {
    JsonArray code = new JsonArray();
    List<Language> languages =
        language.map(List::of).orElseGet(() -> Arrays.asList(Language.values()));
    for (ClientCode program : advice.code(languages)) {
      code.add(
          new JsonObject()
              .put("method", program.method().id())
              .put("language", program.language().id())
              .put("file", program.file())
              .put("text", program.text()));
    }
    return code;
  }

  private static JsonArray array(List<?> values) {
    return new JsonArray(values);
  }
}
