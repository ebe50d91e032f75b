package dev.gatehouse.server.cli;

import dev.gatehouse.server.config.GatehouseConfig;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gatehouse check`: what `serve` would say of a configuration, without serving it.
@Command(
    name = "check",
    description = "Checks a configuration and names every problem with its line.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Runnable {

  @Parameters(
      paramLabel = "FILE",
      defaultValue = "gatehouse.yaml",
      description = "the configuration (default: ${DEFAULT-VALUE})")
  private Path file = Path.of("gatehouse.yaml");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    GatehouseConfig config = ServeCommand.read(file);
    int routes = config.routes().size();
    spec.commandLine()
        .getOut()
        .println(file + " is good: " + routes + (routes == 1 ? " route" : " routes"));
  }
}
