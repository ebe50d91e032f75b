package dev.gatehouse.search;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// States what must hold for an input. Cheap enough to be asked some ten thousand times a second.
public final class Holds {

  private Holds() {}

  /// Throws [AssertionError] with that message unless the condition holds.
  public static void that(boolean condition, String message) {
    if (!condition) {
      throw new AssertionError(message);
    }
  }

  /// Throws [AssertionError] with both values unless they are equal.
  public static void equal(@Nullable Object actual, @Nullable Object expected) {
    if (!Objects.equals(actual, expected)) {
      throw new AssertionError("expected <" + expected + "> but was <" + actual + ">");
    }
  }
}
