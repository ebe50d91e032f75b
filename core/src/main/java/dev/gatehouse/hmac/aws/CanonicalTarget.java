package dev.gatehouse.hmac.aws;

import dev.gatehouse.Reason;
import dev.gatehouse.hmac.MalformedSignatureException;
import dev.gatehouse.route.RequestPath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// The path and the query of a request target in the form that AWS Signature Version 4 signs (IAM
/// User Guide, "Create a canonical request"), for every service other than S3.
///
/// Many targets have the same canonical form: it drops dot segments, the order of the query, and
/// the difference between an encoded and a plain character. A third party could change these
/// without breaking the signature. So [#parse] refuses a target unless all targets with its
/// canonical form are forwarded alike. Four differences remain, which servers treat alike:
///
/// - the order of query parameters with different names;
/// - `a` and `a=`;
/// - an encoded character in the query and the same character in plain;
/// - a question mark at the end, with no query.
///
/// @param path the normalized path, with each segment encoded once more than it was sent
/// @param query the query, sorted, with one way of encoding
record CanonicalTarget(String path, String query) {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final int MAX_PARAMETERS = 500;

  /// Returns the canonical form of a target. Throws if the signature of that form does not
  /// determine what the gate forwards.
  static CanonicalTarget parse(String target) throws MalformedSignatureException {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    String normalised = normalised(path);
    try {
      // Signers remove dot segments but keep encoded ones. The gate removes both. So for some
      // paths, the signed path is not the path that is forwarded: /a/%2e%2e/../b is signed as /a/b.
      if (!RequestPath.parse(normalised).path().equals(RequestPath.parse(target).path())) {
        throw new MalformedSignatureException(
            Reason.MALFORMED_REQUEST,
            "Send the path without dot segments: the one that is signed is not the one that is"
                + " meant");
      }
    } catch (RequestPath.MalformedTargetException malformed) {
      throw new MalformedSignatureException(
          Reason.MALFORMED_REQUEST, Objects.requireNonNull(malformed.getMessage()));
    }
    List<Parameter> parameters = parameters(query);
    checkUnambiguous(query, parameters);
    return new CanonicalTarget(encoded(normalised), joined(parameters));
  }

  /// Removes dot segments and empty segments, as signers do (RFC 3986 §5.2.4). Percent-encodings
  /// stay as they are.
  static String normalised(String path) {
    Deque<String> segments = new ArrayDeque<>();
    boolean open = true;
    for (String segment : path.split("/", -1)) {
      open = segment.isEmpty() || segment.equals(".") || segment.equals("..");
      if (segment.equals("..")) {
        segments.pollLast();
      } else if (!open) {
        segments.addLast(segment);
      }
    }
    return segments.isEmpty() ? "/" : "/" + String.join("/", segments) + (open ? "/" : "");
  }

  /// Percent-encodes every byte that is not an unreserved character (RFC 3986 §2.3) or a slash. A
  /// percent sign is encoded too.
  static String encoded(String path) {
    StringBuilder encoded = new StringBuilder(path.length() + 16);
    for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
      if (b == '/') {
        encoded.append('/');
      } else {
        encode(b, encoded);
      }
    }
    return encoded.toString();
  }

  /// The canonical form of a query. Does not check whether [#parse] accepts the query.
  static String canonical(String query) throws MalformedSignatureException {
    return joined(parameters(query));
  }

  private record Parameter(String name, String value) {}

  // In the order of the request, with one way of encoding.
  private static List<Parameter> parameters(String query) throws MalformedSignatureException {
    List<Parameter> parameters = new ArrayList<>();
    if (query.isEmpty()) {
      return parameters;
    }
    for (String pair : query.split("&", MAX_PARAMETERS + 1)) {
      if (pair.isEmpty() || parameters.size() == MAX_PARAMETERS) {
        throw new MalformedSignatureException(
            Reason.MALFORMED_REQUEST,
            "The query must have at most " + MAX_PARAMETERS + " parameters, none of them empty");
      }
      int equals = pair.indexOf('=');
      parameters.add(
          new Parameter(
              reencoded(equals < 0 ? pair : pair.substring(0, equals)),
              equals < 0 ? "" : reencoded(pair.substring(equals + 1))));
    }
    return parameters;
  }

  private static void checkUnambiguous(String query, List<Parameter> parameters)
      throws MalformedSignatureException {
    // Some decoders and some signers read a plus sign as a space, and others do not. Some servers
    // split the query at a semicolon. If both characters are encoded, all agree.
    if (query.indexOf('+') >= 0 || query.indexOf(';') >= 0) {
      throw new MalformedSignatureException(
          Reason.MALFORMED_REQUEST,
          "The query of a request that is signed like this holds neither a plus sign nor a"
              + " semicolon as it is: write %20 for a space, %2B for a plus sign, %3B for a"
              + " semicolon");
    }
    Map<String, String> last = new HashMap<>();
    for (Parameter parameter : parameters) {
      String before = last.put(parameter.name, parameter.value);
      if (before != null && before.compareTo(parameter.value) > 0) {
        throw new MalformedSignatureException(
            Reason.MALFORMED_REQUEST,
            "The signature does not say in which order a repeated query parameter stands: send the"
                + " values of each sorted by code point");
      }
    }
  }

  // Sorted by name, then by value, by code point. The encoded texts are ASCII.
  private static String joined(List<Parameter> parameters) {
    return parameters.stream()
        .sorted(Comparator.comparing(Parameter::name).thenComparing(Parameter::value))
        .map(parameter -> parameter.name + "=" + parameter.value)
        .collect(Collectors.joining("&"));
  }

  private static String reencoded(String text) throws MalformedSignatureException {
    StringBuilder encoded = new StringBuilder(text.length() + 16);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '%') {
        if (i + 2 >= bytes.length
            || !HexFormat.isHexDigit(bytes[i + 1])
            || !HexFormat.isHexDigit(bytes[i + 2])) {
          throw new MalformedSignatureException(
              Reason.MALFORMED_REQUEST, "The query holds an incomplete percent-encoding");
        }
        encode(
            (byte)
                (HexFormat.fromHexDigit(bytes[i + 1]) * 16 + HexFormat.fromHexDigit(bytes[i + 2])),
            encoded);
        i += 2;
      } else {
        encode(bytes[i], encoded);
      }
    }
    return encoded.toString();
  }

  private static void encode(byte b, StringBuilder to) {
    // RFC 3986 §2.3: unreserved characters stay. The others use upper-case digits (§2.1).
    if ((b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '.'
        || b == '_'
        || b == '~') {
      to.append((char) b);
    } else {
      to.append('%').append(HEX.toHexDigits(b));
    }
  }
}
