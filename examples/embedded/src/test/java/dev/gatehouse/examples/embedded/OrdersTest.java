package dev.gatehouse.examples.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Gate;
import dev.gatehouse.Scopes;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrdersTest {

  private static final int JAVA_21 = 65;
  private static final Scopes READ = Scopes.of("orders:read");

  private final HttpClient client = HttpClient.newHttpClient();
  private Orders orders;

  @BeforeAll
  void open() throws IOException {
    orders = new Orders(0);
  }

  @AfterAll
  void close() {
    orders.close();
    client.close();
  }

  @Test
  void theOpenPathNeedsNoKey() throws Exception {
    assertThat(send("GET", "/", "").statusCode()).isEqualTo(200);
  }

  @Test
  void theProtectedPathNeedsOne() throws Exception {
    HttpResponse<String> answer = send("GET", "/orders", "");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("ApiKey realm=\"orders\"");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("\"error\":\"API key required\"");
  }

  @Test
  void aKeyIsAdmittedAsFarAsItsScopesGo() throws Exception {
    String key = orders.issue(READ).newSecret();

    assertThat(send("GET", "/orders", key).body()).contains("apikey", "orders:read");
    assertThat(send("HEAD", "/orders/7", key).statusCode()).isEqualTo(200);
    assertThat(send("POST", "/orders", key).statusCode()).isEqualTo(403);
    assertThat(send("DELETE", "/orders", key).statusCode()).isEqualTo(403);
    assertThat(send("GET", "/orders?api_key=" + key, "").statusCode()).isEqualTo(400);
  }

  @Test
  void aRevokedKeyIsRefusedAtOnce() throws Exception {
    var issued = orders.issue(READ);
    assertThat(send("GET", "/orders", issued.newSecret()).statusCode()).isEqualTo(200);
    orders.revoke(issued.credential().id());

    assertThat(send("GET", "/orders", issued.newSecret()).statusCode()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.vertx.core.Vertx",
        "io.netty.buffer.ByteBuf",
        "org.jdbi.v3.core.Jdbi",
        "com.zaxxer.hikari.HikariDataSource",
        "org.flywaydb.core.Flyway",
        "org.sqlite.JDBC",
        "dev.gatehouse.store.SqliteFile",
        "picocli.CommandLine"
      })
  void theCoreBringsNoServerAndNoDatabase(String foreign) {
    assertThat(getClass().getClassLoader().getResource(foreign.replace('.', '/') + ".class"))
        .isNull();
  }

  @Test
  void theCoreRunsOnJava21() throws Exception {
    for (Class<?> each : new Class<?>[] {Gate.class, Scopes.class, Orders.class}) {
      String file = each.getName().replace('.', '/') + ".class";
      try (var stream = each.getClassLoader().getResourceAsStream(file)) {
        assertThat(stream).isNotNull();
        DataInputStream bytes = new DataInputStream(stream);
        assertThat(bytes.readInt()).isEqualTo(0xcafebabe);
        assertThat(bytes.readUnsignedShort()).as("minor: no preview").isZero();
        assertThat(bytes.readUnsignedShort()).isEqualTo(JAVA_21);
      }
    }
  }

  private HttpResponse<String> send(String method, String target, String key) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(orders.baseUrl() + target))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (!key.isEmpty()) {
      request.header("X-API-Key", key);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
