package dev.gatehouse.server.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// An upstream that answers with what it got: `method`, `target`, and `fields` by their names in
/// lower case. The lines of one field are separated by [#LINE_END].
final class EchoApi implements AutoCloseable {

  static final String LINE_END = " | ";

  private final HttpServer server;

  EchoApi() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", EchoApi::echo);
    server.start();
  }

  URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private static void echo(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonObject fields = new JsonObject();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  fields.put(name.toLowerCase(Locale.ROOT), String.join(LINE_END, values)));
      String sent =
          new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.ISO_8859_1);
      byte[] body =
          new JsonObject()
              .put("method", exchange.getRequestMethod())
              .put("target", exchange.getRequestURI().toString())
              .put("fields", fields)
              .put("length", sent.length())
              .put("start", sent.substring(0, Math.min(sent.length(), 100)))
              .encode()
              .getBytes(StandardCharsets.UTF_8);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(200, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
