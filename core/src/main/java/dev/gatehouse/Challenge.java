package dev.gatehouse;

import java.util.Map;
import java.util.stream.Collectors;

/// One challenge of a `WWW-Authenticate` field (RFC 9110 §11.6.1).
///
/// @param scheme the authentication scheme
/// @param parameters in their order; values are sent as quoted strings
public record Challenge(String scheme, Map<String, String> parameters) {

  /// A challenge with a realm only (RFC 9110 §11.5).
  public static Challenge of(String scheme, String realm) {
    return new Challenge(scheme, Map.of("realm", realm));
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
