package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `gatehouse report`: who uses which method, so that one knows whom to tell when one ends.
@Command(
    name = "report",
    description = "Lists who uses which method, with which credential, since when and how often.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Runnable {

  @Mixin private RunningGate gate = new RunningGate();

  @Option(names = "--owner", paramLabel = "NAME", description = "only one person or service")
  private @Nullable String owner;

  @Option(names = "--method", paramLabel = "METHOD", description = "only one method, as basic")
  private @Nullable String method;

  @Option(
      names = "--route",
      paramLabel = "ROUTE",
      description = "only what was counted on a route that announces an end: [HOST]/PATH")
  private @Nullable String route;

  @Option(
      names = "--ending",
      description = "only methods on routes that announce their end: who still has to move on")
  private boolean ending;

  @Option(
      names = "--since",
      paramLabel = "WHEN",
      description = "only what was used since: 30d ago, 12h ago, 2027-01-31 or a time")
  private @Nullable String since;

  @Override
  public void run() {
    List<JsonObject> uses = new ArrayList<>(gate.items("/usage", query()));
    if (gate.wantsJson()) {
      gate.printJson(uses);
      return;
    }
    // Those of one owner stand together already.
    uses.sort(Comparator.comparing(ReportCommand::owner));
    Table table =
        new Table(
            "OWNER", "METHOD", "CREDENTIAL", "USES", "SINCE", "LAST USED", "ENDING ON", "SUNSET");
    for (JsonObject use : uses) {
      table.add(
          owner(use),
          use.getString("method"),
          orDash(use.getString("credential")),
          Long.toString(use.getLong("uses")),
          KeyCommands.time(use.getString("firstUsedAt")),
          KeyCommands.time(use.getString("lastUsedAt")),
          orDash(use.getString("deprecated") == null ? null : use.getString("route")),
          use.getString("sunset") == null ? "-" : KeyCommands.time(use.getString("sunset")));
    }
    table.print(gate.out());
  }

  private String query() {
    StringBuilder query = new StringBuilder();
    add(query, "owner", owner);
    add(query, "method", method);
    add(query, "route", route);
    add(query, "ending", ending ? "true" : null);
    add(query, "since", since == null ? null : KeyCommands.past(since).toString());
    return query.toString();
  }

  private static void add(StringBuilder query, String name, @Nullable String value) {
    if (value != null) {
      query.append('&').append(name).append('=').append(RunningGate.segment(value));
    }
  }

  private static String owner(JsonObject use) {
    String name = use.getString("ownerName");
    if (name != null) {
      return name;
    }
    String stranger = use.getString("owner");
    return stranger == null ? "(not told apart)" : visible(stranger);
  }

  // What a stranger's issuer calls them may hold anything, and would move the terminal.
  private static String visible(String text) {
    StringBuilder visible = new StringBuilder();
    text.codePoints().forEach(c -> visible.appendCodePoint(isVisible(c) ? c : '?'));
    return visible.toString();
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static String orDash(@Nullable String text) {
    return text == null ? "-" : text;
  }
}
