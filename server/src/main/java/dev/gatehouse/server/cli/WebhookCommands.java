package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse webhook …`.
@Command(
    name = "webhook",
    description = "Adds, lists, rotates and revokes the secrets that vendors sign events with.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class WebhookCommands extends CommandGroup {

  private static final CredentialView KEYS = SignatureKeyCommands.KEYS;

  /// The secret, if the gate does not make it.
  static final class Secret {

    @Option(
        names = "--secret-file",
        paramLabel = "FILE",
        description =
            "the vendor's secret; -: the first line of standard input; none: the gate makes one,"
                + " where the vendor takes it")
    private @Nullable String file;

    void addTo(JsonObject body) {
      if (file != null) {
        body.put("secret", SignatureKeyCommands.secret(file));
      }
    }
  }

  @Command(
      name = "add",
      description = "Adds a secret to a webhook that a route names.",
      mixinStandardHelpOptions = true)
  void add(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "as the route names the webhook") String name,
      @Mixin TermsOptions terms,
      @Option(names = "--expires", paramLabel = "WHEN", description = TermsOptions.WHEN + "never")
          @Nullable String expires,
      @Mixin Secret secret) {
    JsonObject body = terms.of(name, expires).put("webhook", name);
    secret.addTo(body);
    KEYS.print(gate, KEYS.issue(gate, body));
  }

  @Command(
      name = "list",
      description = "Lists the secrets of webhooks.",
      mixinStandardHelpOptions = true)
  void list(@Mixin RunningGate gate) {
    KEYS.list(
        gate,
        KEYS.all(gate, null).stream().filter(key -> key.getString("webhook") != null).toList());
  }

  @Command(
      name = "rotate",
      description = "Adds a successor of a secret. Both count for the overlap.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Mixin Secret secret,
      @Option(
              names = "--overlap",
              paramLabel = "TIME",
              defaultValue = "1d",
              description = "how long both count: 0s, 12h, 1d … (default: ${DEFAULT-VALUE})")
          String overlap) {
    JsonObject body = new JsonObject().put("overlapSeconds", KeyCommands.span(overlap).toSeconds());
    secret.addTo(body);
    KEYS.printRotated(gate, id, body);
  }

  @Command(
      name = "revoke",
      description = "Refuses a secret for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    KEYS.revoke(gate, id);
  }
}
