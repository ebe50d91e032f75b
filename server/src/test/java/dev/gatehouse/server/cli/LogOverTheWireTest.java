package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.wire.Http2Frames;
import dev.gatehouse.server.wire.RawClient;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole log of a gate that was flooded, or that got what can't be parsed.
@Tag("end-to-end")
class LogOverTheWireTest {

  // As a client would send it in a credential; nothing else has this text.
  private static final String SECRET = "SeCrEt0f7heCl1ent";

  private static final Pattern UNLOGGED = Pattern.compile("of their own: (\\d+) ");

  @TempDir Path temp;

  private GateProcess gate(EchoApi api) throws Exception {
    Path data = temp.resolve("data");
    Path config = temp.resolve("gatehouse.yaml");
    Files.writeString(
        config,
        """
        data: %s
        listen: { port: 0 }
        routes:
          - { path: /open, upstream: "%s", accept: [public] }
          - { path: /keyed, upstream: "%s", accept: [apikey] }
          - { path: /dead, upstream: "http://127.0.0.1:1", accept: [public] }
        """
            .formatted(data, api.address(), api.address()));
    return GateProcess.serve(config, data, data.resolve("ca.crt"));
  }

  @Test
  void floodOfRefusalsFillsNoLogAndEveryRefusalIsLoggedOrCounted() throws Exception {
    int each = 400;
    try (EchoApi api = new EchoApi();
        GateProcess gate = gate(api)) {
      SSLContext trust = GateProcess.trusting(gate.data().resolve("ca.crt"));
      for (String path : List.of("/nowhere", "/keyed", "/dead")) {
        try (RawClient client = new RawClient(gate.address().getPort(), trust, "http/1.1")) {
          client.send(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").repeat(each));
          for (int i = 0; i < each; i++) {
            assertThat(client.read().status()).isBetween(401, 502);
          }
        }
      }

      List<String> lines = gate.end("TERM").err().lines().toList();

      long logged = lines.stream().filter(line -> line.contains(" audit refused id=")).count();
      long counted = 0;
      for (String line : lines) {
        Matcher summary = UNLOGGED.matcher(line);
        counted += summary.find() ? Long.parseLong(summary.group(1)) : 0;
      }
      assertThat(logged + counted).isEqualTo(3L * each);
      assertThat(counted).isGreaterThan(each);
      assertThat(lines).filteredOn(line -> line.contains("can't be reached")).hasSizeLessThan(each);
      assertThat(lines).anyMatch(line -> line.contains("came more often than their kind may"));
    }
  }

  @Test
  void noByteOfWhatCannotBeParsedStandsInTheLogOrInAnAnswer() throws Exception {
    try (EchoApi api = new EchoApi();
        GateProcess gate = gate(api)) {
      SSLContext trust = GateProcess.trusting(gate.data().resolve("ca.crt"));
      int port = gate.address().getPort();
      String base = gate.file("admin.json").getString("baseUrl");
      int adminPort = URI.create(base).getPort();
      for (String malformed : malformedHttp1()) {
        assertKeepsSecret(new RawClient(port, trust, "http/1.1"), malformed);
        assertKeepsSecret(new RawClient(adminPort, null, ""), malformed);
      }
      for (byte[] malformed : malformedHttp2()) {
        try (RawClient client = Http2Frames.begin(new RawClient(port, trust, "h2"))) {
          assertThat(answerTo(client.send(malformed))).doesNotContain(SECRET);
        }
      }
      // No TLS record (RFC 8446 §5.1), or one whose content is no handshake message.
      assertKeepsSecret(new RawClient(port, null, ""), "GET /" + SECRET + " HTTP/1.1\r\n\r\n");
      assertKeepsSecret(new RawClient(port, null, ""), "\u0016\u0003\u0001\0\u0011" + SECRET);
      assertKeepsSecret(
          new RawClient(port, null, ""), "\u0016\u0003\u0001\0\u0015\u0001\0\0\u0011" + SECRET);

      String log = gate.end("TERM").err();

      assertThat(log).doesNotContainIgnoringCase(SECRET);
      byte[] bytes = SECRET.getBytes(StandardCharsets.ISO_8859_1);
      assertThat(log).doesNotContainIgnoringCase(HexFormat.of().formatHex(bytes));
      assertThat(log).doesNotContainIgnoringCase(HexFormat.ofDelimiter(" ").formatHex(bytes));
      assertThat(log).as("it was logged").contains("code=MALFORMED_REQUEST");
    }
  }

  private static List<String> malformedHttp1() {
    String head = " HTTP/1.1\r\nHost: localhost\r\n";
    List<String> requests = new ArrayList<>();
    for (String field :
        List.of(
            "Authorization\tBearer " + SECRET + ":c",
            "Authorization : Bearer " + SECRET,
            "Authorization Bearer " + SECRET,
            " " + SECRET + ": folded",
            "Authorization: Bearer " + SECRET + "\u0000",
            "Authorization: Bearer\u000b" + SECRET,
            SECRET + "\u0001: value",
            SECRET,
            ": " + SECRET,
            "Content-Length: " + SECRET,
            "Content-Length: 5\r\nContent-Length: " + SECRET,
            "Transfer-Encoding: " + SECRET,
            "Host: " + SECRET + " " + SECRET,
            "Expect: " + SECRET,
            "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: " + SECRET)) {
      requests.add("GET /keyed" + head + field + "\r\n\r\n");
    }
    requests.add(SECRET + "\u0001 /keyed" + head + "\r\n");
    requests.add("GET /keyed " + SECRET + "\r\n\r\n");
    requests.add("GET /keyed HTTP/1.1 " + SECRET + "\r\n\r\n");
    requests.add("GET " + SECRET + head + "\r\n");
    requests.add("GET http://" + SECRET + ":" + SECRET + "/" + head + "\r\n");
    requests.add("GET /keyed?%" + SECRET + "\u0001" + head + "\r\n");
    for (String path : List.of("/keyed", "/open")) {
      String chunked = "POST " + path + head + "Transfer-Encoding: chunked\r\n\r\n";
      requests.add(chunked + SECRET + "\r\n");
      requests.add(chunked + "5;" + SECRET + "=\u0001\"\r\nhello\r\n0\r\n\r\n");
      requests.add(chunked + "5\r\nhello" + SECRET + "\r\n");
      requests.add(chunked + "0\r\nTrailer\t" + SECRET + ":c\r\n\r\n");
      requests.add(chunked + "0\r\nContent-Length: " + SECRET + "\r\n\r\n");
    }
    return requests;
  }

  private static List<byte[]> malformedHttp2() {
    String request = ":method=GET|:scheme=https|:authority=localhost|:path=/keyed|";
    int whole = Http2Frames.END_HEADERS | Http2Frames.END_STREAM;
    List<byte[]> frames = new ArrayList<>();
    for (String field :
        List.of(
            "authorization\tBearer " + SECRET + "=c",
            SECRET + "=upper case",
            "authorization=Bearer " + SECRET + "\n",
            "authorization=Bearer " + SECRET + "\u0000",
            ":" + SECRET.toLowerCase(Locale.ROOT) + "=c",
            "content-length=" + SECRET,
            "connection=" + SECRET,
            "te=" + SECRET,
            "host=" + SECRET)) {
      frames.add(
          Http2Frames.frame(Http2Frames.HEADERS, whole, 1, Http2Frames.fields(request + field)));
    }
    byte[] secret = SECRET.getBytes(StandardCharsets.ISO_8859_1);
    for (int type :
        List.of(
            Http2Frames.DATA,
            Http2Frames.HEADERS,
            Http2Frames.RST_STREAM,
            Http2Frames.SETTINGS,
            Http2Frames.PING,
            Http2Frames.CONTINUATION)) {
      frames.add(Http2Frames.frame(type, whole, type == Http2Frames.DATA ? 0 : 1, secret));
    }
    byte[] goAway = new byte[8 + secret.length];
    System.arraycopy(secret, 0, goAway, 8, secret.length);
    frames.add(Http2Frames.frame(Http2Frames.GOAWAY, 0, 0, goAway));
    return frames;
  }

  private static void assertKeepsSecret(RawClient client, String request) throws IOException {
    try (client) {
      assertThat(answerTo(client.send(request))).doesNotContainIgnoringCase(SECRET);
    }
  }

  // What comes until the gate ends the connection, as it does when it was sent what is malformed.
  private static String answerTo(RawClient client) throws IOException {
    client.endInput();
    return client.readToEnd();
  }
}
