package dev.gatehouse.server.cli;

import dev.gatehouse.server.choose.Advice;
import dev.gatehouse.server.choose.AdviceJson;
import dev.gatehouse.server.choose.AdviceText;
import dev.gatehouse.server.choose.Caller;
import dev.gatehouse.server.choose.DecisionTree;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.choose.Needs;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `gatehouse choose`: which methods to take. It needs no gate.
@Command(
    name = "choose",
    description = {
      "Advises which methods to take, with a configuration and client code.",
      "Without --caller it asks."
    },
    mixinStandardHelpOptions = true)
final class ChooseCommand implements Runnable {

  @Option(
      names = "--caller",
      paramLabel = "WHO",
      split = ",",
      description =
          "who calls: programs, page, app, elsewhere, webhooks, services, tools; several with commas")
  private @Nullable List<Caller> callers;

  @Option(names = "--person", description = "your API must know the person behind a call")
  private boolean person;

  @Option(
      names = "--instant-revocation",
      description = "what you revoke must be refused at once, everywhere")
  private boolean instantRevocation;

  @Option(names = "--stateless", description = "servers must do without state for each sign-in")
  private boolean stateless;

  @Option(
      names = "--language",
      paramLabel = "LANGUAGE",
      description = "client code in curl, javascript, python, java or go")
  private @Nullable Language language;

  @Option(
      names = "--json",
      description = "print JSON, with client code in all languages unless said")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (callers == null && (json || person || instantRevocation || stateless)) {
      throw new ParameterException(
          spec.commandLine(), "Say who calls, with --caller; or give no flags, and be asked");
    }
    Optional<Language> code = Optional.ofNullable(language);
    Needs needs;
    if (callers == null) {
      // As the terminal writes it
      Charset charset =
          Charset.forName(
              System.getProperty("stdin.encoding", Charset.defaultCharset().name()),
              Charset.defaultCharset());
      Questions questions =
          new Questions(new BufferedReader(new InputStreamReader(System.in, charset)), out);
      needs = questions.needs();
      code = code.isPresent() ? code : questions.language();
      out.println();
    } else {
      needs = new Needs(EnumSet.copyOf(callers), person, instantRevocation, stateless);
    }
    Advice advice = DecisionTree.advise(needs);
    out.print(
        json
            ? AdviceJson.of(advice, code).encodePrettily() + "\n"
            : AdviceText.of(advice, code)
                .replace("\n  " + Launcher.HERE + " ", "\n  " + Launcher.command() + " "));
    out.flush();
  }
}
