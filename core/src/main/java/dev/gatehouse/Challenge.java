package dev.gatehouse;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1). Immutable.
///
/// @param scheme the authentication scheme; not checked
/// @param parameters the parameters in their order. They are sent as quoted strings
public record Challenge(String scheme, Map<String, String> parameters) {

  /// Copies the parameters. Throws [IllegalArgumentException] if a value contains anything but
  /// printable ASCII, since it could end the field.
  public Challenge {
    parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    for (String value : parameters.values()) {
      // RFC 9110 §5.5: the characters of a field value, without tabs and those that recipients read
      // differently.
      if (value.chars().anyMatch(c -> c < 0x20 || c >= 0x7f)) {
        throw new IllegalArgumentException(
            "a challenge holds nothing but visible ASCII and spaces: name the realm with those");
      }
    }
  }

  /// A challenge with a realm and no other parameter (RFC 9110 §11.5).
  public static Challenge of(String scheme, String realm) {
    return new Challenge(scheme, Map.of("realm", realm));
  }

  /// Returns this challenge with those parameters of the other that it does not have itself.
  Challenge mergedWith(Challenge other) {
    Map<String, String> both = new LinkedHashMap<>(parameters);
    other.parameters.forEach(both::putIfAbsent);
    return new Challenge(scheme, both);
  }

  /// Returns the challenge as it is sent in the field.
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
