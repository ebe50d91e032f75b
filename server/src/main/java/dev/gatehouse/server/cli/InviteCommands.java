package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse invite …`.
@Command(
    name = "invite",
    description = "Invites people who sign in with a provider, and takes invitations back.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class InviteCommands extends CommandGroup {

  @Command(
      name = "add",
      description = "Makes a one-time link; whoever signs in by it gets an account.",
      mixinStandardHelpOptions = true)
  void add(
      @Mixin RunningGate gate,
      @Option(
              names = "--email",
              paramLabel = "ADDRESS",
              description = "that the provider must have verified; none: whoever comes first")
          @Nullable String email,
      @Option(names = "--role", paramLabel = "ROLE", description = "may be repeated")
          @Nullable List<String> roles,
      @Option(names = "--scope", paramLabel = "SCOPE", description = "may be repeated")
          @Nullable List<String> scopes,
      @Option(
              names = "--expires",
              paramLabel = "TIME",
              defaultValue = "7d",
              description = "how long it is good: 12h, 7d … (default: ${DEFAULT-VALUE})")
          String life) {
    JsonObject body =
        new JsonObject()
            .put("roles", AccountCommands.array(roles))
            .put("scopes", AccountCommands.array(scopes))
            .put("lifeSeconds", KeyCommands.span(life).toSeconds());
    if (email != null) {
      body.put("email", email);
    }
    JsonObject invitation = gate.post("/invitations", body);
    if (gate.wantsJson()) {
      gate.printJson(invitation);
      return;
    }
    gate.out().println(invitation.getString("link"));
    gate.out()
        .println(
            "It works once, until "
                + KeyCommands.time(invitation.getString("expiresAt"))
                + ". Give it to "
                + whom(invitation, "the person")
                + " alone: it is not shown again.");
    gate.out().flush();
  }

  @Command(name = "list", description = "Lists invitations.", mixinStandardHelpOptions = true)
  void list(@Mixin RunningGate gate) {
    List<JsonObject> invitations = gate.items("/invitations", "");
    if (gate.wantsJson()) {
      gate.printJson(invitations);
      return;
    }
    AccountNames names = AccountNames.of(gate);
    Table table = new Table("ID", "FOR", "STATE", "ROLES", "SCOPES", "EXPIRES", "ACCEPTED BY");
    for (JsonObject invitation : invitations) {
      String account = invitation.getString("account");
      table.add(
          invitation.getString("id"),
          whom(invitation, "anybody"),
          account != null ? "accepted" : invitation.getBoolean("live") ? "open" : "over",
          AccountCommands.words(invitation.getJsonArray("roles")),
          AccountCommands.words(invitation.getJsonArray("scopes")),
          KeyCommands.time(invitation.getString("expiresAt")),
          account == null ? "-" : names.of(account));
    }
    table.print(gate.out());
  }

  private static String whom(JsonObject invitation, String anybody) {
    String email = invitation.getString("email");
    return email == null ? anybody : email;
  }

  @Command(
      name = "withdraw",
      aliases = "revoke",
      description = "Takes back an invitation that nobody has accepted.",
      mixinStandardHelpOptions = true)
  void withdraw(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject withdrawn =
        gate.post("/invitations/" + RunningGate.segment(id) + "/withdraw", new JsonObject());
    if (gate.wantsJson()) {
      gate.printJson(withdrawn);
      return;
    }
    gate.out().println("The invitation " + id + " is good for nobody any more.");
    gate.out().flush();
  }
}
