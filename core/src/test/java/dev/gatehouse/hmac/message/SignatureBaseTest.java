package dev.gatehouse.hmac.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.AuthRequest;
import dev.gatehouse.hmac.MalformedSignatureException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.greenbytes.http.sfv.Parser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureBaseTest {

  private static final String END = ";created=1618884473;keyid=\"k\"";

  private static final String REQUEST =
      """
      POST /foo?param=Value&Pet=dog&Pet=cat&q=&sp=a+b%20c&u=%E2%82%AC&bad=%ff HTTP/1.1
      Host: WWW.Example.com:443
      Date: Tue, 20 Apr 2021 02:07:55 GMT
      X-Empty:
      X-Twice:  a\t
      X-Twice: b
      X-Dict: a=1, b=2;x=1;y=2,   a=(a   b)
      Priority:   u=1,    i
      X-Latin: caf\u00e9
      Cookie: a=1, 2
      Cookie: b=3
      Content-Digest: sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
      """
          .strip();

  @Test
  void theExamplesOfAppendixBHaveTheirBases() throws Exception {
    int valid = 0;
    int other = 0;
    for (Map<String, Object> example : examples()) {
      String message = JSONObjectUtils.getString(example, "message");
      if (message.startsWith("HTTP/")) {
        continue; // of a response: the next test
      }
      SignatureParameters parameters =
          parameters(
              JSONObjectUtils.getString(example, "signatureInput")
                  .substring(JSONObjectUtils.getString(example, "label").length() + 1));
      String base = SignatureBase.of(RequestText.request("https", message)).text(parameters);
      if ("valid".equals(JSONObjectUtils.getString(example, "result"))) {
        assertThat(base).isEqualTo(JSONObjectUtils.getString(example, "signatureBase"));
        valid++;
      } else {
        assertThat(base).isNotEqualTo(original());
        other++;
      }
    }
    assertThat(valid).isEqualTo(10);
    assertThat(other).isEqualTo(2);
  }

  private static String original() throws Exception {
    for (Map<String, Object> example : examples()) {
      if ("B.4-original".equals(example.get("id"))) {
        return JSONObjectUtils.getString(example, "signatureBase");
      }
    }
    throw new AssertionError();
  }

  @Test
  void componentsOfResponsesAreNoneOfARequest() throws Exception {
    // Appendix B.2.4, the example that is a response.
    refused("(\"@status\" \"content-type\" \"content-digest\" \"content-length\")");
    refused("(\"@method\";req)");
    refused("(\"content-digest\";req)");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "`\"@method\"`|`POST`",
        "`\"@scheme\"`|`https`",
        "`\"@authority\"`|`www.example.com`",
        "`\"@path\"`|`/foo`",
        "`\"cookie\"`|`a=1, 2; b=3`",
        "`\"@query\"`|`?param=Value&Pet=dog&Pet=cat&q=&sp=a+b%20c&u=%E2%82%AC&bad=%ff`",
        "`\"@query-param\";name=\"param\"`|`Value`",
        "`\"@query-param\";name=\"q\"`|``",
        "`\"date\"`|`Tue, 20 Apr 2021 02:07:55 GMT`",
        "`\"x-empty\"`|``",
        "`\"x-twice\"`|`a, b`",
        "`\"x-twice\";bs`|`:YQ==:, :Yg==:`",
        "`\"x-latin\";bs`|`:Y2Fm6Q==:`",
        "`\"x-dict\";key=\"b\"`|`2;x=1;y=2`",
        "`\"x-dict\";key=\"a\"`|`(a b)`",
        "`\"priority\";sf`|`u=1, i`",
        "`\"host\"`|`WWW.Example.com:443`",
      })
  void eachComponentHasItsValue(String identifier, String value) throws Exception {
    AuthRequest request = RequestText.request("https", REQUEST.replace("&bad=%ff", ""));
    String expected = value.replace("&bad=%ff", "");
    assertThat(SignatureBase.of(request).text(parameters("(" + identifier + ")" + END)))
        .isEqualTo(
            identifier + ": " + expected + "\n\"@signature-params\": (" + identifier + ")" + END);
  }

  @Test
  void queryParametersAreDecodedAndEncodedAgain() throws Exception {
    AuthRequest request =
        RequestText.request(
            "https", "GET /?sp=a+b%20c&u=%E2%82%AC&fa%c3%a7ade%22%3A%20=* HTTP/1.1");
    assertThat(value(request, "\"@query-param\";name=\"sp\"")).isEqualTo("a%20b%20c");
    assertThat(value(request, "\"@query-param\";name=\"u\"")).isEqualTo("%E2%82%AC");
    // The name of RFC 9421 §2.2.8's own example.
    assertThat(value(request, "\"@query-param\";name=\"fa%C3%A7ade%22%3A%20\"")).isEqualTo("*");
  }

  @Test
  void aQueryParameterThatIsThereTwiceOrIsNoTextIsNotSigned() {
    refusedIn(REQUEST, "(\"@query-param\";name=\"Pet\")");
    refusedIn(REQUEST, "(\"@query-param\";name=\"none\")");
    refusedIn(REQUEST, "(\"@query-param\";name=\"bad\")");
    refusedIn("GET /?a=%zz HTTP/1.1", "(\"@query-param\";name=\"a\")");
    refusedIn("GET /?a=1&%61=2 HTTP/1.1", "(\"@query-param\";name=\"a\")");
    refusedIn("GET / HTTP/1.1", "(\"@query-param\";name=\"\")");
  }

  @Test
  void theTargetUriIsTheWholeOfIt() throws Exception {
    assertThat(
            value(
                RequestText.request("https", "GET /a%2fb?x HTTP/1.1\nHost: H:8443"),
                "\"@target-uri\""))
        .isEqualTo("https://h:8443/a%2fb?x");
    assertThat(value(RequestText.request("HTTP", "GET / HTTP/1.1\nHost: h:80"), "\"@target-uri\""))
        .isEqualTo("http://h/");
    assertThat(
            value(
                RequestText.request("https", "GET / HTTP/1.1\nHost: [::1]:443"), "\"@authority\""))
        .isEqualTo("[::1]");
    // 80 is not the port of https.
    assertThat(value(RequestText.request("https", "GET / HTTP/1.1\nHost: h:80"), "\"@authority\""))
        .isEqualTo("h:80");
    assertThat(value(RequestText.request("https", "GET / HTTP/1.1\nHost: h:"), "\"@authority\""))
        .isEqualTo("h");
    assertThat(value(RequestText.request("https", "GET / HTTP/1.1\nHost: h"), "\"@query\""))
        .isEqualTo("?");
  }

  @Test
  void whatTheGateDoesNotKnowIsNotSigned() {
    refusedBy(RequestText.request("", "GET / HTTP/1.1\nHost: h"), "(\"@target-uri\")");
    refusedBy(RequestText.request("", "GET / HTTP/1.1\nHost: h"), "(\"@scheme\")");
    refusedBy(RequestText.request("https", "GET / HTTP/1.0"), "(\"@authority\")");
    refusedBy(RequestText.request("https", "OPTIONS * HTTP/1.1\nHost: h"), "(\"@path\")");
    refusedBy(RequestText.request("https", "OPTIONS * HTTP/1.1\nHost: h"), "(\"@target-uri\")");
  }

  @Test
  void aComponentThatTheRequestHasNotIsNotSigned() {
    refusedIn(REQUEST, "(\"x-none\")");
    refusedIn(REQUEST, "(\"x-none\";bs)");
    refusedIn(REQUEST, "(\"x-dict\";key=\"none\")");
    refusedIn(REQUEST, "(\"date\";key=\"a\")");
    refusedIn(REQUEST, "(\"x-dict\";sf)"); // nobody knows what it is
    refusedIn(REQUEST.replace("u=1", "u=="), "(\"priority\";sf)");
  }

  @Test
  void noValueBreaksOutOfItsLine() {
    refusedIn(REQUEST, "(\"x-latin\")");
    // No parser of ours lets such a line through; the base would be another's if one did.
    refusedIn(REQUEST.replace("GMT", "GMT\r"), "(\"date\")");
    refusedIn(REQUEST.replace("POST", "PO\u0007ST"), "(\"@method\")");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"@status\"",
        "\"@signature-params\"",
        "\"@query-params\";name=\"a\"",
        "\"@query-param\"",
        "\"@query-param\";key=\"a\"",
        "\"@method\";name=\"a\"",
        "\"@method\";sf",
        "\"@path\";bs",
        "\"@unknown\"",
        "\"@\"",
        "\"\"",
        "\"Date\"",
        "\"x y\"",
        "\"x:\"",
        "\"date\";tr",
        "\"date\";req",
        "\"date\";name=\"a\"",
        "\"date\";sf=?0",
        "\"date\";bs=1",
        "\"date\";bs=\"1\"",
        "\"date\";key",
        "\"date\";key=a",
        "\"date\";sf;bs",
        "\"date\";bs;sf",
        "\"date\";sf;key=\"a\"",
        "\"date\";bs;key=\"a\"",
        "\"date\";other",
        "date",
        "1",
        ":YQ==:",
        "?1"
      })
  void componentsThatAreNotUnderstoodAreRefused(String identifier) {
    refused("(" + identifier + ")");
  }

  @Test
  void aComponentThatIsListedTwiceIsRefused() {
    refused("(\"@method\" \"@method\")");
    refused("(\"date\";bs \"date\";bs)");
    refused("(\"x\";key=\"a\" \"x\";key=\"a\")");
    // Other components, if of the same field.
    assertThat(parsed("(\"date\" \"date\";bs \"x\";key=\"a\" \"x\";key=\"b\")").components())
        .hasSize(4);
  }

  @Test
  void onlyTheWholeFieldCountsAsCovered() {
    assertThat(parsed("(\"content-digest\")").covers("content-digest")).isTrue();
    assertThat(parsed("(\"content-digest\";sf)").covers("content-digest")).isTrue();
    assertThat(parsed("(\"content-digest\";bs)").covers("content-digest")).isTrue();
    assertThat(parsed("(\"content-digest\";key=\"sha-256\")").covers("content-digest")).isFalse();
    assertThat(parsed("(\"@query-param\";name=\"@query-param\")").covers("@query-param")).isFalse();
  }

  @Test
  void noMoreComponentsAreReadThanTheGateWillResolve() {
    StringBuilder list = new StringBuilder("(");
    for (int i = 0; i < SignatureParameters.MAX_COMPONENTS; i++) {
      list.append("\"x").append(i).append("\" ");
    }
    assertThat(parsed(list + ")").components()).hasSize(SignatureParameters.MAX_COMPONENTS);
    refused(list + "\"y\")");
  }

  private static String value(AuthRequest request, String identifier) throws Exception {
    String base = SignatureBase.of(request).text(parsed("(" + identifier + ")"));
    return base.substring(identifier.length() + 2, base.indexOf('\n'));
  }

  private static void refused(String list) {
    assertThatThrownBy(() -> parameters(list + END))
        .as(list)
        .isInstanceOf(MalformedSignatureException.class);
  }

  private static void refusedIn(String message, String list) {
    refusedBy(RequestText.request("https", message), list);
  }

  private static void refusedBy(AuthRequest request, String list) {
    SignatureParameters parameters = parsed(list);
    assertThatThrownBy(() -> SignatureBase.of(request).text(parameters))
        .as(list)
        .isInstanceOf(MalformedSignatureException.class);
  }

  private static SignatureParameters parsed(String list) {
    try {
      return parameters(list + END);
    } catch (MalformedSignatureException unexpected) {
      throw new AssertionError(list, unexpected);
    }
  }

  private static SignatureParameters parameters(String text) throws MalformedSignatureException {
    return SignatureParameters.of(Parser.parseInnerList(text));
  }

  private static List<Map<String, Object>> examples() throws Exception {
    try (InputStream file =
        Objects.requireNonNull(
            SignatureBaseTest.class.getResourceAsStream("/vectors/rfc9421/appendix-b.json"))) {
      return List.of(
          JSONObjectUtils.getJSONObjectArray(
              JSONObjectUtils.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8)),
              "cases"));
    }
  }
}
