package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse session …`.
@Command(
    name = "session",
    description = "Lists and ends the sessions of people who signed in.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class SessionCommands extends CommandGroup {

  @Command(name = "list", description = "Lists sessions.", mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "NAME", description = "only those of one person")
          @Nullable String owner) {
    List<JsonObject> sessions =
        gate.items("/sessions", owner == null ? "" : "&owner=" + RunningGate.segment(owner));
    if (gate.wantsJson()) {
      gate.printJson(sessions);
      return;
    }
    Table table = new Table("ID", "OWNER", "STATE", "BEGAN", "LAST USED", "FROM", "WITH");
    for (JsonObject session : sessions) {
      table.add(
          session.getString("id"),
          session.getString("ownerName"),
          session.getBoolean("live") ? "live" : "over",
          KeyCommands.time(session.getString("createdAt")),
          KeyCommands.time(session.getString("lastSeenAt")),
          session.getString("address"),
          session.getString("agent"));
    }
    table.print(gate.out());
  }

  @Command(
      name = "end",
      aliases = "revoke",
      description = "Ends a session, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void end(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject ended = gate.post("/sessions/" + RunningGate.segment(id) + "/end", new JsonObject());
    if (gate.wantsJson()) {
      gate.printJson(ended);
      return;
    }
    gate.out().println("The session " + id + " is over.");
    gate.out().flush();
  }
}
