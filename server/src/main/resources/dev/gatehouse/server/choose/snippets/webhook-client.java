// Needs API_URL and WEBHOOK_SECRET.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Sends an event signed as GitHub signs it, to try the route. Java 21 or newer. */
class WebhookCall {

  public static void main(String[] arguments) throws Exception {
    // The gate takes each event once: an id makes it another one.
    byte[] body =
        "{\"action\":\"ping\",\"id\":\"%s\"}".formatted(UUID.randomUUID()).getBytes(UTF_8);
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(System.getenv("WEBHOOK_SECRET").getBytes(UTF_8), "HmacSHA256"));
    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + "/hooks/github"))
            .header("Content-Type", "application/json")
            .header("X-GitHub-Event", "ping")
            .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
            .timeout(Duration.ofSeconds(30))
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    try (var client = HttpClient.newHttpClient()) { // verifies TLS, follows no redirect
      var answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() / 100 != 2) {
        throw new IllegalStateException(answer.statusCode() + " " + answer.body());
      }
      System.out.println(answer.body());
    }
  }
}
