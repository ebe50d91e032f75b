package dev.gatehouse;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The header fields of a request, as a method's room reads them: by name, every line of it.
@FunctionalInterface
public interface HeaderFields {

  /// The values of every field line of that name, in their order, neither split at commas nor
  /// joined; empty when there is none. Names are compared without regard to case (RFC 9110 §5.1).
  List<String> values(String name);

  /// Fields from a map, as servlet containers and the JDK's own server give them.
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
