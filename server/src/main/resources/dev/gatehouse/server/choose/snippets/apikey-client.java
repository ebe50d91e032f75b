// Needs API_URL and API_KEY.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Calls the API with a key. Java 21 or newer. */
class ApiKeyCall {

  public static void main(String[] arguments) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + "/orders"))
            .header("X-API-Key", System.getenv("API_KEY"))
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
