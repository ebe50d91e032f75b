package dev.gatehouse.server.config;

import java.util.List;

/// What came of reading a configuration.
public sealed interface ConfigReading {

  /// It can be served.
  record Valid(GatehouseConfig config) implements ConfigReading {}

  /// It cannot; at least one problem, in the order of the file.
  record Invalid(List<ConfigProblem> problems) implements ConfigReading {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
