package dev.gatehouse.server.admin;

import dev.gatehouse.Reason;
import dev.gatehouse.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One call of the admin API.
///
/// @param path below the API's base, with a group for the name in it
/// @param parameters that its query may hold
public record Call(String httpMethod, Pattern path, Set<String> parameters, Action action) {

  /// Answers the call. Throws [JsonInput.BadInputException] for what the caller wrote wrongly.
  @FunctionalInterface
  public interface Action extends Function<Input, AdminApi.Answer> {}

  /// What every list takes.
  private static final Set<String> PAGE = Set.of("after", "limit");

  static Call of(String httpMethod, String path, Action action) {
    return new Call(httpMethod, pattern(path), Set.of(), action);
  }

  static Call withParameter(String httpMethod, String path, String parameter, Action action) {
    return new Call(httpMethod, pattern(path), Set.of(parameter), action);
  }

  /// A list, page by page.
  static Call list(String path, Action action) {
    return new Call("GET", pattern(path), PAGE, action);
  }

  /// A list, page by page, that a parameter narrows.
  static Call list(String path, String filter, Action action) {
    return list(path, List.of(filter), action);
  }

  /// A list, page by page, that several parameters narrow.
  static Call list(String path, List<String> filters, Action action) {
    Set<String> parameters = new HashSet<>(PAGE);
    parameters.addAll(filters);
    return new Call("GET", pattern(path), Set.copyOf(parameters), action);
  }

  private static Pattern pattern(String path) {
    return Pattern.compile(Pattern.quote(AdminApi.BASE) + path);
  }

  /// 200: what was asked for.
  static AdminApi.Answer ok(JsonObject document) {
    return new AdminApi.Answer.Json(200, document);
  }

  /// 200, or 404 when there is none.
  static <T> AdminApi.Answer found(
      Optional<T> thing, String noun, Function<T, JsonObject> document) {
    return thing
        .map(there -> ok(document.apply(there)))
        .orElseGet(() -> notFound("There is no " + noun + " of that id"));
  }

  /// A page of a list; `next` is where the following one begins, null on the last.
  static <T> AdminApi.Answer page(
      List<T> page, int limit, Function<T, JsonObject> document, Function<T, String> id) {
    JsonArray items = new JsonArray();
    page.forEach(item -> items.add(document.apply(item)));
    return ok(
        new JsonObject()
            .put("items", items)
            .put("next", page.size() == limit ? id.apply(page.getLast()) : null));
  }

  /// 400: the caller can mend it.
  static AdminApi.Answer refused(String why) {
    return problem(Reason.MALFORMED_REQUEST, why, why);
  }

  /// 404.
  static AdminApi.Answer notFound(String detail) {
    return problem(Reason.NOT_FOUND, detail, "no such thing");
  }

  static AdminApi.Answer problem(Reason reason, String detail, String cause) {
    return new AdminApi.Answer.Problem(Refusal.of(reason, detail, cause));
  }

  static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
