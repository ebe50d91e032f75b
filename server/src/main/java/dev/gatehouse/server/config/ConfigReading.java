package dev.gatehouse.server.config;

import java.util.List;

/// The result of reading a configuration.
public sealed interface ConfigReading {

  /// The configuration has no mistake.
  ///
  /// @param warnings settings that are valid and probably not meant, in the order of the file
  record Valid(GatehouseConfig config, List<ConfigProblem> warnings) implements ConfigReading {
    public Valid {
      warnings = List.copyOf(warnings);
    }
  }

  /// The configuration has mistakes: at least one, in the order of the file.
  record Invalid(List<ConfigProblem> problems) implements ConfigReading {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
