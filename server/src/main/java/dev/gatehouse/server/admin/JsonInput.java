package dev.gatehouse.server.admin;

import dev.gatehouse.Network;
import dev.gatehouse.Scopes;
import dev.gatehouse.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The members of a JSON body, each read as the one type that it must have.
///
/// Every method throws [BadInputException] that names the member and says what it must be.
final class JsonInput {

  /// Thrown for a body that is not what the call takes; the message is for the caller.
  static final class BadInputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadInputException(String message) {
      super(message);
    }
  }

  private static final int MAX_ITEMS = 256;
  private static final Pattern FOUR_DIGIT_YEAR = Pattern.compile("\\d{4}-");

  private final JsonObject object;

  private JsonInput(JsonObject object) {
    this.object = object;
  }

  /// Reads a body that may hold these members and no others. An empty body is an empty object. A
  /// body is refused that names a member twice or holds a text that is not well-formed ([Json]).
  static JsonInput read(String body, Set<String> members) {
    JsonObject object =
        body.isBlank()
            ? new JsonObject()
            : Json.object(body)
                .map(JsonObject::new)
                .orElseThrow(() -> new BadInputException(Json.REFUSAL_DETAIL));
    for (String name : object.fieldNames()) {
      if (!members.contains(name)) {
        throw new BadInputException(
            "Unknown member '" + name + "'; this call takes " + new TreeSet<>(members));
      }
    }
    return new JsonInput(object);
  }

  boolean has(String name) {
    return object.containsKey(name);
  }

  String text(String name) {
    return optionalText(name)
        .orElseThrow(() -> new BadInputException("The member '" + name + "' is missing"));
  }

  Optional<String> optionalText(String name) {
    return switch (object.getValue(name)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      default -> throw new BadInputException("'" + name + "' must be a string");
    };
  }

  boolean flag(String name) {
    if (object.getValue(name) instanceof Boolean flag) {
      return flag;
    }
    throw new BadInputException("'" + name + "' must be true or false");
  }

  Optional<Integer> optionalNumber(String name) {
    return switch (object.getValue(name)) {
      case null -> Optional.empty();
      case Long number when number == number.intValue() -> Optional.of(number.intValue());
      default -> throw new BadInputException("'" + name + "' must be a whole number");
    };
  }

  Optional<Instant> optionalInstant(String name) {
    return optionalText(name).map(text -> instant(name, text));
  }

  /// The time that the text of that name tells.
  static Instant instant(String name, String text) {
    try {
      // RFC 3339 §5.6: four digits; Java would take years that no store can hold.
      if (FOUR_DIGIT_YEAR.matcher(text).lookingAt()) {
        return Instant.parse(text);
      }
    } catch (DateTimeException notATime) {
      // Said below.
    }
    throw new BadInputException(
        "'" + name + "' must be a time in RFC 3339, as 2027-01-31T12:00:00Z");
  }

  Set<String> texts(String name) {
    Set<String> texts = new LinkedHashSet<>();
    switch (object.getValue(name)) {
      case null -> {}
      case JsonArray array when array.size() <= MAX_ITEMS -> {
        for (Object item : array) {
          if (!(item instanceof String text)) {
            throw new BadInputException("'" + name + "' must be an array of strings");
          }
          texts.add(text);
        }
      }
      default ->
          throw new BadInputException(
              "'" + name + "' must be an array of at most " + MAX_ITEMS + " strings");
    }
    return texts;
  }

  @Nullable Scopes optionalScopes(String name) {
    try {
      return has(name) ? Scopes.of(texts(name)) : null;
    } catch (IllegalArgumentException noScope) {
      throw new BadInputException(String.valueOf(noScope.getMessage()));
    }
  }

  List<Network> networks(String name) {
    List<Network> networks = new ArrayList<>();
    for (String text : texts(name)) {
      try {
        networks.add(Network.parse(text));
      } catch (IllegalArgumentException noNetwork) {
        throw new BadInputException(String.valueOf(noNetwork.getMessage()));
      }
    }
    return networks;
  }
}
