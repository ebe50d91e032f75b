package dev.gatehouse.server.admin;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/// The description of the admin API (OpenAPI 3.1), as it is served.
final class OpenApi {

  private static final JsonObject DOCUMENT = load();

  private OpenApi() {}

  static AdminApi.Answer answer() {
    return new AdminApi.Answer.Json(200, DOCUMENT);
  }

  private static JsonObject load() {
    try (InputStream stream = OpenApi.class.getResourceAsStream("openapi.json")) {
      if (stream == null) {
        throw new IllegalStateException("openapi.json is not in the jar");
      }
      return new JsonObject(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
