package dev.gatehouse.server.signin;

import dev.gatehouse.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The answer of a path of the sign-in.
sealed interface Reply {

  /// The field that holds a cookie.
  String SET_COOKIE = "Set-Cookie";

  /// The value of `Cache-Control` in every answer.
  List<String> NO_STORE = List.of("no-store");

  /// A document or page. Nothing here is for a cache.
  ///
  /// @param fields beside `Content-Length`, each with its lines; it may hold a cookie, so it has no
  ///   text form
  record Sent(int status, Map<String, List<String>> fields, String body) implements Reply {

    @Override
    public String toString() {
      return "Sent[" + status + "]";
    }
  }

  /// A refusal.
  record Refused(Refusal refusal) implements Reply {}

  /// A JSON document. RFC 6749 §5.1: `no-store`, and `Pragma: no-cache` for caches that know
  /// HTTP/1.0 only.
  static Sent json(int status, JsonObject document) {
    return new Sent(
        status,
        Map.of(
            "Content-Type", List.of("application/json"),
            "Cache-Control", NO_STORE,
            "Pragma", List.of("no-cache")),
        document.encode());
  }

  /// A page.
  static Sent page(int status, Page page) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    page.fields().forEach((name, value) -> fields.put(name, List.of(value)));
    return new Sent(status, fields, page.html());
  }

  /// A redirect with 303, which a browser follows with GET (RFC 9110 §15.4.4).
  static Sent seeOther(String location) {
    return new Sent(303, Map.of("Location", List.of(location), "Cache-Control", NO_STORE), "");
  }

  /// An answer without content (204).
  static Sent noContent() {
    return new Sent(204, Map.of("Cache-Control", NO_STORE), "");
  }

  /// The same answer with that field. It replaces lines with that name.
  static Sent with(Sent sent, String name, List<String> lines) {
    Map<String, List<String>> fields = new LinkedHashMap<>(sent.fields());
    fields.put(name, List.copyOf(lines));
    return new Sent(sent.status(), fields, sent.body());
  }

  /// The same answer with more cookies: each is a line of `Set-Cookie`.
  static Sent withCookies(Sent sent, List<String> cookies) {
    List<String> all = new ArrayList<>(sent.fields().getOrDefault(SET_COOKIE, List.of()));
    all.addAll(cookies);
    return with(sent, SET_COOKIE, all);
  }

  /// A refusal as a page in place of its document.
  static Sent asPage(Refusal refusal, Page page) {
    Sent sent = page(refusal.status(), page);
    for (Map.Entry<String, List<String>> field : refusal.fields().entrySet()) {
      sent = with(sent, field.getKey(), field.getValue());
    }
    return sent;
  }
}
