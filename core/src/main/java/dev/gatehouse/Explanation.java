package dev.gatehouse;

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
}
