package dev.gatehouse.server.config;

import java.util.List;

/// The result of reading a configuration.
public sealed interface ConfigReading {

  /// It can be served.
  ///
  /// @param warnings settings that are allowed and probably not meant, in the order of the file
  record Valid(GatehouseConfig config, List<ConfigProblem> warnings) implements ConfigReading {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /// It cannot; at least one problem, in the order of the file.
  record Invalid(List<ConfigProblem> problems) implements ConfigReading {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
