// Needs API_URL, API_USER and API_PASSWORD.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;

/** Calls the API with a name and a password. Java 21 or newer. */
class BasicCall {

  public static void main(String[] arguments) throws Exception {
    byte[] pair = (System.getenv("API_USER") + ":" + System.getenv("API_PASSWORD")).getBytes(UTF_8);
    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + "/orders"))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair))
            .timeout(Duration.ofSeconds(30))
            .build();
    try (var client = HttpClient.newHttpClient()) { // verifies TLS, follows no redirect
      var answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(answer.statusCode() + " " + answer.body());
      }
      System.out.println(answer.body());
    }
  }
}
