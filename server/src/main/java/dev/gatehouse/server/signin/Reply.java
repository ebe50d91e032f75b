package dev.gatehouse.server.signin;

import dev.gatehouse.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one of the sign-in's paths answers.
sealed interface Reply {

  /// A document or page. Nothing here is for a cache.
  ///
  /// @param fields beside `Content-Length`; it may hold a cookie, so it has no text form
  /// @param cookies each a `Set-Cookie` field, beside the one that may be among the fields
  record Sent(int status, Map<String, String> fields, List<String> cookies, String body)
      implements Reply {

    /// Copies the list.
    public Sent {
      cookies = List.copyOf(cookies);
    }

    /// One that sets no more cookies than its fields do.
    Sent(int status, Map<String, String> fields, String body) {
      this(status, fields, List.of(), body);
    }

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
    return new Sent(sent.status(), fields, sent.cookies(), sent.body());
  }

  /// The same answer with more cookies.
  static Sent withCookies(Sent sent, List<String> cookies) {
    List<String> all = new ArrayList<>(sent.cookies());
    all.addAll(cookies);
    return new Sent(sent.status(), sent.fields(), all, sent.body());
  }

  /// A refusal as a page in place of its document.
  static Sent asPage(Refusal refusal, Page page) {
    Sent sent = page(refusal.status(), page);
    for (Map.Entry<String, String> field : refusal.fields().entrySet()) {
      sent = with(sent, field.getKey(), field.getValue());
    }
    return sent;
  }
}
