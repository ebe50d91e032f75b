package dev.gatehouse.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "{",
        "{} {}",
        "\uFEFF{}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":1e400}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{\"a\":[[{\"b\":1,\"b\":1}]]}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":[{\"b\":\"\\uDC00\\uD800\"}]}",
        "{\"\\ud800\":1}",
      })
  void whatIsNoObjectOrMeansTwoThingsIsNotRead(String text) {
    assertThat(Json.object(text)).isEmpty();
    assertThat(Json.object(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
    assertThat(Json.array("[" + text + "," + text + "]").filter(read -> text.startsWith("{")))
        .isEmpty();
  }

  @Test
  void textThatIsNoUnicodeIsNotRead() {
    assertThat(Json.object("{\"a\":\"\ud800\"}")).isEmpty();
    assertThat(Json.object(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'})).isEmpty();
    assertThat(Json.isWellFormed("a\ud83d\ude00")).isTrue();
    assertThat(Json.isWellFormed("a\ude00\ud83d")).isFalse();
  }

  @Test
  void membersOfOneNameInSeveralObjectsAndColonsInTextsAreRead() {
    assertThat(
            Json.object(
                " {\"a\" : {\"a\":\"x:y\"}, \"b:c\":[{\"a\":\"\\\":\\\\\"},{\"a\":null}], \"\\ud83d\\ude00\":true}"))
        .hasValueSatisfying(
            read ->
                assertThat(read)
                    .containsEntry("a", Map.of("a", "x:y"))
                    .containsEntry("\ud83d\ude00", true)
                    .hasSize(3));
    assertThat(Json.array("[1, {\"a\": 2}]")).contains(List.of(1L, Map.of("a", 2L)));
  }

  @Test
  void wholeNumbersAreExactOrNoLong() {
    assertThat(Json.object("{\"a\":9223372036854775807}").orElseThrow())
        .containsEntry("a", Long.MAX_VALUE);
    assertThat(Json.object("{\"a\":9223372036854775808}").orElseThrow().get("a"))
        .isInstanceOf(Double.class);
  }
}
