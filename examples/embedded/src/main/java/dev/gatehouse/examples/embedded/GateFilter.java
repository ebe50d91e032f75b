package dev.gatehouse.examples.embedded;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.Decision;
import dev.gatehouse.Gate;
import dev.gatehouse.HeaderFields;
import dev.gatehouse.Policy;
import dev.gatehouse.Principal;
import dev.gatehouse.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Lets through to a context of the JDK's server whom the gate admits.
final class GateFilter extends Filter {

  private static final String PRINCIPAL = "dev.gatehouse.principal";

  private final Gate gate;
  private final Policy policy;

  GateFilter(Gate gate, Policy policy) {
    this.gate = gate;
    this.policy = policy;
  }

  /// Who calls; null on an open path.
  static @Nullable Principal caller(HttpExchange exchange) {
    return (Principal) exchange.getAttribute(PRINCIPAL);
  }

  @Override
  public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
    AuthRequest request =
        new AuthRequest(
            exchange.getRequestMethod(),
            exchange.getRequestURI().toString(),
            HeaderFields.of(exchange.getRequestHeaders()),
            exchange.getRemoteAddress().getAddress());
    switch (gate.admit(request, policy)) {
      case Decision.Admitted admitted -> {
        exchange.setAttribute(PRINCIPAL, admitted.principal());
        chain.doFilter(exchange);
      }
      case Decision.Refused refused -> send(exchange, refused.refusal());
    }
  }

  private static void send(HttpExchange exchange, Refusal refusal) throws IOException {
    refusal.fields().forEach(exchange.getResponseHeaders()::put);
    exchange.getResponseHeaders().set("Content-Type", Refusal.MEDIA_TYPE);
    send(exchange, refusal.status(), refusal.document());
  }

  /// Sends an answer; to HEAD without its content (RFC 9110 §9.3.2).
  static void send(HttpExchange exchange, int status, String text) throws IOException {
    try (exchange) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  @Override
  public String description() {
    return "Gatehouse";
  }
}
