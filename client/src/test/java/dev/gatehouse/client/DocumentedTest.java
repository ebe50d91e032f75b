package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// `docs/reference/java-client.md`: each piece of Java in it stands in this class, to the letter
/// but for spaces, so that it compiles.
class DocumentedTest {

  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMENT = Pattern.compile("//.*");

  @Test
  void everyPieceOfJavaInTheDocumentStandsHere() throws Exception {
    String here =
        bare(Files.readString(Path.of("src/test/java/dev/gatehouse/client/DocumentedTest.java")));
    List<String> pieces =
        JAVA.matcher(Files.readString(Path.of("../docs/reference/java-client.md")))
            .results()
            .map((MatchResult piece) -> piece.group(1))
            .toList();
    assertThat(pieces).hasSize(7);
    assertThat(pieces).allSatisfy(piece -> assertThat(here).contains(bare(piece)));
  }

  private static String bare(String java) {
    return COMMENT.matcher(java).replaceAll("").replaceAll("\\s+", "");
  }

  static void first(String key) throws IOException, InterruptedException {
    try (GatehouseClient orders =
        GatehouseClient.at(URI.create("https://api.example.com"))
            .with(Credential.apiKey(key))
            .build()) {
      HttpResponse<String> answer =
          orders.send(orders.request("/orders?open=true").build(), BodyHandlers.ofString());
      System.out.println(answer.body());
    }
  }

  static void fixed(GatehouseClient.Builder builder, String password, String token, String key) {
    builder.with(Credential.basic("alice", password));
    builder.with(Credential.bearer(token));
    builder.with(Credential.apiKey(key));
  }

  static void grants(GatehouseClient.Builder builder, String password, String key, String stored) {
    builder.with(Grant.password("alice@example.com", password));
    builder.with(Grant.service(key, "orders:read"));
    builder.with(Grant.refreshToken(stored, newest -> store(newest)));
  }

  private static void store(String token) {
    assertThat(token).isNotEmpty();
  }

  static void signed(GatehouseClient.Builder builder, String keyId, String secret)
      throws IOException {
    builder.with(Credential.hmac(keyId, secret));
    builder.with(MessageSignature.hmacSha256(keyId, secret));
    builder.with(MessageSignature.ed25519(keyId, Pem.privateKey(Path.of("key.pem"))));
    builder.with(MessageSignature.ecdsaP256Sha256(keyId, Pem.privateKey(Path.of("key.pem"))));
    builder.with(
        MessageSignature.rsaPssSha512(keyId, Pem.privateKey(Path.of("key.pem")))
            .covering("content-type")
            .tagged("orders"));
  }

  static void elsewhere(String keyId, String secret, URI uri, byte[] body) {
    Map<String, String> fields =
        Credential.hmac(keyId, secret)
            .fields(
                new OutgoingRequest("POST", uri, HttpHeaders.of(Map.of(), (n, v) -> true), body));
    fields.forEach((name, value) -> assertThat(value).as(name).isNotEmpty());
  }

  static void certificate(GatehouseClient.Builder builder) throws IOException {
    builder
        .trusting(Path.of("ca.crt")) // without it, the CAs of the JDK
        .certificate(Path.of("client.crt"), Path.of("client.key"));
  }
}
