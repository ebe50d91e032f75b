package dev.gatehouse.hmac.message;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.hmac.MaskedQuery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.greenbytes.http.sfv.ByteSequenceItem;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.OuterList;
import org.jspecify.annotations.Nullable;

/// Builds the signature base of a request (RFC 9421 §2.5): one line for each covered component with
/// its value, and a last line with the signature parameters.
///
/// A value must be ASCII without line breaks. So no request can be written to have the signature
/// base of another one. Not thread-safe; does not block.
final class SignatureBase {

  // The types of the fields that may be covered with `;sf`. The type of another field is unknown,
  // and without it the field cannot be serialized (RFC 9421 §2.1.1).
  private static final Map<String, StructuredField.Kind> STRUCTURED_FIELDS =
      Map.of(
          "accept-signature", StructuredField.Kind.DICTIONARY, // RFC 9421 §5.1
          "cache-status", StructuredField.Kind.LIST, // RFC 9211 §2
          "client-cert", StructuredField.Kind.ITEM, // RFC 9440 §2.2
          "client-cert-chain", StructuredField.Kind.LIST, // RFC 9440 §2.3
          "content-digest", StructuredField.Kind.DICTIONARY, // RFC 9530 §2
          "priority", StructuredField.Kind.DICTIONARY, // RFC 9218 §4
          "proxy-status", StructuredField.Kind.LIST, // RFC 9209 §2
          "repr-digest", StructuredField.Kind.DICTIONARY, // RFC 9530 §3
          "signature", StructuredField.Kind.DICTIONARY, // RFC 9421 §4.2
          "signature-input", StructuredField.Kind.DICTIONARY); // RFC 9421 §4.1

  private static final String MASK = "***";

  private static final Set<String> UNMASKED_FIELDS =
      Set.of("host", "date", "content-type", "content-length", "content-digest", "accept");

  private final AuthRequest request;

  // Parsed once, when the first component needs them. A query or a field may be long, and a
  // signature may cover many parts of it.
  private @Nullable QueryParameters query;
  private final Map<String, Map<String, ListElement<?>>> members;

  private SignatureBase(AuthRequest request, Map<String, Map<String, ListElement<?>>> members) {
    this.request = request;
    this.members = members;
  }

  /// A builder for this request. It reads the request when [#text] is called.
  static SignatureBase of(AuthRequest request) {
    return new SignatureBase(request, new HashMap<>());
  }

  /// A builder for the same request with another scheme or another target.
  SignatureBase with(String scheme, String target) {
    AuthRequest other =
        new AuthRequest(
            request.method(),
            scheme,
            request.authority(),
            target,
            request.fields(),
            request.peer(),
            request.certificates(),
            request.body());
    SignatureBase base = new SignatureBase(other, members);
    base.query = target.equals(request.target()) ? query : null;
    return base;
  }

  /// Returns the signature base. Throws if the request lacks a component, or if a value is not
  /// ASCII.
  String text(SignatureParameters parameters) throws MalformedSignatureException {
    StringBuilder base = new StringBuilder(512);
    for (CoveredComponent component : parameters.components()) {
      String identifier = component.identifier();
      String value = value(component);
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if ((c < 0x20 && c != '\t') || c >= 0x7f) {
          throw new MalformedSignatureException(
              "The value of " + identifier + " is not ASCII, and can be signed with ;bs alone");
        }
      }
      base.append(identifier).append(": ").append(value).append('\n');
    }
    return base.append("\"@signature-params\": ").append(parameters.text()).toString();
  }

  /// Returns the signature base for administrators. The values of the query are masked, and so are
  /// the values of fields that may hold a secret.
  String masked(SignatureParameters parameters) {
    SignatureBase values = with(request.scheme(), MaskedQuery.target(request));
    StringBuilder shown = new StringBuilder(512);
    for (CoveredComponent component : parameters.components()) {
      String value = MASK;
      if (component.isField()
          ? UNMASKED_FIELDS.contains(component.name())
          : component.form() == CoveredComponent.Form.PLAIN) {
        try {
          value = values.value(component);
        } catch (MalformedSignatureException lacking) {
          value = "(none)";
        }
      }
      shown.append(component.identifier()).append(": ").append(value).append('\n');
    }
    return shown.append("\"@signature-params\": ").append(parameters.text()).toString();
  }

  private String value(CoveredComponent component) throws MalformedSignatureException {
    return switch (component.name()) {
      case "@method" -> request.method(); // RFC 9421 §2.2.1
      case "@target-uri" -> scheme(request) + "://" + authority(request) + origin(request);
      case "@authority" -> authority(request);
      case "@scheme" -> scheme(request);
      case "@request-target" -> request.target(); // §2.2.5: as it is in the request
      case "@path" -> {
        // §2.2.6: percent-encodings stay as they are
        origin(request);
        yield request.path();
      }
      case "@query" -> {
        // §2.2.7: the value of a request without a query is a question mark
        origin(request);
        yield "?" + request.query();
      }
      case "@query-param" -> {
        origin(request);
        if (query == null) {
          query = new QueryParameters(request.query());
        }
        yield query.value(component.argument());
      }
      default -> field(component);
    };
  }

  // RFC 9421 §2.2.4.
  private static String scheme(AuthRequest request) throws MalformedSignatureException {
    if (request.scheme().isEmpty()) {
      throw new MalformedSignatureException(
          "The scheme is signed, and the gate does not know by which the request came");
    }
    return request.scheme().toLowerCase(Locale.ROOT);
  }

  // RFC 9421 §2.2.3: normalized as in RFC 9110 §4.2.3, with the host in lower case and without the
  // default port of the scheme.
  private static String authority(AuthRequest request) throws MalformedSignatureException {
    String authority = request.authority().toLowerCase(Locale.ROOT);
    if (authority.isEmpty()) {
      throw new MalformedSignatureException(
          "The authority is signed, and the request names no host");
    }
    String ownPort =
        switch (request.scheme().toLowerCase(Locale.ROOT)) {
          case "https" -> ":443";
          case "http" -> ":80";
          default -> ":";
        };
    if (authority.endsWith(":")) {
      return authority.substring(0, authority.length() - 1);
    }
    return authority.endsWith(ownPort)
        ? authority.substring(0, authority.length() - ownPort.length())
        : authority;
  }

  // RFC 9112 §3.2.1: the origin form. In the other forms, path and query are a matter of
  // interpretation.
  private static String origin(AuthRequest request) throws MalformedSignatureException {
    if (!request.target().startsWith("/")) {
      throw new MalformedSignatureException(
          "The target is signed, and the request has none that begins with a slash");
    }
    return request.target();
  }

  private String field(CoveredComponent component) throws MalformedSignatureException {
    String name = component.name();
    List<String> lines = request.fields().values(name);
    if (lines.isEmpty()) {
      throw new MalformedSignatureException(
          "The signature covers the field " + name + ", which the request does not have");
    }
    return switch (component.form()) {
      case STRUCTURED -> {
        StructuredField.Kind kind = STRUCTURED_FIELDS.get(name);
        if (kind == null) {
          throw new MalformedSignatureException(
              "The gate does not know whether "
                  + name
                  + " is a structured field: sign it without"
                  + " ;sf");
        }
        yield StructuredField.parse(name, lines, kind).serialize();
      }
      case MEMBER -> {
        ListElement<?> member = members(name, lines).get(component.argument());
        if (member == null) {
          throw new MalformedSignatureException(
              "The signature covers "
                  + component.identifier()
                  + ", which the request does not have");
        }
        yield member.serialize();
      }
      case BYTES -> bytes(name, lines);
      case PLAIN, QUERY_PARAMETER -> joined(lines, name.equals("cookie") ? "; " : ", ");
    };
  }

  private Map<String, ListElement<?>> members(String dictionary, List<String> lines)
      throws MalformedSignatureException {
    Map<String, ListElement<?>> known = members.get(dictionary);
    if (known == null) {
      known = StructuredField.dictionary(dictionary, lines).get(); // a copy
      members.put(dictionary, known);
    }
    return known;
  }

  // RFC 9421 §2.1: the lines without the white space around them, joined by a comma and a space.
  // The lines of Cookie are parts of one value (RFC 9113 §8.2.3), so they are joined as they are
  // forwarded. No line is folded: HTTP/2 has no folding, and the parser of HTTP/1.1 refuses it (RFC
  // 9112 §5.2).
  private static String joined(List<String> lines, String separator) {
    if (lines.size() == 1) {
      return trimmed(lines.getFirst());
    }
    StringBuilder joined = new StringBuilder(trimmed(lines.getFirst()));
    for (String line : lines.subList(1, lines.size())) {
      joined.append(separator).append(trimmed(line));
    }
    return joined.toString();
  }

  // RFC 9421 §2.1.3.
  private static String bytes(String name, List<String> lines) throws MalformedSignatureException {
    List<ListElement<?>> sequences = new ArrayList<>();
    for (String line : lines) {
      String value = trimmed(line);
      if (value.chars().anyMatch(c -> c > 0xff)) {
        throw new MalformedSignatureException("The field " + name + " is no bytes");
      }
      Item<?> sequence = ByteSequenceItem.valueOf(value.getBytes(StandardCharsets.ISO_8859_1));
      sequences.add(sequence);
    }
    return OuterList.valueOf(sequences).serialize();
  }

  // RFC 9110 §5.5: spaces and tabs around a value are not a part of it.
  private static String trimmed(String line) {
    int start = 0;
    int end = line.length();
    while (start < end && isSpace(line.charAt(start))) {
      start++;
    }
    while (end > start && isSpace(line.charAt(end - 1))) {
      end--;
    }
    return line.substring(start, end);
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t';
  }
}
