package dev.gatehouse.server.choose;

import dev.gatehouse.Method;
import java.util.List;
import java.util.stream.Collectors;

/// The advice of the tree for the answers of somebody ([Needs]). It covers the whole product, since
/// most products need several methods.
///
/// @param needs what was answered
/// @param chosen the methods to take, in the order in which the gate looks for them
/// @param together how they go together; empty where one is enough
/// @param cautions what the answers ask for that can't be had whole
/// @param notChosen all other methods
/// @param configuration a whole `gatehouse.yaml`, which works as it stands
/// @param steps what to do besides, in this order
public record Advice(
    Needs needs,
    List<Chosen> chosen,
    List<String> together,
    List<String> cautions,
    List<NotChosen> notChosen,
    String configuration,
    List<Step> steps) {

  /// A method that was chosen.
  ///
  /// @param callers for whom
  /// @param why in one or two sentences
  /// @param costs what to know before one takes it
  public record Chosen(Method method, List<Caller> callers, String why, List<String> costs) {

    public Chosen {
      callers = List.copyOf(callers);
      costs = List.copyOf(costs);
    }

    /// For whom, in words.
    public String whom() {
      return callers.stream().map(Caller::words).collect(Collectors.joining("; "));
    }
  }

  /// A method that was not.
  public record NotChosen(Method method, String why) {}

  /// Something to do: a command line that begins with `./gatehouse`, or a sentence.
  public record Step(String text) {

    /// Whether it is for a shell.
    public boolean isCommand() {
      return text.startsWith("./gatehouse ");
    }
  }

  public Advice {
    chosen = List.copyOf(chosen);
    together = List.copyOf(together);
    cautions = List.copyOf(cautions);
    notChosen = List.copyOf(notChosen);
    steps = List.copyOf(steps);
  }

  /// The client code of what was chosen, in these languages: programs that the configuration lets
  /// in. A person who signed in at a provider comes with a session.
  List<ClientCode> code(List<Language> languages) {
    return methods().stream()
        .filter(method -> method != Method.OAUTH || needs.stateless())
        .flatMap(method -> languages.stream().map(language -> code(method, language)))
        .toList();
  }

  // The tree takes signatures for webhooks only.
  private static ClientCode code(Method method, Language language) {
    return method == Method.HMAC ? ClientCode.ofWebhook(language) : ClientCode.of(method, language);
  }

  /// The methods to take.
  public List<Method> methods() {
    return chosen.stream().map(Chosen::method).toList();
  }
}
