package dev.gatehouse.server.signin;

import dev.gatehouse.AuthRequest;
import dev.gatehouse.BrowserDetection;
import dev.gatehouse.json.Json;
import dev.gatehouse.server.listen.PercentEncoding;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// A request to a path of the sign-in with its parameters, which come from a form, a JSON body or
/// the query. Its text form is that of the request, without the parameters.
final class FormRequest {

  /// Reports a wrong parameter. The message is for the client.
  static final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
      super(message);
    }
  }

  private static final int MAX_PAIRS = 32;
  private static final int MAX_AGENT = 200;

  private final AuthRequest request;
  private final Map<String, Object> filledIn;

  private FormRequest(AuthRequest request, Map<String, Object> filledIn) {
    this.request = request;
    this.filledIn = filledIn;
  }

  /// Reads the query of a request without a body. A parameter that is repeated or can't be decoded
  /// is refused when it is read, and ignored otherwise (RFC 6749 §4.1.2).
  static FormRequest reading(AuthRequest request) {
    return new FormRequest(request, pairs(request.query(), true));
  }

  /// Reads the body of a request: a form or JSON, as its `Content-Type` says. Throws
  /// [BadInputException].
  static FormRequest writing(AuthRequest request, String body) {
    List<String> types = request.fields().values("Content-Type");
    if (types.size() > 1) {
      throw new BadInputException("Say once what the body is"); // RFC 9110 §8.3: one type
    }
    String type =
        types.isEmpty() ? "" : types.getFirst().split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return new FormRequest(
        request,
        switch (type) {
          case "application/json" -> json(body);
          case "application/x-www-form-urlencoded" -> pairs(body, false);
          case "" -> {
            if (body.isEmpty()) {
              yield Map.of();
            }
            throw new BadInputException(WHAT_TO_SEND);
          }
          default -> throw new BadInputException(WHAT_TO_SEND);
        });
  }

  private static final String WHAT_TO_SEND =
      "Say what the body is: Content-Type: application/json, or"
          + " application/x-www-form-urlencoded";

  private static Map<String, Object> json(String body) {
    Map<String, Object> filledIn = new HashMap<>();
    Json.object(body)
        .orElseThrow(() -> new BadInputException(Json.REFUSAL_DETAIL))
        .forEach(
            (name, value) -> {
              if (value != null) {
                filledIn.put(name, value);
              }
            });
    return filledIn;
  }

  // A parameter that can't be read. Its name may be one that is never asked for.
  private record Unreadable(String why) {}

  // WHATWG URL §5.1, application/x-www-form-urlencoded.
  private static Map<String, Object> pairs(String text, boolean ignoresUnknown) {
    Map<String, Object> pairs = new HashMap<>();
    int count = 0;
    for (String part : text.split("&", -1)) {
      if (part.isEmpty() || part.equals("=")) {
        continue;
      }
      if (++count > MAX_PAIRS) {
        throw new BadInputException("A form has at most " + MAX_PAIRS + " fields here");
      }
      int equals = part.indexOf('=');
      String name = equals < 0 ? part : part.substring(0, equals);
      try {
        name = decoded(name);
        String value = decoded(equals < 0 ? "" : part.substring(equals + 1));
        if (pairs.put(name, value) != null) {
          throw new BadInputException("A field is filled in twice");
        }
      } catch (BadInputException unreadable) {
        if (!ignoresUnknown) {
          throw unreadable;
        }
        pairs.put(name, new Unreadable(String.valueOf(unreadable.getMessage())));
      }
    }
    return pairs;
  }

  private static String decoded(String text) {
    try {
      return PercentEncoding.decode(text);
    } catch (IllegalArgumentException broken) {
      throw new BadInputException("A percent-encoding is broken, or is not that of UTF-8");
    }
  }

  AuthRequest request() {
    return request;
  }

  /// The parameter of that name; empty if it is missing. Throws [BadInputException] if it is
  /// repeated, can't be decoded, or is no string.
  Optional<String> optional(String name) {
    return switch (filledIn.get(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case Unreadable(String why) -> throw new BadInputException(why);
      default -> throw new BadInputException("'" + name + "' must be a string");
    };
  }

  /// The parameter of that name; throws [BadInputException] if it is missing, or as [#optional]
  /// does.
  String text(String name) {
    return optional(name).orElseThrow(() -> new BadInputException("'" + name + "' is missing"));
  }

  /// All parameters that can be read, in the form of the OAuth SDK.
  Map<String, List<String>> parameters() {
    Map<String, List<String>> parameters = new HashMap<>();
    filledIn.forEach(
        (name, value) -> {
          if (!(value instanceof Unreadable)) {
            parameters.put(name, List.of(String.valueOf(value)));
          }
        });
    return parameters;
  }

  /// The sign-in name: an e-mail address or a user name. Throws [BadInputException] if there is
  /// none.
  String signInName() {
    return optional("email").or(() -> optional("username")).orElseGet(() -> text("email"));
  }

  /// Whether a browser will show the answer to a person.
  boolean wantsPage() {
    return BrowserDetection.isNavigation(request);
  }

  /// The `User-Agent`, shortened.
  String agent() {
    List<String> agents = request.fields().values("User-Agent");
    String agent = agents.isEmpty() ? "" : agents.getFirst();
    return agent.length() > MAX_AGENT ? agent.substring(0, MAX_AGENT) : agent;
  }

  @Override
  public String toString() {
    return request.toString();
  }
}
