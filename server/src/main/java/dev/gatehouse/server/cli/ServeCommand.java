package dev.gatehouse.server.cli;

import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.config.ConfigReader;
import dev.gatehouse.server.config.ConfigReading;
import dev.gatehouse.server.config.GatehouseConfig;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `gatehouse serve`: a gate in front of the user's own API.
@Command(
    name = "serve",
    description = "Serves a gate in front of your API.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Runnable {

  private static final int DEFAULT_PORT = 8443;

  static final class Source {

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "the configuration, as gatehouse.yaml")
    private @Nullable Path file;

    @ArgGroup(exclusive = false)
    private @Nullable Upstream upstream;
  }

  static final class Upstream {

    @Option(
        names = "--upstream",
        paramLabel = "URL",
        required = true,
        description = "the API, as http://127.0.0.1:3000: every request to it needs an API key")
    private URI url = URI.create("http://127.0.0.1");

    @Option(
        names = "--port",
        paramLabel = "PORT",
        description = "where to listen on loopback; 0: any free port (default: 8443)")
    private int port = DEFAULT_PORT;

    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "the data folder (default: gatehouse-data)")
    private Path data = Path.of("gatehouse-data");
  }

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    GatehouseConfig config = config();
    Running.untilStopped(
        () -> Wiring.start(config),
        gate -> {
          out.println("Gatehouse listens on " + gate.address);
          config
              .routes()
              .forEach(
                  route ->
                      out.println(
                          "  "
                              + route.host().orElse("")
                              + route.path()
                              + " → "
                              + route.upstream()));
          if (gate.caFile != null) {
            out.println(
                "  with a development certificate: clients trust "
                    + gate.caFile
                    + " (curl --cacert)");
          }
          out.println(
              "The administrator's key is in "
                  + gate.folder.file(RunningGate.FILE)
                  + "; issue a first API key with");
          out.println("  ./gatehouse service add my-app --data " + gate.folder.path());
          out.println("  ./gatehouse key add first --owner my-app --data " + gate.folder.path());
          out.flush();
        });
  }

  private GatehouseConfig config() {
    Upstream upstream = source.upstream;
    return upstream == null
        ? read(Objects.requireNonNull(source.file))
        : GatehouseConfig.forUpstream(upstream.url, upstream.port, upstream.data);
  }

  /// The configuration in that file; throws [StartupException] with every problem on a line.
  static GatehouseConfig read(Path file) {
    return switch (ConfigReader.read(file)) {
      case ConfigReading.Valid(GatehouseConfig config) -> config;
      case ConfigReading.Invalid invalid ->
          throw new StartupException(
              "the configuration has "
                  + (invalid.problems().size() == 1
                      ? "a problem"
                      : invalid.problems().size() + " problems")
                  + invalid.problems().stream()
                      .map(problem -> "\n  " + problem)
                      .collect(Collectors.joining()));
    };
  }
}
