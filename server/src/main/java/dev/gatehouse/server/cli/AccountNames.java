package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The names of all accounts, by their ids: for lists that people read.
record AccountNames(Map<String, String> byId) {

  /// Those of the running gate.
  static AccountNames of(RunningGate gate) {
    Map<String, String> names = new HashMap<>();
    for (String kind : List.of("person", "service")) {
      for (JsonObject account : gate.items("/accounts", "&kind=" + kind)) {
        names.put(account.getString("id"), account.getString("name"));
      }
    }
    return new AccountNames(names);
  }

  /// The name of the account of that id, or the id itself.
  String of(String id) {
    return byId.getOrDefault(id, id);
  }
}
