package dev.gatehouse.server.cli;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.Authenticator;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Method;
import dev.gatehouse.Outcome;
import dev.gatehouse.PeerCertificates;
import dev.gatehouse.Policy;
import dev.gatehouse.Presented;
import dev.gatehouse.RequestBody;
import dev.gatehouse.Scopes;
import dev.gatehouse.route.RequestPath;
import dev.gatehouse.route.Route;
import dev.gatehouse.server.assembly.Assembly;
import dev.gatehouse.server.assembly.ListenSettings;
import dev.gatehouse.server.assembly.Rehearsal;
import dev.gatehouse.server.config.ConfigReading;
import dev.gatehouse.server.config.GatehouseConfig;
import dev.gatehouse.server.config.RouteConfig;
import dev.gatehouse.server.gateway.Gateway;
import dev.gatehouse.server.listen.MessageForm;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `gatehouse check`: what `serve` would say of a configuration, and what the configuration lets
/// in.
@Command(
    name = "check",
    description = {
      "Checks a configuration as serve does, and prints its routes.",
      "Names every problem with its line. Warns of settings that let in more than is probably"
          + " meant. The routes stand in the order in which they are matched."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {

  private static final Comparator<Map.Entry<String, Scopes>> REST_LAST =
      Comparator.<Map.Entry<String, Scopes>, Boolean>comparing(
              entry -> entry.getKey().equals(Policy.ANY_OTHER))
          .thenComparing(Map.Entry::getKey);

  // No route names it (RFC 6761 §6.4).
  private static final String OTHER_HOST = "any-other-host.invalid";

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      defaultValue = ServeCommand.DEFAULT_FILE,
      description = "the configuration (default: ${DEFAULT-VALUE})")
  private Path file = Path.of(ServeCommand.DEFAULT_FILE);

  @Option(names = "--strict", description = "fail on a warning, too")
  private boolean strict;

  @Option(
      names = "--as",
      arity = "2",
      paramLabel = "METHOD PATH",
      hideParamSyntax = true,
      description = "print which route takes this request and what it asks of the caller")
  private @Nullable List<String> as;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "the host that the request of --as names (default: one that no route names)")
  private @Nullable String host;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (host != null && as == null) {
      throw new ParameterException(spec.commandLine(), "--host goes with --as METHOD PATH");
    }
    if (as != null && as.size() != 2) {
      throw new ParameterException(spec.commandLine(), "--as METHOD PATH names one request");
    }
    PrintWriter out = spec.commandLine().getOut();
    ConfigReading.Valid read = ServeCommand.read(file);
    GatehouseConfig config = read.config();
    try (Rehearsal rehearsal = Rehearsal.of(config)) {
      if (as == null) {
        int routes = config.routes().size();
        out.println(file + " is good: " + routes + (routes == 1 ? " route" : " routes"));
        printRoutes(config, out);
      } else {
        printMatch(config, rehearsal.gate(), as.get(0), as.get(1), out);
      }
    }
    if (read.warnings().isEmpty()) {
      return 0;
    }
    spec.commandLine()
        .getErr()
        .println(ServeCommand.told(read.warnings(), "a warning", "warnings"));
    spec.commandLine().getErr().flush();
    return strict ? Main.FAILED : 0;
  }

  private static void printRoutes(GatehouseConfig config, PrintWriter out) {
    Table table = new Table("HOST", "PATH", "ACCEPTS", "REQUIRES");
    for (Route<RouteConfig> route : config.matching().all()) {
      table.add(
          Optional.ofNullable(route.host()).orElse("any"),
          route.path(),
          accepted(route.destination()),
          required(route.destination()));
    }
    table.print(out);
  }

  private void printMatch(
      GatehouseConfig config, Assembly gate, String method, String target, PrintWriter out) {
    String authority = Objects.requireNonNullElse(host, OTHER_HOST);
    MessageForm form = MessageForm.of(method, authority, target, ListenSettings.limits(config));
    if (form.refusal().isPresent()) {
      out.println("400: " + form.refusal().get());
      return;
    }
    RequestPath path;
    try {
      path = RequestPath.parse(form.target());
    } catch (RequestPath.MalformedTargetException malformed) {
      out.println("400: " + malformed.getMessage());
      return;
    }
    if (gate.gateway().servesItself(path.path())) {
      out.println("The gate itself answers " + path.path() + ".");
      return;
    }
    Optional<Route<RouteConfig>> match = config.matching().match(form.host(), path.path());
    if (match.isEmpty()) {
      out.println("404: no route takes " + path.path() + ".");
      return;
    }
    Route<RouteConfig> route = match.get();
    AuthRequest request =
        new AuthRequest(
            method,
            "https",
            authority,
            target,
            HeaderFields.of(Map.of()),
            InetAddress.getLoopbackAddress(),
            PeerCertificates.NONE,
            RequestBody.NONE);
    Optional<String> secret = secretInAddress(gate, request, path.path(), route.policy());
    if (secret.isPresent()) {
      out.println("400: " + secret.get());
      return;
    }
    Optional<Scopes> required = route.policy().requiredScopes(method);
    out.println("route     " + Optional.ofNullable(route.host()).orElse("") + route.path());
    out.println("upstream  " + route.destination().upstream() + path.path());
    out.println("accepts   " + accepted(route.destination()));
    out.println(
        "requires  "
            + required
                .map(scopes -> scopes.isEmpty() ? "no scope" : scopes.toString())
                .orElse("what no caller has: 'require' does not list " + method + " (403)"));
  }

  private static Optional<String> secretInAddress(
      Assembly gate, AuthRequest request, String path, Policy policy) {
    if (gate.gateway().holdsOwnSecret(request, path)) {
      return Optional.of(Gateway.OWN_SECRET);
    }
    for (Authenticator authenticator : gate.authenticators()) {
      Outcome.Rejected misplaced = authenticator.rejectMisplaced(request);
      if (misplaced != null) {
        return Optional.of(misplaced.detail());
      }
      // The request has no field in which a credential could stand.
      if (policy.accepts(authenticator.method())
          && authenticator.find(request, policy)
              instanceof Presented.Malformed(var _, Outcome.Rejected rejected)) {
        return Optional.of(rejected.detail());
      }
    }
    return Optional.empty();
  }

  private static String accepted(RouteConfig route) {
    return switch (route.accept()) {
      case RouteConfig.Public() -> "public";
      case RouteConfig.AnyOf(List<List<Method>> alternatives) ->
          alternatives.stream()
                  .map(all -> all.stream().map(Method::id).collect(Collectors.joining(" and ")))
                  .collect(Collectors.joining(", "))
              + route
                  .webhook()
                  .map(
                      webhook ->
                          " (webhook " + webhook.name() + " of " + webhook.vendor().id() + ")")
                  .orElse("");
    };
  }

  private static String required(RouteConfig route) {
    return route.require().entrySet().stream()
        .sorted(REST_LAST)
        .map(
            entry ->
                entry.getKey()
                    + ": "
                    + (entry.getValue().isEmpty() ? "no scope" : entry.getValue().toString()))
        .collect(Collectors.joining("; "));
  }
}
