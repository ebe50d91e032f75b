package dev.gatehouse.server.choose;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The questions as a form, with the advice below.
///
/// @param callers that were named
/// @param answers the questions that were answered with yes
/// @param language of the client code
/// @param problem a sentence about what was filled in wrongly, if anything was
/// @param advice what was advised; null: nothing was asked yet
public record ChoosePage(
    Set<Caller> callers,
    Set<Question> answers,
    Language language,
    @Nullable String problem,
    @Nullable Advice advice) {

  /// Keeps copies.
  public ChoosePage {
    callers = copy(callers, Caller.class);
    answers = copy(answers, Question.class);
  }

  private static <E extends Enum<E>> Set<E> copy(Set<E> set, Class<E> type) {
    EnumSet<E> copy = EnumSet.noneOf(type);
    copy.addAll(set);
    return Collections.unmodifiableSet(copy);
  }

  /// The client code of every method that was chosen.
  public List<ClientCode> code() {
    return advice == null ? List.of() : advice.code(List.of(language));
  }

  /// The commands among the steps, one a line.
  public String commands() {
    return advice == null
        ? ""
        : advice.steps().stream()
            .filter(Advice.Step::isCommand)
            .map(Advice.Step::text)
            .collect(Collectors.joining("\n"));
  }
}
