// Needs API_URL, and the file CLIENT_P12 with its password CLIENT_P12_PASSWORD.
import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.time.Duration;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Calls the API with a client certificate. Java 21 or newer. It reads both from one PKCS #12 file:
 * openssl pkcs12 -export -in client.crt -inkey client.key -out client.p12
 */
class MutualTlsCall {

  public static void main(String[] arguments) throws Exception {
    char[] password = System.getenv("CLIENT_P12_PASSWORD").toCharArray();
    var store = KeyStore.getInstance("PKCS12");
    try (var file = new FileInputStream(System.getenv("CLIENT_P12"))) {
      store.load(file, password);
    }
    var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, password);
    var tls = SSLContext.getInstance("TLS");
    tls.init(keys.getKeyManagers(), null, null); // null: servers are verified as ever

    var request =
        HttpRequest.newBuilder(URI.create(System.getenv("API_URL") + "/orders"))
            .timeout(Duration.ofSeconds(30))
            .build();
    try (var client = HttpClient.newBuilder().sslContext(tls).build()) {
      var answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(answer.statusCode() + " " + answer.body());
      }
      System.out.println(answer.body());
    }
  }
}
