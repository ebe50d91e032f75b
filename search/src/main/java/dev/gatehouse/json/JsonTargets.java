package dev.gatehouse.json;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.search.Holds;
import dev.gatehouse.search.Inputs;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// JSON of others.
public final class JsonTargets {

  private JsonTargets() {}

  /// A document. What is read and written again is read as the same.
  public static void json(byte[] input) {
    Json.object(input)
        .filter(object -> !holdsInfinity(object))
        .ifPresent(
            object -> {
              String written = JSONObjectUtils.toJSONString(object);
              Holds.equal(Json.object(written).orElse(null), object);
            });
    String text = Inputs.utf8(input);
    Json.array(text)
        .filter(array -> !holdsInfinity(array))
        .ifPresent(
            array -> {
              String written = JSONObjectUtils.toJSONString(Map.of("items", array));
              Holds.equal(Json.object(written).orElse(null), Map.of("items", array));
            });
  }

  // JSON has no text for it, and a number with a large exponent becomes it.
  private static boolean holdsInfinity(@Nullable Object value) {
    return switch (value) {
      case Double number -> number.isInfinite();
      case Map<?, ?> object -> object.values().stream().anyMatch(JsonTargets::holdsInfinity);
      case List<?> array -> array.stream().anyMatch(JsonTargets::holdsInfinity);
      case null, default -> false;
    };
  }
}
