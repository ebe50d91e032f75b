package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.RawClient;
import dev.gatehouse.server.wire.RawMessage;
import dev.gatehouse.server.wire.RawUpstream;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Requests that packages which are not ours signed by RFC 9421, at a running gate.
@Timeout(180)
@SuppressWarnings("StringConcatToTextBlock") // text blocks end their lines in LF, the wire in CRLF
@Tag("end-to-end")
class MessageSignaturesOverTheWireTest {

  private static final String BODY = "{\"article\": \"book\", \"pieces\": 2}";

  @TempDir private static Path temp;
  @AutoClose private static RawUpstream upstream;
  @AutoClose private static GateProcess gate;

  // The body of every request that came to its end at the upstream.
  private static final BlockingQueue<String> WHOLE = new LinkedBlockingQueue<>();

  // The head of each of them.
  private static final BlockingQueue<RawMessage> HEADS = new LinkedBlockingQueue<>();

  @BeforeAll
  static void start() throws Exception {
    upstream = new RawUpstream(null);
    upstream.serve(
        (head, in, out) -> {
          RawMessage message = RawMessage.readBody(head, in, false);
          WHOLE.add(message.body());
          HEADS.add(message);
          RawUpstream.answer(out, "200 OK", "", "got " + message.body().length());
          return true;
        });
    Path config =
        Files.writeString(
            temp.resolve("gatehouse.yaml"),
            """
            listen: { port: 0 }
            data: data
            throttle: { failedAttemptsPerMinute: 1000 }
            routes:
              - path: /orders
                upstream: %s
                accept: [hmac]
            """
                .formatted(upstream.base()));
    Path data = temp.resolve("data");
    gate = GateProcess.serveHere(config, data);
    gate.manage("POST", "/accounts", new JsonObject().put("kind", "service").put("name", "shop"));
  }

  @Test
  void packagesOfOthersSignWhatTheGateAccepts() throws Exception {
    JsonArray keys =
        new JsonArray(
            List.of(
                secret(),
                pair("ed25519", "Ed25519", null),
                pair("ecdsa-p256-sha256", "EC", new ECGenParameterSpec("secp256r1")),
                pair(
                    "rsa-pss-sha512",
                    "RSA",
                    new RSAKeyGenParameterSpec(2048, RSAKeyGenParameterSpec.F4))));

    JsonArray results =
        new JsonArray(
            NodeScript.runWithPackages(
                "message-signatures.mjs",
                gate.data().resolve("ca.crt"),
                keys.encode(),
                gate.address().toString()));

    assertThat(results).hasSize(4 * 13 + 2 * 5);
    for (int i = 0; i < results.size(); i++) {
      JsonObject result = results.getJsonObject(i);
      String name = result.getString("name");
      String told = result.getInteger("status") + " " + result.getString("code");
      String what = name.substring(name.indexOf(' ', name.indexOf(' ') + 1) + 1);
      assertThat(told)
          .as(name)
          .isEqualTo(
              switch (what) {
                case "get", "http2 get", "post", "chunked", "http2", "once", "asked" -> "200 ";
                case "replayed" -> "401 REPLAYED";
                case "unsigned" -> "401 NO_CREDENTIALS";
                default -> "401 INVALID_SIGNATURE";
              });
    }
    // No changed body came to its end at the upstream.
    assertThat(WHOLE).isNotEmpty().allMatch(body -> body.isEmpty() || body.equals(BODY));
    // It gets the digest, and nothing that is for the gate alone.
    assertThat(HEADS)
        .allSatisfy(
            head ->
                assertThat(head.names())
                    .contains("x-auth-subject")
                    .doesNotContain("signature", "signature-input"));
    assertThat(HEADS).anySatisfy(head -> assertThat(head.names()).contains("content-digest"));
  }

  @Test
  void whoDoesNotSignIsToldWhatToSign() throws Exception {
    HttpResponse<String> answer = gate.get("/orders", null);

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(answer.headers().firstValue("WWW-Authenticate"))
        .hasValueSatisfying(challenge -> assertThat(challenge).startsWith("Signature realm="));
    assertThat(answer.headers().firstValue("Accept-Signature"))
        .hasValueSatisfying(
            wanted ->
                assertThat(wanted)
                    .startsWith("sig=(\"@method\" \"@target-uri\" \"content-digest\");created"));
  }

  @Test
  void behindATerminatorTheUrlIsTheOneThatClientsCall() throws Exception {
    Path config =
        Files.writeString(
            temp.resolve("behind.yaml"),
            """
            listen: { port: 0, plainHttp: true, tlsTerminator: [127.0.0.0/8, "::1"] }
            publicUrl: https://api.example.com
            data: behind
            routes:
              - path: /orders
                upstream: %s
                accept: [hmac]
            """
                .formatted(upstream.base()));
    try (GateProcess behind = GateProcess.serve(config, temp.resolve("behind"), null)) {
      behind.manage(
          "POST", "/accounts", new JsonObject().put("kind", "service").put("name", "shop"));
      JsonObject key =
          behind.manage(
              "POST", "/signature-keys", new JsonObject().put("owner", "shop").put("name", "k"));
      for (String signed :
          List.of(
              "https://api.example.com/orders?id=7",
              "http://api.example.com/orders?id=7",
              "https://localhost/orders?id=7")) {
        String parameters =
            "(\"@method\" \"@target-uri\");created="
                + System.currentTimeMillis() / 1000
                + ";keyid=\""
                + key.getString("id")
                + "\";nonce=\"n\"";
        String base =
            "\"@method\": GET\n\"@target-uri\": "
                + signed
                + "\n\"@signature-params\": "
                + parameters;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(
            new SecretKeySpec(
                key.getString("secret").getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        String signature =
            Base64.getEncoder()
                .encodeToString(mac.doFinal(base.getBytes(StandardCharsets.US_ASCII)));
        try (RawClient terminator = new RawClient(behind.address().getPort(), null, "http/1.1")) {
          RawMessage answer =
              terminator.ask(
                  "GET /orders?id=7 HTTP/1.1\r\nHost: API.example.com:443\r\n"
                      + "X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\n"
                      + "Signature-Input: sig="
                      + parameters
                      + "\r\nSignature: sig=:"
                      + signature
                      + ":\r\n\r\n");
          assertThat(answer.status())
              .as("%s: %s", signed, answer.body())
              .isEqualTo(signed.startsWith("https://api") ? 200 : 401);
        }
      }
    }
  }

  private static JsonObject secret() throws Exception {
    JsonObject made =
        gate.manage(
            "POST",
            "/signature-keys",
            new JsonObject().put("owner", "shop").put("name", "hmac-sha256"));
    return new JsonObject()
        .put("algorithm", "hmac-sha256")
        .put("keyId", made.getString("id"))
        .put("secret", made.getString("secret"));
  }

  private static JsonObject pair(
      String algorithm, String kind, @Nullable AlgorithmParameterSpec parameters) throws Exception {
    KeyPairGenerator pairs = KeyPairGenerator.getInstance(kind);
    if (parameters != null) {
      pairs.initialize(parameters);
    }
    KeyPair pair = pairs.generateKeyPair();
    JsonObject made =
        gate.manage(
            "POST",
            "/signature-keys",
            new JsonObject(
                Map.of(
                    "owner",
                    "shop",
                    "name",
                    algorithm,
                    "algorithm",
                    algorithm,
                    "publicKey",
                    pem("PUBLIC KEY", pair.getPublic().getEncoded()))));
    return new JsonObject()
        .put("algorithm", algorithm)
        .put("keyId", made.getString("id"))
        .put("privateKey", pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
  }

  private static String pem(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(label, Base64.getMimeEncoder().encodeToString(der), label);
  }
}
