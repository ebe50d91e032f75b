package dev.gatehouse.client;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Builds the text that an HTTP Message Signature signs (RFC 9421 §2.5).
final class SignatureBase {

  private static final Set<String> DERIVED_COMPONENTS =
      Set.of(
          "@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query");

  // RFC 9421 §2.1: a field's name, in lower case; RFC 9110 §5.6.2: what a name is made of
  private static final Pattern FIELD_NAME = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]{1,64}");

  private SignatureBase() {}

  /// Returns that component name if it is supported.
  ///
  /// @throws IllegalArgumentException otherwise
  static String checked(String component) {
    if (!DERIVED_COMPONENTS.contains(component) && !FIELD_NAME.matcher(component).matches()) {
      throw new IllegalArgumentException(
          "A component is the name of a field, in lower case, or one of " + DERIVED_COMPONENTS);
    }
    return component;
  }

  /// Returns the signature base for those parameters.
  ///
  /// @param added the fields that are added together with the signature
  /// @throws IllegalArgumentException if a covered field is missing
  static String of(
      OutgoingRequest request, Map<String, String> added, SignatureParameters parameters) {
    StringBuilder base = new StringBuilder();
    for (String component : parameters.covered()) {
      base.append('"')
          .append(component)
          .append("\": ")
          .append(value(component, request, added))
          .append('\n');
    }
    return base.append("\"@signature-params\": ").append(parameters.text()).toString();
  }

  private static String value(
      String component, OutgoingRequest request, Map<String, String> added) {
    return switch (component) {
      case "@method" -> request.method(); // §2.2.1
      case "@target-uri" -> scheme(request) + "://" + request.authority() + request.target();
      case "@authority" -> request.authority(); // §2.2.3
      case "@scheme" -> scheme(request); // §2.2.4
      case "@request-target" -> request.target(); // §2.2.5, in origin form
      case "@path" -> request.path(); // §2.2.6
      // §2.2.7: with its question mark, which stands alone when there is none
      case "@query" ->
          "?" + (request.uri().getRawQuery() == null ? "" : request.uri().getRawQuery());
      default -> field(component, request, added);
    };
  }

  private static String scheme(OutgoingRequest request) {
    return request.uri().getScheme().toLowerCase(Locale.ROOT);
  }

  // RFC 9421 §2.1: all values without leading and trailing space, joined by a comma and a space
  private static String field(String name, OutgoingRequest request, Map<String, String> added) {
    for (Map.Entry<String, String> field : added.entrySet()) {
      if (field.getKey().equalsIgnoreCase(name)) {
        return field.getValue();
      }
    }
    List<String> values = request.fields().allValues(name);
    if (values.isEmpty()) {
      throw new IllegalArgumentException(
          "The signature covers the field " + name + ", which the request does not have");
    }
    if (!values.stream().allMatch(value -> value.chars().allMatch(SignatureBase::plain))) {
      throw new IllegalArgumentException(
          "The signature covers the field " + name + ", whose value is not ASCII");
    }
    return values.stream().map(String::strip).collect(Collectors.joining(", "));
  }

  private static boolean plain(int c) {
    return (c >= ' ' && c < 0x7F) || c == '\t';
  }
}
