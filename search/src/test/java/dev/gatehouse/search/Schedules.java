package dev.gatehouse.search;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/// Runs the operations of a class in two threads, in many schedules. Lincheck decides at each
/// access to shared memory which thread goes on, and prints the schedule in which an operation
/// answers what the specification does not allow, or in which the threads wait for each other.
///
/// `-Dsearch.scenarios=N` tries N scenarios, which are orders of operations, and
/// `-Dsearch.schedules=N` tries N schedules of each.
final class Schedules {

  private static final int COUNT = Integer.getInteger("search.schedules", 25);

  private static final int SCENARIOS = Integer.getInteger("search.scenarios", 2);

  private Schedules() {}

  /// Throws [AssertionError] for the first schedule that the specification does not allow.
  ///
  /// @param operations whose methods with `Operation` are called
  /// @param specification the same methods, as they answer one after another
  static void search(Class<?> operations, Class<?> specification) {
    new ModelCheckingOptions()
        .iterations(SCENARIOS)
        .invocationsPerIteration(COUNT)
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .sequentialSpecification(specification)
        .check(operations);
  }
}
