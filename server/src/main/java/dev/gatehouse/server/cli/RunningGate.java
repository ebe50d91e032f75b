package dev.gatehouse.server.cli;

import dev.gatehouse.server.admin.AdminApi;
import dev.gatehouse.server.assembly.AdminAccess;
import dev.gatehouse.server.folder.AtomicFile;
import dev.gatehouse.server.folder.DataFolder;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The gate that serves a data folder, as a command reaches it: through the admin listener, with
/// the credential that the folder keeps.
final class RunningGate {

  private static final int PAGE = 100;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "${GATEHOUSE_DATA:-gatehouse-data}",
      description =
          "the data folder of the running gate (default: $GATEHOUSE_DATA, or else gatehouse-data)")
  private Path data = Path.of("gatehouse-data");

  @Option(names = "--json", description = "print the admin API's own answer")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  private record Access(String baseUrl, String apiKey) {

    /// Names the address only.
    @Override
    public String toString() {
      return "Access[" + baseUrl + "]";
    }
  }

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

  JsonObject put(String path, JsonObject body) {
    return call("PUT", path, body);
  }

  JsonObject patch(String path, JsonObject body) {
    return call("PATCH", path, body);
  }

  /// A path segment that holds this text.
  static String segment(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private JsonObject call(String method, String path, @Nullable JsonObject body) {
    Access access = access();
    URI uri = URI.create(access.baseUrl + AdminApi.BASE + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .timeout(TIMEOUT)
            .header("X-API-Key", access.apiKey)
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
      String status = "the gate answered " + response.statusCode();
      throw new CommandException(
          switch (response.statusCode()) {
            case 401, 403 ->
                status
                    + ": the key in "
                    + data.resolve(AdminAccess.FILE)
                    + " is not good for this; a restart of the gate makes a new one";
            default -> document.getString("detail", status);
          });
    }
    return document;
  }

  private Access access() {
    String text =
        AtomicFile.readPrivate(data.resolve(AdminAccess.FILE))
            .orElseThrow(
                () ->
                    new CommandException(
                        data.resolve(AdminAccess.FILE)
                            + " is not there: start the gate first, or name its folder with"
                            + " --data"));
    try {
      JsonObject access = new JsonObject(text);
      URI baseUrl = URI.create(access.getString("baseUrl", ""));
      String apiKey = access.getString("apiKey", "");
      if ("http".equals(baseUrl.getScheme()) && baseUrl.getHost() != null && !apiKey.isBlank()) {
        // Whoever listens there now may be a stranger, who must not get the key.
        if (!DataFolder.isHeld(data)) {
          throw new CommandException("no gate is running on " + data + ": start it first");
        }
        return new Access(baseUrl.toString(), apiKey);
      }
    } catch (DecodeException | ClassCastException | IllegalArgumentException damaged) {
      // Said below; not handed on, as a parser's message may quote the key.
    }
    throw new CommandException(
        data.resolve(AdminAccess.FILE) + " is damaged: a restart of the gate writes it anew");
  }

  private static JsonObject document(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException notJson) {
      throw new CommandException("the gate's answer can't be read as JSON", notJson);
    }
  }

  /// Every item of a list, page by page.
  List<JsonObject> items(String path, String query) {
    List<JsonObject> items = new ArrayList<>();
    String after = "";
    while (true) {
      JsonObject page = get(path + "?limit=" + PAGE + query + after);
      page.getJsonArray("items").forEach(item -> items.add((JsonObject) item));
      if (page.getString("next") == null) {
        return items;
      }
      after = "&after=" + segment(page.getString("next"));
    }
  }

  /// Prints a list as one document.
  void printJson(List<JsonObject> items) {
    printJson(new JsonObject().put("items", new JsonArray(items)));
  }

  /// Prints the answer as it came.
  void printJson(JsonObject document) {
    out().println(document.encodePrettily());
    out().flush();
  }

  /// Where answers are printed.
  PrintWriter out() {
    return command.commandLine().getOut();
  }
}
