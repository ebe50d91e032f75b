package dev.gatehouse.server.cli;

import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.folder.WholeFile;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The gate that serves a data folder, as a command reaches it: through the admin listener, with
/// the credential that the folder keeps.
final class RunningGate {

  /// The file in the data folder that says where the admin listener is, and holds its credential.
  static final String FILE = "admin.json";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${GATEHOUSE_DATA:-gatehouse-data}",
      description = "the data folder of the running gate (default: ${DEFAULT-VALUE})")
  private Path data = Path.of("gatehouse-data");

  @Option(names = "--json", description = "print the admin API's own answer")
  private boolean json;

  /// Whether the answer shall be printed as it came.
  boolean wantsJson() {
    return json;
  }

  JsonObject get(String path) {
    return call("GET", path, null);
  }

  JsonObject post(String path, JsonObject body) {
    return call("POST", path, body);
  }

  JsonObject patch(String path, JsonObject body) {
    return call("PATCH", path, body);
  }

  /// A path segment that holds this text.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private JsonObject call(String method, String path, @Nullable JsonObject body) {
    JsonObject access = access();
    URI uri = URI.create(access.getString("baseUrl") + AdminApi.BASE + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .header("X-API-Key", access.getString("apiKey"))
            .header("Content-Type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.encode()))
            .build();
    HttpResponse<String> response;
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
      response = client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (ConnectException notThere) {
      throw new CommandException(
          "no gate is running on " + data + " (nothing listens at " + uri.getAuthority() + ")",
          notThere);
    } catch (IOException failed) {
      throw new CommandException("the gate did not answer: " + failed.getMessage(), failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new CommandException("interrupted", interrupted);
    }
    JsonObject document = document(response.body());
    if (response.statusCode() / 100 != 2) {
      throw new CommandException(
          document.getString("detail", "the gate answered " + response.statusCode()));
    }
    return document;
  }

  private JsonObject access() {
    String text =
        WholeFile.readPrivate(data.resolve(FILE))
            .orElseThrow(
                () ->
                    new CommandException(
                        data.resolve(FILE)
                            + " is not there: start the gate first, or name its folder with"
                            + " --data"));
    return document(text);
  }

  private static JsonObject document(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException notJson) {
      throw new CommandException("the gate's answer can't be read as JSON", notJson);
    }
  }

  /// Prints the answer as it came.
  static void printJson(PrintStream out, JsonObject document) {
    out.println(document.encodePrettily());
  }
}
