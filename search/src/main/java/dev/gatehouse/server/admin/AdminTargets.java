package dev.gatehouse.server.admin;

import dev.gatehouse.search.Inputs;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// The bodies of the admin API.
public final class AdminTargets {

  private AdminTargets() {}

  /// A body. Each member is read as each type.
  public static void body(byte[] input) {
    JsonInput body;
    try {
      body = JsonInput.read(Inputs.utf8(input), Set.of("a", "b"));
    } catch (JsonInput.BadInputException refused) {
      return;
    }
    List<Consumer<String>> types =
        List.of(
            body::has,
            body::text,
            body::optionalText,
            body::flag,
            body::optionalNumber,
            body::optionalInstant,
            body::texts,
            body::networks);
    for (Consumer<String> type : types) {
      try {
        type.accept("a");
      } catch (JsonInput.BadInputException refused) {
        // the declared refusal
      }
    }
  }
}
