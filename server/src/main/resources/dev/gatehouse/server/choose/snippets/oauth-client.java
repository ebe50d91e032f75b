// Needs API_URL, and of the issuer TOKEN_URL, CLIENT_ID and CLIENT_SECRET.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Base64;
import java.util.regex.Pattern;

/** Gets an access token from an issuer, and calls the API with it (RFC 6749 §4.4). Java 21. */
class ForeignTokenCall {

  static final HttpClient CLIENT = HttpClient.newHttpClient(); // verifies TLS, no redirects
  static volatile String token = "";

  public static void main(String[] arguments) throws Exception {
    token = newToken();
    System.out.println(call("/orders"));
  }

  static String newToken() throws Exception {
    // Encoded as in a form, before they are joined (RFC 6749 §2.3.1).
    String id = encoded(System.getenv("CLIENT_ID"));
    byte[] pair = (id + ":" + encoded(System.getenv("CLIENT_SECRET"))).getBytes(UTF_8);
    var answer =
        send(
            request(System.getenv("TOKEN_URL"))
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("grant_type=client_credentials&scope=orders.read")));
    // Read it with your JSON library.
    var found = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"").matcher(checked(answer));
    if (!found.find()) {
      throw new IllegalStateException("the issuer gave no token");
    }
    return found.group(1);
  }

  static String call(String path) throws Exception {
    String url = System.getenv("API_URL") + path;
    var answer = send(request(url).header("Authorization", "Bearer " + token));
    if (answer.statusCode() == 401) { // it ended: once more with another
      token = newToken();
      answer = send(request(url).header("Authorization", "Bearer " + token));
    }
    return checked(answer);
  }

  static HttpRequest.Builder request(String url) {
    return HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  static String checked(HttpResponse<String> answer) {
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
