package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.Parameters;
import org.greenbytes.http.sfv.StringItem;

/// The identifier of a component that a signature covers (RFC 9421 §2).
///
/// An identifier with more than one parameter is refused, so each component has one spelling.
/// Immutable.
///
/// @param name the name of a field in lower case, or of a derived component with its `@`
/// @param form how the value of the component is taken from the request
/// @param argument the argument of the form: the key of a dictionary member, or the name of a query
///   parameter; empty for the other forms
record CoveredComponent(String name, Form form, String argument) {

  /// How the value of a component is taken from the request.
  enum Form {
    /// The value itself (RFC 9421 §2.1, §2.2).
    PLAIN(""),
    /// A structured field, parsed and serialized again: parameter `sf` (§2.1.1).
    STRUCTURED("sf"),
    /// One member of a dictionary: parameter `key` (§2.1.2).
    MEMBER("key"),
    /// Each line as a byte sequence: parameter `bs` (§2.1.3).
    BYTES("bs"),
    /// One parameter of the query: parameter `name` of `@query-param` (§2.2.8).
    QUERY_PARAMETER("name");

    private final String parameter;

    Form(String parameter) {
      this.parameter = parameter;
    }
  }

  private static final int MAX_FIELD_NAME_CHARS = 128;

  private static final String QUERY_PARAM = "@query-param";

  // The components that can be derived from a request (RFC 9421 §2.2).
  private static final Set<String> DERIVED_COMPONENTS =
      Set.of(
          "@method",
          "@target-uri",
          "@authority",
          "@scheme",
          "@request-target",
          "@path",
          "@query",
          QUERY_PARAM);

  /// A component without parameters, as settings name it. Throws [IllegalArgumentException] if
  /// there is no component with this name.
  static CoveredComponent plain(String name) {
    try {
      return of(StringItem.valueOf(name));
    } catch (MalformedSignatureException unknown) {
      throw new IllegalArgumentException(unknown.getMessage(), unknown);
    }
  }

  /// Parses an item in the list of covered components. Throws if it is not a string, if its name or
  /// parameter is unknown, or if it has more than one parameter.
  static CoveredComponent of(Item<?> identifier) throws MalformedSignatureException {
    if (!(identifier instanceof StringItem text)) {
      throw new MalformedSignatureException("A signature covers components named by strings");
    }
    String name = text.get();
    Parameters parameters = text.getParams();
    if (parameters.size() > 1) {
      throw new MalformedSignatureException(
          "The component " + text.serialize() + " has more parameters than are understood here");
    }
    CoveredComponent component = new CoveredComponent(name, Form.PLAIN, "");
    for (Map.Entry<String, Item<?>> parameter : parameters.entrySet()) {
      component = with(text, parameter.getKey(), parameter.getValue());
    }
    boolean known =
        name.startsWith("@")
            ? DERIVED_COMPONENTS.contains(name)
                && (component.form == Form.QUERY_PARAMETER) == name.equals(QUERY_PARAM)
                && (component.form == Form.PLAIN) != name.equals(QUERY_PARAM)
            : isFieldName(name) && component.form != Form.QUERY_PARAMETER;
    if (!known) {
      throw unknown(text);
    }
    return component;
  }

  private static CoveredComponent with(StringItem identifier, String parameter, Item<?> value)
      throws MalformedSignatureException {
    for (Form form : Form.values()) {
      if (form != Form.PLAIN && form.parameter.equals(parameter)) {
        boolean takesText = form == Form.MEMBER || form == Form.QUERY_PARAMETER;
        if (takesText && value instanceof StringItem text) {
          return new CoveredComponent(identifier.get(), form, text.get());
        }
        // RFC 9421 §2.1.1, §2.1.3: sf and bs are Boolean flags.
        if (!takesText && value instanceof BooleanItem flag && flag.get()) {
          return new CoveredComponent(identifier.get(), form, "");
        }
      }
    }
    throw unknown(identifier);
  }

  // Not understood: `;req` and `@status`, which are for signatures of responses (RFC 9421 §2.4,
  // §2.2.9); `;tr`, because trailers arrive after the decision (§2.1.4); `@signature-params`, which
  // is never in the list (§2.3).
  private static MalformedSignatureException unknown(StringItem identifier) {
    return new MalformedSignatureException(
        "The component " + identifier.serialize() + " is not understood here");
  }

  // RFC 9110 §5.6.2: a token. RFC 9421 §2.1: in lower case.
  private static boolean isFieldName(String name) {
    if (name.isEmpty() || name.length() > MAX_FIELD_NAME_CHARS) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (!((c >= 'a' && c <= 'z')
          || (c >= '0' && c <= '9')
          || "!#$%&'*+-.^_`|~".indexOf(c) >= 0)) {
        return false;
      }
    }
    return true;
  }

  /// Returns true if this component covers the whole value of that name. A member of a dictionary
  /// and a parameter of the query cover only a part.
  boolean covers(String whole) {
    return name.equals(whole) && form != Form.MEMBER && form != Form.QUERY_PARAMETER;
  }

  /// The identifier as the signature base contains it (RFC 9421 §2.5).
  String identifier() {
    StringItem text = StringItem.valueOf(name);
    return switch (form) {
      case PLAIN -> text.serialize();
      case STRUCTURED, BYTES ->
          text.withParams(Parameters.valueOf(Map.of(form.parameter, true))).serialize();
      case MEMBER, QUERY_PARAMETER ->
          text.withParams(Parameters.valueOf(Map.of(form.parameter, argument))).serialize();
    };
  }

  /// Returns true if this is a header field, and false if it is a derived component.
  boolean isField() {
    return !name.startsWith("@");
  }
}
