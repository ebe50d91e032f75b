package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How long a credential and its successor work side by side, and when the successor ends: the same
/// options for each kind.
final class RotationOptions {

  @Option(
      names = "--overlap",
      paramLabel = "TIME",
      defaultValue = "1d",
      description = "how long both work: 0s, 12h, 1d … (default: ${DEFAULT-VALUE})")
  private String overlap = "";

  @Option(names = "--expires", paramLabel = "WHEN", description = "when the successor ends")
  private @Nullable String expires;

  /// The body of the call that issues the successor, as far as they say.
  JsonObject body() {
    JsonObject body = new JsonObject().put("overlapSeconds", KeyCommands.span(overlap).toSeconds());
    if (expires != null) {
      body.put("expiresAt", KeyCommands.instant(expires).toString());
    }
    return body;
  }
}
