package dev.gatehouse.server.cli;

import dev.gatehouse.Method;
import dev.gatehouse.server.StartupException;
import dev.gatehouse.server.assembly.AdminAccess;
import dev.gatehouse.server.assembly.Assembly;
import dev.gatehouse.server.config.ConfigProblem;
import dev.gatehouse.server.config.ConfigReader;
import dev.gatehouse.server.config.ConfigReading;
import dev.gatehouse.server.config.GatehouseConfig;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `gatehouse serve`: a gate in front of the user's own API.
@Command(
    name = "serve",
    description = "Serves a gate in front of your API.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Runnable {

  /// The configuration in the working directory, where none is named.
  static final String DEFAULT_FILE = "gatehouse.yaml";

  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
  private static final int DEFAULT_PORT = 8443;
  private static final Set<Method> PEOPLES = EnumSet.of(Method.BASIC, Method.JWT, Method.SESSION);

  @Option(
      names = "--upstream",
      paramLabel = "URL",
      description = "the API, as http://127.0.0.1:3000: every request to it needs a credential")
  private @Nullable String upstream;

  @Option(
      names = "--accept",
      paramLabel = "METHOD",
      split = ",",
      description =
          "what the API takes, with --upstream: apikey, basic, jwt, hmac, session, mtls; several with"
              + " commas (default: apikey)")
  private @Nullable List<String> accept;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      converter = Values.Port.class,
      description = "where to listen on loopback; 0: any free port (default: 8443)")
  private @Nullable Integer port;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "the data folder (default: $GATEHOUSE_DATA, or else gatehouse-data)")
  private @Nullable Path data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "the configuration, in place of the options above (default: gatehouse.yaml)")
  private @Nullable Path file;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    GatehouseConfig config = config();
    Running.untilStopped(
        () -> Assembly.start(config),
        gate -> {
          out.println("Gatehouse listens on " + gate.address());
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
          if (gate.developmentCaFile() != null) {
            out.println(
                "  with a development certificate: clients trust "
                    + gate.developmentCaFile()
                    + " (curl --cacert)");
          }
          out.println(
              "The administrator's key is in "
                  + gate.folder().file(AdminAccess.FILE)
                  + "; the first callers are made with");
          String gatehouse = "  " + Launcher.command();
          String inFolder = " --data " + DemoCommand.quoted(gate.folder().path().toString());
          if (config.accepted().stream().anyMatch(PEOPLES::contains)) {
            out.println(
                gatehouse
                    + " user add alice --email alice@example.com"
                    + scopes(config)
                    + inFolder);
            out.println(gatehouse + " user password alice" + inFolder);
          }
          out.println(gatehouse + " service add my-app" + scopes(config) + inFolder);
          out.println(gatehouse + " key add first --owner my-app" + inFolder);
          out.flush();
        },
        Assembly::close);
  }

  // What a first service needs to get somewhere: the scopes of the first route that wants any.
  private static String scopes(GatehouseConfig config) {
    return config.routes().stream()
        .flatMap(route -> route.require().values().stream())
        .filter(required -> !required.isEmpty())
        .findFirst()
        .map(required -> " --scope " + String.join(" --scope ", required.tokens()))
        .orElse("");
  }

  private GatehouseConfig config() {
    if (upstream != null && file != null) {
      throw used("say what to serve: --upstream URL, or --config FILE");
    }
    if (upstream != null) {
      try {
        return GatehouseConfig.forUpstream(
            upstream,
            Objects.requireNonNullElse(port, DEFAULT_PORT),
            Objects.requireNonNullElseGet(
                data,
                () -> Path.of(System.getenv().getOrDefault("GATEHOUSE_DATA", "gatehouse-data"))),
            accepted());
      } catch (IllegalArgumentException wrong) {
        throw used("--upstream " + wrong.getMessage());
      }
    }
    if (port != null || data != null || accept != null) {
      throw used(
          "--port, --data and --accept go with --upstream; with --config they stand in the file");
    }
    if (file == null && !Files.exists(Path.of(DEFAULT_FILE))) {
      throw used(
          "say what to serve: --upstream URL, or --config FILE (there is no "
              + DEFAULT_FILE
              + " in this folder)");
    }
    ConfigReading.Valid read = read(Objects.requireNonNullElse(file, Path.of(DEFAULT_FILE)));
    read.warnings().forEach(warning -> LOG.warn("{}", warning));
    return read.config();
  }

  private List<Method> accepted() {
    List<Method> methods = new ArrayList<>();
    for (String name : Objects.requireNonNullElse(accept, List.of(Method.API_KEY.id()))) {
      Method method =
          Method.of(name)
              .filter(GatehouseConfig.OWN_METHODS::contains)
              .orElseThrow(() -> used("'" + name + "' is none of " + GatehouseConfig.OWN_METHODS));
      if (!methods.contains(method)) {
        methods.add(method);
      }
    }
    return methods;
  }

  private ParameterException used(String wrongly) {
    return new ParameterException(spec.commandLine(), wrongly);
  }

  /// What the configuration in that file is; throws [StartupException] with every problem on a
  /// line.
  static ConfigReading.Valid read(Path file) {
    return switch (ConfigReader.read(file)) {
      case ConfigReading.Valid valid -> valid;
      case ConfigReading.Invalid invalid ->
          throw new StartupException(told(invalid.problems(), "a problem", "problems"));
    };
  }

  /// A line that counts them, and then each on a line.
  static String told(List<ConfigProblem> all, String one, String several) {
    return all.stream()
        .map(problem -> "\n  " + problem)
        .collect(
            Collectors.joining(
                "",
                "the configuration has " + (all.size() == 1 ? one : all.size() + " " + several),
                ""));
  }
}
