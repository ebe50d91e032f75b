package dev.gatehouse;

import dev.gatehouse.secret.LoggedText;
import java.util.List;

/// Why a signature does not match, for an administrator: never sent to the caller.
///
/// @param signed what the gate computed the signature over, with the values of the query masked
/// @param hints what probably went wrong, the likeliest first
public record Explanation(String signed, List<String> hints) {

  /// Copies the list.
  public Explanation {
    hints = List.copyOf(hints);
  }

  /// The same, without what may be a secret of the gate ([LoggedText]).
  Explanation withoutSecrets() {
    return new Explanation(LoggedText.of(signed), hints.stream().map(LoggedText::of).toList());
  }
}
