package dev.gatehouse.server.cli;

import dev.gatehouse.server.choose.AdviceText;
import dev.gatehouse.server.choose.Caller;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.choose.Needs;
import dev.gatehouse.server.choose.Question;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Asks a person for the answers of the tree: numbers, and yes or no; `?` explains, and an empty
/// line takes the answer in brackets.
final class Questions {

  private static final int MAX_CHARS = 200;
  private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");

  private final BufferedReader in;
  private final PrintWriter out;

  Questions(BufferedReader in, PrintWriter out) {
    this.in = in;
    this.out = out;
  }

  /// Asks who calls and what they need. Throws [CommandException] when the input ends.
  Needs needs() {
    Set<Caller> callers = callers();
    boolean webhooksAlone = callers.equals(Set.of(Caller.WEBHOOKS));
    boolean person =
        !webhooksAlone && yes(Question.PERSON, callers.stream().anyMatch(Questions::isPeople));
    return new Needs(
        callers, person, yes(Question.INSTANT_REVOCATION, false), yes(Question.STATELESS, false));
  }

  private static boolean isPeople(Caller caller) {
    return caller == Caller.PAGE || caller == Caller.APP || caller == Caller.ELSEWHERE;
  }

  /// Asks in which language client code is wanted; empty: in none.
  Optional<Language> language() {
    Language[] languages = Language.values();
    out.println("In which language do you want client code?");
    for (int i = 0; i < languages.length; i++) {
      out.println("  " + (i + 1) + "  " + languages[i].title());
    }
    out.println("  0  none");
    while (true) {
      String answer = answer("A number [1]: ");
      Set<Integer> numbers = answer.isEmpty() ? Set.of(1) : numbers(answer, languages.length);
      if (numbers.size() == 1) {
        int number = numbers.iterator().next();
        return number == 0 ? Optional.empty() : Optional.of(languages[number - 1]);
      }
      out.println(
          "  Whole programs, one for each method. Type one number from 0 to "
              + languages.length
              + ".");
    }
  }

  private Set<Caller> callers() {
    Caller[] callers = Caller.values();
    out.println(Question.WHO);
    for (int i = 0; i < callers.length; i++) {
      out.println("  " + (i + 1) + "  " + callers[i].title());
    }
    while (true) {
      String answer = answer("Numbers, as in 1,3 [1]: ");
      if (answer.equals("?")) {
        for (int i = 0; i < callers.length; i++) {
          explain("  " + (i + 1) + "  ", callers[i].explanation());
        }
        continue;
      }
      Set<Integer> numbers = answer.isEmpty() ? Set.of(1) : numbers(answer, callers.length);
      if (!numbers.isEmpty() && !numbers.contains(0)) {
        Set<Caller> chosen = EnumSet.noneOf(Caller.class);
        numbers.forEach(number -> chosen.add(callers[number - 1]));
        out.println();
        return chosen;
      }
      out.println("  Type one or more numbers from 1 to " + callers.length + ", or ?.");
    }
  }

  private boolean yes(Question question, boolean otherwise) {
    out.println(question.words());
    while (true) {
      String answer =
          answer(otherwise ? "Yes or no [yes]: " : "Yes or no [no]: ").toLowerCase(Locale.ROOT);
      switch (answer) {
        case "" -> {
          out.println();
          return otherwise;
        }
        case "y", "yes" -> {
          out.println();
          return true;
        }
        case "n", "no" -> {
          out.println();
          return false;
        }
        case "?" -> explain("  ", question.explanation());
        default -> out.println("  Type yes or no, or ?.");
      }
    }
  }

  private void explain(String first, String text) {
    AdviceText.wrap(first, " ".repeat(first.length()), text).forEach(out::println);
  }

  /// The numbers that stand there; none where something else does.
  private static Set<Integer> numbers(String text, int highest) {
    Set<Integer> numbers = new TreeSet<>();
    for (String word : List.of(SEPARATOR.split(text))) {
      if (!word.matches("\\d{1,2}") || Integer.parseInt(word) > highest) {
        return Set.of();
      }
      numbers.add(Integer.parseInt(word));
    }
    return numbers;
  }

  private String answer(String prompt) {
    out.print(prompt);
    out.flush();
    try {
      StringBuilder line = new StringBuilder();
      int c = in.read();
      if (c < 0) {
        out.println();
        throw new CommandException(
            "the answers ended too soon; with --caller nothing is asked, as in: gatehouse choose"
                + " --caller programs,page");
      }
      for (; c >= 0 && c != '\n'; c = in.read()) {
        if (line.length() < MAX_CHARS) {
          line.append((char) c);
        }
      }
      return line.toString().strip();
    } catch (IOException failed) {
      throw new CommandException("standard input can't be read: " + failed.getMessage(), failed);
    }
  }
}
