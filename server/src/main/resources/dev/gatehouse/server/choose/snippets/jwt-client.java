// Needs API_URL, API_USER and API_PASSWORD.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Pattern;

/** Signs in, calls with the access token, renews it when it is refused, signs out. Java 21. */
class TokenCalls {

  /** Read them with your JSON library. */
  record Tokens(String access, String refresh) {
    static Tokens in(String json) {
      return new Tokens(member("accessToken", json), member("refreshToken", json));
    }

    private static String member(String name, String json) {
      var found = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(json);
      return found.find() ? found.group(1) : "";
    }
  }

  static final HttpClient CLIENT = HttpClient.newHttpClient(); // verifies TLS, no redirects
  static volatile Tokens tokens = new Tokens("", "");

  public static void main(String[] arguments) throws Exception {
    tokens = signIn();
    System.out.println(call("/orders"));
    System.out.println(call("/orders?page=2"));
    checked(post("/api/auth/logout", "refreshToken=" + encoded(tokens.refresh)));
  }

  static Tokens signIn() throws Exception {
    String person =
        "username=" + encoded(System.getenv("API_USER"))
            + "&password=" + encoded(System.getenv("API_PASSWORD"));
    return Tokens.in(checked(post("/api/auth/login", person)));
  }

  /** A refresh token is good for one use: one thread renews, the others wait for it. */
  static synchronized void renew(Tokens refused) throws Exception {
    if (tokens == refused) {
      var answer = post("/api/auth/refresh", "refreshToken=" + encoded(refused.refresh));
      tokens = answer.statusCode() == 401 ? signIn() : Tokens.in(checked(answer));
    }
  }

  static String call(String path) throws Exception {
    var used = tokens;
    var answer = send(request(path).header("Authorization", "Bearer " + used.access));
    if (answer.statusCode() == 401) { // ended, or revoked: once more with a new one
      renew(used);
      answer = send(request(path).header("Authorization", "Bearer " + tokens.access));
    }
    return checked(answer);
  }

  static HttpResponse<String> post(String path, String form) throws Exception {
    return send(
        request(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)));
  }

  static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + path))
        .timeout(Duration.ofSeconds(30));
  }

  static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  static String checked(HttpResponse<String> answer) {
    if (answer.statusCode() / 100 != 2) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, UTF_8);
  }
}
