package dev.gatehouse.search;

/// Where the fuzzer enters. It calls the two methods by their names.
public final class FuzzEntry {

  private static Target target = Target.PATH;

  private FuzzEntry() {}

  /// Takes the id of the target.
  public static void fuzzerInitialize(String[] arguments) {
    target = Target.of(arguments[0]);
  }

  /// Takes one input.
  public static void fuzzerTestOneInput(byte[] input) throws Exception {
    target.check(input);
  }
}
