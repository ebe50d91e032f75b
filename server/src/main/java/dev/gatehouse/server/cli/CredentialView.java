package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What commands do with one kind of issued credential, by its calls of the admin API: list, show,
/// rotate and revoke. A kind says what it shows of its own.
abstract class CredentialView {

  private final String calls;
  private final String rotation;
  private final @Nullable String secret;
  private final List<String> headings;

  /// @param calls the path of the list, as `/keys`
  /// @param rotation the last segment of the call that issues a successor
  /// @param secret the member of an answer that is shown once; null: the kind has none
  /// @param headings of the columns that the kind adds to a list
  CredentialView(String calls, String rotation, @Nullable String secret, String... headings) {
    this.calls = calls;
    this.rotation = rotation;
    this.secret = secret;
    this.headings = List.of(headings);
  }

  /// What stands under the headings of the kind.
  abstract List<String> cells(JsonObject credential);

  /// Adds rows between the owner and the state.
  void addAboveState(Table table, JsonObject credential) {}

  /// Adds rows between the state and the scopes.
  void addBelowState(Table table, JsonObject credential) {}

  /// What is shown in the place of the secret where that is not shown; null: nothing.
  @Nullable String hint(JsonObject credential) {
    return null;
  }

  final String path(String id) {
    return calls + "/" + RunningGate.segment(id);
  }

  /// Issues one, and answers with it.
  final JsonObject issue(RunningGate gate, JsonObject body) {
    return gate.post(calls, body);
  }

  /// Issues a successor, and answers with it.
  final JsonObject rotate(RunningGate gate, String id, JsonObject body) {
    return gate.post(path(id) + "/" + rotation, body);
  }

  /// Issues a successor, and prints it and when the old one ends.
  final void printRotated(RunningGate gate, String id, JsonObject body) {
    print(gate, rotate(gate, id, body));
    if (!gate.wantsJson()) {
      String end = KeyCommands.time(gate.get(path(id)).getString("expiresAt"));
      gate.out().println("The old key, " + id + ", ends at " + end + ".");
      gate.out().flush();
    }
  }

  final void show(RunningGate gate, String id) {
    print(gate, gate.get(path(id)));
  }

  final void revoke(RunningGate gate, String id) {
    print(gate, gate.post(path(id) + "/revoke", new JsonObject()));
  }

  /// Those of that account, or (null) all of them.
  final List<JsonObject> all(RunningGate gate, @Nullable String owner) {
    return gate.items(calls, owner == null ? "" : "&owner=" + RunningGate.segment(owner));
  }

  final void list(RunningGate gate, List<JsonObject> credentials) {
    if (gate.wantsJson()) {
      gate.printJson(credentials);
      return;
    }
    Table table =
        new Table(
            row(
                List.of("ID", "NAME", "OWNER"),
                headings,
                "STATE",
                "SCOPES",
                "EXPIRES",
                "LAST USED"));
    AccountNames names = AccountNames.of(gate);
    for (JsonObject one : credentials) {
      table.add(
          row(
              List.of(one.getString("id"), one.getString("name"), names.of(one.getString("owner"))),
              cells(one),
              state(one),
              AccountCommands.words(one.getJsonArray("scopes")),
              KeyCommands.time(one.getString("expiresAt")),
              KeyCommands.time(one.getString("lastUsedAt"))));
    }
    table.print(gate.out());
  }

  private static String[] row(List<String> first, List<String> ofKind, String... last) {
    List<String> row = new ArrayList<>(first);
    row.addAll(ofKind);
    row.addAll(List.of(last));
    return row.toArray(String[]::new);
  }

  final void print(RunningGate gate, JsonObject one) {
    if (gate.wantsJson()) {
      gate.printJson(one);
      return;
    }
    Table table = new Table("id", one.getString("id"));
    table.add("name", one.getString("name"));
    JsonObject owner = gate.get("/accounts/" + RunningGate.segment(one.getString("owner")));
    table.add("owner", owner.getString("name"));
    addAboveState(table, one);
    table.add("state", state(one));
    String revoked = one.getString("revokedAt");
    if (revoked != null) {
      table.add("revoked", KeyCommands.time(revoked));
    }
    addBelowState(table, one);
    table.add("scopes", AccountCommands.words(one.getJsonArray("scopes")));
    table.add("networks", AccountCommands.words(one.getJsonArray("networks")));
    Integer rate = one.getInteger("requestsPerMinute");
    table.add("rate", rate == null ? "unlimited" : rate + " a minute");
    table.add("expires", KeyCommands.time(one.getString("expiresAt")));
    table.add("last used", KeyCommands.time(one.getString("lastUsedAt")));
    if (one.getString("successor") != null) {
      table.add("successor", one.getString("successor"));
    }
    String text = secret == null ? null : one.getString(secret);
    String shown = text == null ? hint(one) : text;
    if (secret != null && shown != null) {
      table.add(secret, shown);
    }
    table.print(gate.out());
    if (text != null) {
      gate.out().println();
      gate.out().println("Keep the " + secret + " now: it is not shown again.");
      gate.out().flush();
    }
  }

  /// What an issued credential is now, in one word.
  static String state(JsonObject credential) {
    if (credential.getString("revokedAt") != null) {
      return "revoked";
    }
    String expires = credential.getString("expiresAt");
    boolean expired = expires != null && !Instant.now().isBefore(Instant.parse(expires));
    return expired ? "expired" : credential.getString("successor") != null ? "rotated" : "active";
  }
}
