package dev.gatehouse.server.choose;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// The answers to the questions of the tree.
///
/// @param callers at least one, in the order of the question
/// @param person whether the API must know for which person a call is made
/// @param instantRevocation whether what is revoked must be refused at once, wherever it is
///   verified
/// @param stateless whether no server may keep something for each sign-in
public record Needs(
    Set<Caller> callers, boolean person, boolean instantRevocation, boolean stateless) {

  /// Throws [IllegalArgumentException] if there is no caller.
  public Needs {
    if (callers.isEmpty()) {
      throw new IllegalArgumentException("somebody has to call");
    }
    callers = Collections.unmodifiableSet(EnumSet.copyOf(callers));
  }

  boolean includes(Caller caller) {
    return callers.contains(caller);
  }
}
