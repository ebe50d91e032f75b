package dev.gatehouse;

import dev.gatehouse.secret.LoggedText;
import java.util.List;

/// Explains to an administrator why a signature does not match. It is never sent to the caller.
/// Immutable.
///
/// @param signed the text that the gate computed the signature over, with masked query values
/// @param hints what probably went wrong, the most likely first
public record Explanation(String signed, List<String> hints) {

  /// Copies the list.
  public Explanation {
    hints = List.copyOf(hints);
  }

  /// Returns the same without anything that may be a secret of the gate ([LoggedText]).
  Explanation withoutSecrets() {
    return new Explanation(LoggedText.of(signed), hints.stream().map(LoggedText::of).toList());
  }
}
