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

/// A request target in the form in which it is signed: "Create a canonical request" in Amazon's IAM
/// User Guide (Elements of an AWS API request signature), for every service but S3.
///
/// The canonical form says less than the target: it loses dot segments, the order of the query, and
/// whether a character was encoded. What it loses, somebody on the way could change without
/// breaking the signature. So [#parse] lets pass only what is forwarded alike whichever of the
/// targets with this canonical form was sent, up to four things that servers read alike: the order
/// of parameters with different names, `a` for `a=`, an encoded character of the query for the same
/// one as it is, and a question mark with nothing behind it.
///
/// @param path normalised, and each segment encoded once more than it was sent
/// @param query sorted, and encoded in one way
record CanonicalTarget(String path, String query) {

  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final int MAX_PARAMETERS = 500;

  /// The canonical form of a target as it was sent, if the signature can speak for what the gate
  /// forwards.
  static CanonicalTarget parse(String target) throws MalformedSignatureException {
    int mark = target.indexOf('?');
    String path = mark < 0 ? target : target.substring(0, mark);
    String query = mark < 0 ? "" : target.substring(mark + 1);
    String normalised = normalised(path);
    try {
      // Signers remove dot segments and leave encoded ones, which the gate removes too: then the
      // signed path does not say which path is forwarded (`/a/%2e%2e/../b` is signed as `/a/b`).
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

  /// The path without dot segments and empty ones, as signers normalise it (RFC 3986 §5.2.4): what
  /// is encoded stays as it is.
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

  /// The text with every byte but the unreserved ones (RFC 3986 §2.3) and the slash encoded: a
  /// percent sign too.
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

  /// The query as it is signed, whether or not it is one that [#parse] takes.
  static String canonical(String query) throws MalformedSignatureException {
    return joined(parameters(query));
  }

  private record Parameter(String name, String value) {}

  // In the order in which they were sent, encoded in one way.
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
    // A form's decoder reads a plus sign as a space, others don't, and signers are of both kinds;
    // some servers split at a semicolon. Encoded, both are what they are to everybody.
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

  // By name and then by value, each by code point: encoded, they are nothing but ASCII.
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
    // RFC 3986 §2.3: what stays as it is; the rest in upper-case hexadecimal digits.
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
