package dev.gatehouse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {

  private static final int CASES = 2_000;
  private static final String TELLING = "{}[]\",:\\u0123-+.eEtrufalsn ";

  private static Map<String, @Nullable Object> object(String text) throws ParseException {
    return Json.object(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void everyKindOfValueIsRead() throws Exception {
    Map<String, @Nullable Object> members =
        object(
            "\r\n\t {\"a\" : \"x\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00fC\\uD83D\\uDC0E\", \"\":-0,\"n\":null ,"
                + "\"t\":true,\"f\":false,\"d\":1.5e+2,\"big\":1234567890123456789012,"
                + "\"l\":[1,[],{\"in\":[]}],\"o\":{}} ");
    assertThat(members).containsEntry("a", "x\"\\/\b\f\n\r\tü\uD83D\uDC0E");
    assertThat(members).containsEntry("", 0L).containsEntry("t", true).containsEntry("f", false);
    assertThat(members).containsEntry("d", 150.0).containsEntry("big", 1.2345678901234568e21);
    assertThat(members).containsEntry("l", List.of(1L, List.of(), Map.of("in", List.of())));
    assertThat(members).containsEntry("o", Map.of()).containsEntry("n", null).hasSize(9);
    assertThat(object("{}")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "1",
        "{",
        "}",
        "{]",
        "{}{}",
        "{} x",
        "{}\u0000",
        "\uFEFF{}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":'x'}",
        "{1:1}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":1.}",
        "{\"a\":1e}",
        "{\"a\":0x10}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":-}",
        "{\"a\":tru}",
        "{\"a\":True}",
        "{\"a\":nul",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u",
        "{\"a\":\"\\",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u0001\"}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[1",
        "{\"a\":[,1]}",
        "/**/{}",
        "{\"a\":1//\n}",
        "{\u00A0}"
      })
  void whatIsNoJsonObjectIsRefused(String text) {
    assertThatThrownBy(() -> object(text)).isInstanceOf(ParseException.class);
  }

  @Test
  void bytesThatAreNoUtf8AreRefused() {
    byte[] overlong = {'{', '"', (byte) 0xC0, (byte) 0xA2, '"', ':', '1', '}'};
    assertThatThrownBy(() -> Json.object(overlong)).isInstanceOf(ParseException.class);
  }

  @Test
  void depthIsBoundedHoweverLongTheText() throws Exception {
    assertThat(object("{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}")).hasSize(1);
    for (String opening : List.of("[", "{\"a\":")) {
      String deep = "{\"a\":" + opening.repeat(1_000_000);
      assertThatThrownBy(() -> object(deep))
          .isInstanceOf(ParseException.class)
          .hasMessageContaining("deep");
    }
  }

  @Test
  void anExceptionSaysNothingOfTheText() {
    assertThatThrownBy(() -> object("{\"accessToken\":\"secret\" oops"))
        .hasMessageNotContaining("secret");
  }

  @Test
  void aStringIsWrittenSoThatItIsReadTheSame() throws Exception {
    String odd = "a\"b\\c/\u0000\u001F\u007F ü € \uD83D\uDC0E \uD800 end";
    assertThat(object("{" + Json.quoted(odd) + ":" + Json.quoted(odd) + "}"))
        .isEqualTo(Map.of(odd, odd));
  }

  @RepeatedTest(20)
  void whateverIsWrittenInWhateverWayIsReadAndDamageIsNoOtherException(RepetitionInfo repetition)
      throws Exception {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < CASES / 20; i++) {
      Map<String, @Nullable Object> members = randomObject(random, 4);
      byte[] bytes = written(random, members).getBytes(StandardCharsets.UTF_8);
      assertThat(Json.object(bytes)).isEqualTo(members);
      for (int j = 0; j < 20; j++) {
        byte[] damaged = bytes.clone();
        for (int k = 0; k <= random.nextInt(3); k++) {
          damaged[random.nextInt(damaged.length)] =
              random.nextBoolean()
                  ? (byte) random.nextInt()
                  : (byte) TELLING.charAt(random.nextInt(TELLING.length()));
        }
        try {
          assertThat(Json.object(damaged)).isNotNull();
        } catch (ParseException refused) {
          assertThat(refused).hasNoCause();
        }
      }
    }
  }

  private static Map<String, @Nullable Object> randomObject(Random random, int depth) {
    Map<String, @Nullable Object> members = new LinkedHashMap<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      members.put(randomText(random), randomValue(random, depth - 1));
    }
    return members;
  }

  private static @Nullable Object randomValue(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 8 : 6)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> (long) random.nextInt();
      case 3 -> random.nextGaussian() * Math.pow(10, random.nextInt(40) - 20);
      case 4, 5 -> randomText(random);
      case 6 -> randomObject(random, depth);
      default -> {
        List<@Nullable Object> elements = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          elements.add(randomValue(random, depth - 1));
        }
        yield elements;
      }
    };
  }

  private static String randomText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      int c = random.nextInt(random.nextBoolean() ? 0x80 : Character.MAX_CODE_POINT);
      text.appendCodePoint(Character.getType(c) == Character.SURROGATE ? 'x' : c);
    }
    return text.toString();
  }

  private static String written(Random random, @Nullable Object value) {
    String space = " \t\r\n".substring(random.nextInt(4)).repeat(random.nextInt(2));
    List<String> parts = new ArrayList<>();
    return space
        + switch (value) {
          case String text -> writtenText(random, text);
          case Map<?, ?> map -> {
            map.forEach(
                (name, member) ->
                    parts.add(
                        space
                            + writtenText(random, (String) name)
                            + space
                            + ":"
                            + written(random, member)));
            yield "{" + String.join(",", parts) + space + "}";
          }
          case List<?> list -> {
            list.forEach(element -> parts.add(written(random, element)));
            yield "[" + String.join(",", parts) + space + "]";
          }
          case null -> "null";
          default -> value.toString();
        }
        + space;
  }

  private static String writtenText(Random random, String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c == '"' || c == '\\' || Character.isSurrogate(c) || random.nextInt(4) == 0) {
        quoted.append("\\u%04x".formatted((int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
