package dev.gatehouse.server.signin;

import dev.gatehouse.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/// What one of the sign-in's paths answers.
sealed interface Reply {

  /// A document or page. Nothing here is for a cache.
  ///
  /// @param fields beside `Content-Length`; it may hold a cookie, so it has no text form
  record Sent(int status, Map<String, String> fields, String body) implements Reply {

    @Override
    public String toString() {
      return "Sent[" + status + "]";
    }
  }

  /// A refusal.
  record Refused(Refusal refusal) implements Reply {}

  /// A JSON document. RFC 6749 §5.1: no-store, and no-cache for those who know no better.
  static Sent json(int status, JsonObject document) {
    return new Sent(
        status,
        Map.of(
            "Content-Type", "application/json",
            "Cache-Control", "no-store",
            "Pragma", "no-cache"),
        document.encode());
  }

  /// A page.
  static Sent page(int status, Page page) {
    return new Sent(status, page.fields(), page.html());
  }

  /// A page in the place of a refusal's document.
  static Sent page(Refusal refusal, Page page) {
    Sent sent = page(refusal.status(), page);
    for (Map.Entry<String, String> field : refusal.fields().entrySet()) {
      sent = with(sent, field.getKey(), field.getValue());
    }
    return sent;
  }

  /// Leads a browser on, with GET (RFC 9110 §15.4.4).
  static Sent seeOther(String location) {
    return new Sent(303, Map.of("Location", location, "Cache-Control", "no-store"), "");
  }

  /// Nothing to say.
  static Sent noContent() {
    return new Sent(204, Map.of("Cache-Control", "no-store"), "");
  }

  /// The same answer with one more field.
  static Sent with(Sent sent, String name, String value) {
    Map<String, String> fields = new LinkedHashMap<>(sent.fields());
    fields.put(name, value);
    return new Sent(sent.status(), fields, sent.body());
  }
}
