package dev.gatehouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The header fields of a request. An implementation must be immutable and thread-safe, and must
/// not block.
@FunctionalInterface
public interface HeaderFields {

  /// Returns the values of all field lines of that name in their order. They are not split at
  /// commas and not joined. Names are compared without regard to case (RFC 9110 §5.1).
  ///
  /// @return empty if there is no such field; never null
  List<String> values(String name);

  /// Returns the fields of a map, such as servlet containers and the JDK's server provide. Copies
  /// the map.
  static HeaderFields of(Map<String, List<String>> fields) {
    Map<String, List<String>> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    fields.forEach(
        (name, values) ->
            byName
                .computeIfAbsent(name.toLowerCase(Locale.ROOT), absent -> new ArrayList<>())
                .addAll(values));
    return name -> List.copyOf(byName.getOrDefault(name, List.of()));
  }
}
