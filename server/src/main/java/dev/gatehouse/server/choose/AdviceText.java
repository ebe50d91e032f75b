package dev.gatehouse.server.choose;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes an advice for a terminal of 80 columns. Code and configuration are printed unchanged.
public final class AdviceText {

  private static final int COLUMNS = 80;
  private static final int NAMES = 16;

  private final List<String> lines = new ArrayList<>();

  private AdviceText() {}

  /// The whole of it, ending with a line's end.
  ///
  /// @param language in which client code is wanted; empty: none
  public static String of(Advice advice, Optional<Language> language) {
    AdviceText text = new AdviceText();
    text.write(advice);
    text.lines.add("");
    if (language.isPresent()) {
      advice.code(List.of(language.get())).forEach(text::code);
      text.wrapped("", "", ClientCode.TRUST + ".");
    } else {
      text.wrapped("", "", "Client code: --language curl, javascript, python, java or go.");
    }
    return String.join("\n", text.lines) + "\n";
  }

  private void write(Advice advice) {
    heading(advice.chosen().size() == 1 ? "Take" : "Take these together");
    for (Advice.Chosen chosen : advice.chosen()) {
      lines.add("");
      String name = Described.of(chosen.method()).name() + " (" + chosen.method() + ")";
      wrapped("  ", "    ", name + ": for " + chosen.whom());
      wrapped("    ", "    ", chosen.why());
      chosen.costs().forEach(cost -> wrapped("    - ", "      ", cost));
      wrapped("    ", "    ", "More: " + Described.of(chosen.method()).page());
    }
    list("How they go together", advice.together());
    list("Mind", advice.cautions());
    section("Not these");
    for (Advice.NotChosen not : advice.notChosen()) {
      String name = "  " + Described.of(not.method()).name();
      wrapped(name + " ".repeat(2 + NAMES - name.length()), " ".repeat(2 + NAMES), not.why());
    }
    section("gatehouse.yaml");
    lines.add("");
    advice.configuration().lines().forEach(lines::add);
    section("Then");
    for (Advice.Step step : advice.steps()) {
      if (step.isCommand()) {
        command(step.text());
      } else {
        wrapped("  ", "  ", step.text());
      }
    }
  }

  private void list(String title, List<String> sentences) {
    if (!sentences.isEmpty()) {
      section(title);
      sentences.forEach(sentence -> wrapped("  - ", "    ", sentence));
    }
  }

  private void code(ClientCode code) {
    heading(
        Described.of(code.method()).name() + " in " + code.language().title() + ": " + code.file());
    lines.add("");
    code.text().lines().forEach(lines::add);
    lines.add("");
  }

  private void section(String title) {
    lines.add("");
    heading(title);
  }

  private void heading(String title) {
    lines.add(title);
    lines.add("-".repeat(title.length()));
  }

  // A shell reads on after a backslash at the end of a line.
  private void command(String text) {
    String[] parts = text.split(" (?=--)", -1);
    StringBuilder line = new StringBuilder("  ");
    String rest = "";
    for (String part : parts) {
      if (line.length() + 1 + part.length() + 2 > COLUMNS) {
        lines.add(line + " \\");
        line = new StringBuilder("    ");
        rest = "";
      }
      line.append(rest).append(part);
      rest = " ";
    }
    lines.add(line.toString());
  }

  private void wrapped(String first, String following, String text) {
    lines.addAll(wrap(first, following, text));
  }

  /// A text in lines of at most 80 columns, unless a word is longer.
  ///
  /// @param first before the first line
  /// @param following before each of the others
  public static List<String> wrap(String first, String following, String text) {
    List<String> wrapped = new ArrayList<>();
    StringBuilder line = new StringBuilder(first);
    boolean begun = false;
    for (String word : text.split(" ", -1)) {
      if (begun && line.length() + 1 + word.length() > COLUMNS) {
        wrapped.add(line.toString());
        line = new StringBuilder(following);
        begun = false;
      }
      line.append(begun ? " " : "").append(word);
      begun = true;
    }
    wrapped.add(line.toString());
    return wrapped;
  }
}
