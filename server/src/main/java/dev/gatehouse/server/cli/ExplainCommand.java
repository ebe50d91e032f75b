package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `gatehouse explain`: why a request was refused, which the client is not told.
@Command(
    name = "explain",
    description = "Tells why a request was refused, by the id in its problem document.",
    mixinStandardHelpOptions = true)
final class ExplainCommand implements Runnable {

  @Mixin private RunningGate gate = new RunningGate();

  @Parameters(paramLabel = "ID", description = "the member 'id' of the problem document")
  private String id = "";

  @Override
  public void run() {
    JsonObject refusal = gate.get("/refusals/" + RunningGate.segment(id));
    if (gate.wantsJson()) {
      gate.printJson(refusal);
      return;
    }
    Table table = new Table("id", refusal.getString("id"));
    table.add("refused", KeyCommands.time(refusal.getString("at")));
    table.add("with", refusal.getInteger("status") + " " + refusal.getString("code"));
    table.add("request", refusal.getString("request"));
    table.add("from", refusal.getString("peer"));
    table.add("told", refusal.getString("detail"));
    table.add("because", refusal.getString("cause"));
    PrintWriter out = gate.out();
    table.print(out);
    if (refusal.containsKey("signed")) {
      out.println();
      out.println("The gate computed the signature over this text (values of the query masked):");
      out.println();
      // The last line may be empty, and belongs to the text all the same.
      for (String line : refusal.getString("signed").split("\n", -1)) {
        out.println("  | " + line);
      }
      out.println();
      out.println("What goes wrong:");
      JsonArray hints = refusal.getJsonArray("hints");
      hints.forEach(hint -> out.println("  - " + hint));
    }
    out.flush();
  }
}
