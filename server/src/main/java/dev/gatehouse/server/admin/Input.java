package dev.gatehouse.server.admin;

import dev.gatehouse.server.listen.PercentEncoding;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import org.jspecify.annotations.Nullable;

/// What a call of the admin API was given: a name in its path, a query, a body.
///
/// Every method throws [JsonInput.BadInputException] that says what is wrong.
public final class Input {

  private static final int DEFAULT_LIMIT = 100;
  private static final int MAX_LIMIT = 1_000;

  private final Matcher path;
  private final Map<String, String> query;
  private final String body;

  /// @param known the parameters that the query may hold
  Input(Matcher path, String query, Set<String> known, String body) {
    this.path = path;
    this.query = parameters(query, known);
    this.body = body;
  }

  /// The name in the path.
  String name() {
    return segment(1);
  }

  /// The second name in the path.
  String secondName() {
    return segment(2);
  }

  private String segment(int group) {
    return decoded(path.group(group).replace("+", "%2B")); // a plus sign in a path is a plus sign
  }

  /// A parameter of the query; null when it is not there.
  @Nullable String parameter(String name) {
    return query.get(name);
  }

  /// How long a page shall be.
  int limit() {
    String text = query.getOrDefault("limit", Integer.toString(DEFAULT_LIMIT));
    if (!text.matches("[1-9]\\d{0,3}") || Integer.parseInt(text) > MAX_LIMIT) {
      throw new JsonInput.BadInputException("'limit' must be 1 to " + MAX_LIMIT);
    }
    return Integer.parseInt(text);
  }

  /// The body, which may hold these members and no others.
  JsonInput json(String... members) {
    return JsonInput.read(body, Set.of(members));
  }

  // A mistyped filter would answer with everything, so it is refused.
  private static Map<String, String> parameters(String query, Set<String> known) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : query.split("&", -1)) {
      // WHATWG URL §5.1: an empty pair is none.
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      if (!known.contains(name)) {
        throw new JsonInput.BadInputException(
            "Unknown parameter '" + name + "'; this call takes " + new TreeSet<>(known));
      }
      if (parameters.put(name, equals < 0 ? "" : decoded(pair.substring(equals + 1))) != null) {
        throw new JsonInput.BadInputException("The parameter '" + name + "' is there twice");
      }
    }
    return parameters;
  }

  private static String decoded(String text) {
    try {
      return PercentEncoding.decode(text);
    } catch (IllegalArgumentException broken) {
      throw new JsonInput.BadInputException(
          "The URL holds a broken percent-encoding, or one that is not of UTF-8");
    }
  }
}
