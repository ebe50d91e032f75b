// Needs API_URL, HMAC_KEY_ID and HMAC_SECRET.
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs a request. Java 21 or newer. */
class SignedCall {

  public static void main(String[] arguments) throws Exception {
    byte[] body = "{\"item\":\"tea\"}".getBytes(UTF_8); // these very bytes are signed and sent
    var uri = URI.create(System.getenv("API_URL") + "/orders?source=till");
    var request =
        HttpRequest.newBuilder(uri)
            .headers(signed("POST", uri, body))
            .header("Content-Type", "application/json")
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

  /** The fields that sign it: name, value, name, value. */
  static String[] signed(String method, URI uri, byte[] body) throws Exception {
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    String time = Long.toString(Instant.now().getEpochSecond());
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    String nonce = HexFormat.of().formatHex(random);
    String hash =
        body.length == 0
            ? ""
            : HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
    String text = String.join("\n", method, uri.getRawPath() + query, time, hash, nonce);
    var mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(System.getenv("HMAC_SECRET").getBytes(UTF_8), "HmacSHA256"));
    String signature = HexFormat.of().formatHex(mac.doFinal(text.getBytes(UTF_8)));
    return new String[] {
      "X-Key-Id", System.getenv("HMAC_KEY_ID"),
      "X-Timestamp", time,
      "X-Nonce", nonce,
      "X-Signature", signature
    };
  }
}
