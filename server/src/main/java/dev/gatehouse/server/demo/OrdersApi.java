package dev.gatehouse.server.demo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The sample upstream: orders, in memory. It does not authenticate its callers, and answers with
/// the identity that the gate sent.
public final class OrdersApi implements AutoCloseable {

  private static final int MAX_BODY_BYTES = 16_384;
  private static final int MAX_ORDERS = 1_000;

  private final Map<Integer, String> orders = new ConcurrentSkipListMap<>();
  private final AtomicInteger lastNumber = new AtomicInteger();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /// Starts on a free port of the loopback address.
  public OrdersApi() throws IOException {
    add("two coffees");
    add("a croissant");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /// Where it listens.
  public URI address() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private int add(String item) {
    int number = lastNumber.incrementAndGet();
    orders.put(number, item);
    return number;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      String path = exchange.getRequestURI().getPath();
      if (path.equals("/hello")) {
        answer(exchange, 200, new JsonObject().put("message", "Hello, whoever you are"));
      } else if (path.equals("/orders") && (method.equals("GET") || method.equals("HEAD"))) {
        answer(
            exchange, 200, new JsonObject().put("orders", all()).put("caller", caller(exchange)));
      } else if (path.equals("/orders") && method.equals("POST")) {
        place(exchange);
      } else if (path.matches("/orders/\\d{1,9}")) {
        one(exchange, method, Integer.parseInt(path.substring("/orders/".length())));
      } else {
        answer(exchange, 404, new JsonObject().put("message", "There is nothing at " + path));
      }
    }
  }

  private void place(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
    String item = body.length > MAX_BODY_BYTES ? null : item(body);
    if (item == null) {
      answer(exchange, 400, new JsonObject().put("message", "Send {\"item\": \"…\"}"));
    } else if (orders.size() >= MAX_ORDERS) {
      answer(exchange, 507, new JsonObject().put("message", "This sample keeps no more orders"));
    } else {
      int number = add(item);
      answer(exchange, 201, order(number, item).put("caller", caller(exchange)));
    }
  }

  private void one(HttpExchange exchange, String method, int number) throws IOException {
    String item = method.equals("DELETE") ? orders.remove(number) : orders.get(number);
    if (item == null) {
      answer(exchange, 404, new JsonObject().put("message", "There is no order " + number));
    } else {
      answer(exchange, 200, order(number, item));
    }
  }

  private JsonArray all() {
    JsonArray all = new JsonArray();
    orders.forEach((number, item) -> all.add(order(number, item)));
    return all;
  }

  private static JsonObject order(int number, String item) {
    return new JsonObject().put("number", number).put("item", item);
  }

  private static @Nullable String item(byte[] body) {
    try {
      return new JsonObject(new String(body, StandardCharsets.UTF_8)).getValue("item")
              instanceof String item
          ? item
          : null;
    } catch (DecodeException notJson) {
      return null;
    }
  }

  // The identity that the gate sent. It removed such fields of the caller.
  private static JsonObject caller(HttpExchange exchange) {
    return new JsonObject()
        .put("subject", exchange.getRequestHeaders().getFirst("X-Auth-Subject"))
        .put("method", exchange.getRequestHeaders().getFirst("X-Auth-Method"))
        .put("scopes", exchange.getRequestHeaders().getFirst("X-Auth-Scopes"));
  }

  private static void answer(HttpExchange exchange, int status, JsonObject document)
      throws IOException {
    byte[] body = (document.encode() + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /// Stops at once.
  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
