package dev.gatehouse.server.cli;

import dev.gatehouse.server.StartupException;
import java.io.PrintWriter;
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

  private Main() {}

  /// Runs a command and ends the process with its exit code: 0 done, 1 failed, 2 used wrongly.
  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> {
              if (failure instanceof StartupException || failure instanceof CommandException) {
                return complain(command.getErr(), String.valueOf(failure.getMessage()), FAILED);
              }
              throw failure;
            })
        .setParameterExceptionHandler(
            (wrong, arguments) -> {
              complain(wrong.getCommandLine().getErr(), String.valueOf(wrong.getMessage()), USAGE);
              CommandLine.UnmatchedArgumentException.printSuggestions(
                  wrong, wrong.getCommandLine().getErr());
              wrong
                  .getCommandLine()
                  .getErr()
                  .println(
                      "Try '"
                          + wrong.getCommandLine().getCommandSpec().qualifiedName()
                          + " --help'.");
              return USAGE;
            });
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
