// Needs API_URL, API_USER and API_PASSWORD.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Signs in, reads, changes something, signs out. Java 21 or newer. */
class SessionCalls {

  static final HttpClient CLIENT =
      HttpClient.newBuilder().cookieHandler(new CookieManager()).build();
  static String csrfToken = "";

  public static void main(String[] arguments) throws Exception {
    String person =
        "username=" + URLEncoder.encode(System.getenv("API_USER"), UTF_8)
            + "&password=" + URLEncoder.encode(System.getenv("API_PASSWORD"), UTF_8);
    call("POST", "/login", person, "application/x-www-form-urlencoded");
    System.out.println(call("GET", "/orders", "", "application/json"));
    // A program says by this token that it means its changes.
    csrfToken = call("GET", "/csrf", "", "application/json").split("\"")[3];
    System.out.println(call("POST", "/orders", "{\"item\":\"tea\"}", "application/json"));
    call("POST", "/logout", "{}", "application/json");
  }

  static String call(String method, String path, String body, String type) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + path))
            .header("Content-Type", type)
            .header("X-CSRF-Token", csrfToken)
            .timeout(Duration.ofSeconds(30))
            .method(method, BodyPublishers.ofString(body));
    var answer = CLIENT.send(request.build(), BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }
}
