package dev.gatehouse.search;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Checks a property for many generated cases.
///
/// Each run takes another seed, and a failure names the seed of its case. `-Dsearch.seed=SEED`
/// repeats that case alone; `-Dsearch.cases=N` checks N cases of each property.
final class Cases {

  private static final String SEED = "search.seed";
  private static final RandomGeneratorFactory<RandomGenerator> RANDOM =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private Cases() {}

  /// What must hold in a case.
  @FunctionalInterface
  interface Property {

    /// Makes a case of the random numbers, and throws when the property does not hold in it.
    void check(RandomGenerator random) throws Exception;
  }

  /// Throws [AssertionError] that names the seed of the first case in which the property does not
  /// hold.
  static void check(int cases, Property property) {
    Long only = Long.getLong(SEED);
    int count = only == null ? Integer.getInteger("search.cases", cases) : 1;
    long first = only == null ? System.nanoTime() : only;
    for (int i = 0; i < count; i++) {
      long seed = first + i;
      try {
        property.check(RANDOM.create(seed));
      } catch (Exception | Error failure) {
        throw new AssertionError(
            "The property does not hold in the case of -D" + SEED + "=" + seed, failure);
      }
    }
  }
}
