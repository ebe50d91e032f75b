package dev.gatehouse;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1).
///
/// @param scheme the authentication scheme
/// @param parameters in their order; values are sent as quoted strings
public record Challenge(String scheme, Map<String, String> parameters) {

  /// Checks that nothing can break out of the field; throws [IllegalArgumentException].
  public Challenge {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (String value : parameters.values()) {
      // RFC 9110 §5.5: what a field value may hold, less what not everybody reads alike.
      if (value.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
        throw new IllegalArgumentException(
            "a challenge holds nothing but visible ASCII and spaces: name the realm with those");
      }
    }
  }

  /// A challenge with a realm only (RFC 9110 §11.5).
  public static Challenge of(String scheme, String realm) {
    return new Challenge(scheme, Map.of("realm", realm));
  }

  /// The same, with those parameters of the other that it has not.
  Challenge mergedWith(Challenge other) {
    Map<String, String> both = new LinkedHashMap<>(parameters);
    other.parameters.forEach(both::putIfAbsent);
    return new Challenge(scheme, both);
  }

  /// The field's form.
  @Override
  public String toString() {
    return parameters.entrySet().stream()
        .map(entry -> entry.getKey() + "=" + quoted(entry.getValue()))
        .collect(Collectors.joining(", ", parameters.isEmpty() ? scheme : scheme + " ", ""));
  }

  // RFC 9110 §5.6.4: a quoted-string escapes the quote and the backslash.
  private static String quoted(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
