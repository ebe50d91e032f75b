package dev.gatehouse.hmac.message;

import dev.gatehouse.hmac.MalformedSignatureException;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.Parameters;
import org.greenbytes.http.sfv.StringItem;

/// One component that a signature covers, by its identifier (RFC 9421 §2).
///
/// None of more than one parameter is understood, so that each has one way to be written.
///
/// @param name of a field, in lower case, or of a derived component, with its `@`
/// @param form in which the value is taken
/// @param argument of the form: the dictionary's key, or the query parameter's name; else empty
record CoveredComponent(String name, Form form, String argument) {

  /// How a component's value comes to be.
  enum Form {
    /// As it stands (RFC 9421 §2.1, §2.2).
    PLAIN(""),
    /// Parsed and written again (§2.1.1).
    STRUCTURED("sf"),
    /// One member of a dictionary (§2.1.2).
    MEMBER("key"),
    /// Each line as bytes (§2.1.3).
    BYTES("bs"),
    /// One parameter of the query (§2.2.8).
    QUERY_PARAMETER("name");

    private final String parameter;

    Form(String parameter) {
      this.parameter = parameter;
    }
  }

  private static final int MAX_FIELD_NAME_CHARS = 128;

  private static final String QUERY_PARAM = "@query-param";

  // What can be derived of a request (RFC 9421 §2.2).
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

  /// A component without parameters, named in the settings; throws [IllegalArgumentException] when
  /// there is none of that name.
  static CoveredComponent plain(String name) {
    try {
      return of(StringItem.valueOf(name));
    } catch (MalformedSignatureException unknown) {
      throw new IllegalArgumentException(unknown.getMessage(), unknown);
    }
  }

  /// The component that an item of a signature's list identifies.
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
        // RFC 9421 §2.1.1, §2.1.3: flags, which are there or not.
        if (!takesText && value instanceof BooleanItem flag && flag.get()) {
          return new CoveredComponent(identifier.get(), form, "");
        }
      }
    }
    throw unknown(identifier);
  }

  // `;req` belongs to a response (RFC 9421 §2.4), as `@status` does (§2.2.9). `;tr` is of trailers
  // (§2.1.4), which come after the decision; `@signature-params` is never listed (§2.3).
  private static MalformedSignatureException unknown(StringItem identifier) {
    return new MalformedSignatureException(
        "The component " + identifier.serialize() + " is not understood here");
  }

  // RFC 9110 §5.6.2, in the lower case of RFC 9421 §2.1.
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

  /// Whether the whole of that is covered by this: a member of a dictionary leaves its rest open.
  boolean covers(String whole) {
    return name.equals(whole) && form != Form.MEMBER && form != Form.QUERY_PARAMETER;
  }

  /// The identifier as it stands in a signature base (RFC 9421 §2.5).
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

  /// Whether it is a header field.
  boolean isField() {
    return !name.startsWith("@");
  }
}
