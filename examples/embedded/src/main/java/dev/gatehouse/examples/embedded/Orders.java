package dev.gatehouse.examples.embedded;

import com.sun.net.httpserver.HttpServer;
import dev.gatehouse.Gate;
import dev.gatehouse.Method;
import dev.gatehouse.Policy;
import dev.gatehouse.Scopes;
import dev.gatehouse.account.Account;
import dev.gatehouse.account.Accounts;
import dev.gatehouse.account.InMemoryAccountStore;
import dev.gatehouse.account.Roles;
import dev.gatehouse.apikey.ApiKeyAuthenticator;
import dev.gatehouse.apikey.ApiKeySettings;
import dev.gatehouse.apikey.ApiKeys;
import dev.gatehouse.apikey.InMemoryApiKeyStore;
import dev.gatehouse.apikey.StoredApiKey;
import dev.gatehouse.credential.CredentialIssuance;
import dev.gatehouse.credential.CredentialRequest;
import dev.gatehouse.revocation.InMemoryRevocationFeed;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;

/// A small API on the JDK's own server, guarded by the gate as a library: `/` is open, `/orders`
/// wants an API key.
public final class Orders implements AutoCloseable {

  private static final Policy ORDERS =
      Policy.accepting(Method.API_KEY)
          .requiring(Map.of("GET", Scopes.of("orders:read"), "POST", Scopes.of("orders:write")));

  private final HttpServer server;
  private final ApiKeys keys;

  /// Listens on loopback, at that port or (0) at any that is free.
  public Orders(int port) throws IOException {
    var feed = new InMemoryRevocationFeed(Clock.systemUTC());
    var accountStore = new InMemoryAccountStore(feed);
    var keyStore = new InMemoryApiKeyStore(accountStore);
    var settings = ApiKeySettings.inRealm("orders");
    var accounts = new Accounts(accountStore, Roles.NONE, Clock.systemUTC());
    accounts.add(
        Account.Kind.SERVICE, "shop", null, Set.of(), Scopes.of("orders:read", "orders:write"));
    keys = new ApiKeys(settings, keyStore, accounts, Clock.systemUTC());
    var gate = Gate.inProcess(feed, 10, new ApiKeyAuthenticator(settings, keyStore, Roles.NONE));

    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/", exchange -> GateFilter.send(exchange, 200, "Orders are at /orders\n"));
    server
        .createContext(
            "/orders",
            exchange -> GateFilter.send(exchange, 200, GateFilter.caller(exchange) + "\n"))
        .getFilters()
        .add(new GateFilter(gate, ORDERS));
    server.start();
  }

  /// Issues a key with those scopes and shows it, this once.
  public CredentialIssuance.Issued<StoredApiKey> issue(Scopes scopes) {
    return switch (keys.issue(
        new CredentialRequest("shop", "example", scopes, null, List.of(), null))) {
      case CredentialIssuance.Issued<StoredApiKey> issued -> issued;
      case CredentialIssuance<StoredApiKey> other ->
          throw new IllegalStateException(other.toString());
    };
  }

  /// Revokes a key: the next request with it is refused.
  public void revoke(String keyId) {
    keys.revoke(keyId);
  }

  /// Where it listens.
  public String baseUrl() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  /// Listens until it is stopped, and prints what to try.
  public static void main(String[] arguments) throws IOException {
    @SuppressWarnings("resource") // open as long as the process lives
    Orders orders = new Orders(8080);
    String key = orders.issue(Scopes.of("orders:read")).newSecret();
    System.out.printf(
        """
        curl %1$s/                                       # open
        curl -i %1$s/orders                              # 401: no credentials
        curl -H 'X-API-Key: %2$s' %1$s/orders
        curl -i -X POST -H 'X-API-Key: %2$s' %1$s/orders # 403: the key may only read
        """,
        orders.baseUrl(), key);
  }
}
