package dev.gatehouse.server.cli;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.choose.Caller;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.config.Nearest;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `gatehouse`, on the command line.
@Command(
    name = "gatehouse",
    description = "Proves who is calling your API.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      CheckCommand.class,
      ChooseCommand.class,
      AccountCommands.User.class,
      AccountCommands.Service.class,
      KeyCommands.class,
      CertificateCommands.class,
      SignatureKeyCommands.class,
      WebhookCommands.class,
      SignCommand.class,
      ExplainCommand.class,
      ReportCommand.class,
      InviteCommands.class,
      SessionCommands.class,
      TokenCommands.class
    })
public final class Main extends CommandGroup {

  static final int USAGE = 2;
  static final int FAILED = 1;

  private static final Map<String, String> EXIT_CODES =
      new TreeMap<>(
          Map.of(
              "0", "done",
              "1", "failed; standard error says why",
              "2", "used wrongly"));

  private Main() {}

  /// Runs a command and ends the process with its exit code: 0 done, 1 failed, 2 used wrongly.
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    tellExitCodes(commandLine);
    return commandLine
        .registerConverter(Integer.class, Values::wholeNumber)
        .registerConverter(Caller.class, Values::caller)
        .registerConverter(Language.class, Values::language)
        .setExecutionStrategy(Main::run)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              if (failure instanceof StartupException || failure instanceof CommandException) {
                return complain(command.getErr(), String.valueOf(failure.getMessage()), FAILED);
              }
              throw failure;
            })
        .setParameterExceptionHandler(
            (wrong, arguments) -> {
              CommandLine command = wrong.getCommandLine();
              if (wrong instanceof CommandLine.UnmatchedArgumentException unmatched) {
                String typed = unmatched.getUnmatched().getFirst();
                complain(command.getErr(), unknown(command, typed), USAGE);
                meant(command, typed)
                    .ifPresent(near -> command.getErr().println("Did you mean: " + near + "?"));
              } else {
                complain(command.getErr(), String.valueOf(wrong.getMessage()), USAGE);
              }
              command
                  .getErr()
                  .println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
              return USAGE;
            });
  }

  // Picocli forgives words that it does not know where help is asked for.
  private static int run(CommandLine.ParseResult parsed) {
    for (CommandLine command : parsed.asCommandLineList()) {
      if (!command.getUnmatchedArguments().isEmpty()) {
        throw new CommandLine.UnmatchedArgumentException(command, command.getUnmatchedArguments());
      }
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static void tellExitCodes(CommandLine command) {
    command.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n");
    command.getCommandSpec().usageMessage().exitCodeList(EXIT_CODES);
    command.getSubcommands().values().forEach(Main::tellExitCodes);
  }

  private static String unknown(CommandLine command, String typed) {
    if (typed.startsWith("-")) {
      return "there is no option '" + typed + "'";
    }
    return command.getSubcommands().isEmpty()
        ? "'" + typed + "' is a word too many"
        : "there is no command '" + inGroup(command, typed) + "'";
  }

  private static String inGroup(CommandLine command, String word) {
    String above = command.getCommandSpec().qualifiedName().replaceFirst("^gatehouse ?", "");
    return above.isEmpty() ? word : above + " " + word;
  }

  // Picocli suggests words that have little in common with what was typed.
  private static Optional<String> meant(CommandLine command, String typed) {
    if (typed.startsWith("-")) {
      return Nearest.to(typed, command.getCommandSpec().optionsMap().keySet());
    }
    return Nearest.to(typed, command.getSubcommands().keySet()).map(near -> inGroup(command, near));
  }

  private static int complain(PrintWriter err, String message, int exitCode) {
    err.println("gatehouse: " + message);
    err.flush();
    return exitCode;
  }

  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"gatehouse " + (version == null ? "(not packaged)" : version)};
    }
  }
}
