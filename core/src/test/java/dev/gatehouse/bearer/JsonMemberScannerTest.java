package dev.gatehouse.bearer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import dev.gatehouse.json.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonMemberScannerTest {

  private static @Nullable String issuer(String json) {
    return JsonMemberScanner.of(json.getBytes(UTF_8), "iss");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"iss\":\"https://id.example\"}",
        " {\n\t\"iss\" : \"https://id.example\" , \"a\":1}\r\n",
        "{\"sub\":\"a\\\"iss\\\":\\\"x\",\"iss\":\"https://id.example\"}",
        "{\"act\":{\"iss\":\"https://other.example\"},\"iss\":\"https://id.example\"}",
        "{\"l\":[{\"iss\":\"x\"},\"}\",\"]\"],\"n\":-1.5e3,\"t\":true,\"iss\":\"https://id.example\"}",
        "{\"iss\":\"https://id.example\",\"iss\":\"https://other.example\"}",
        "{\"iss\":\"https:\\/\\/id.ex\\u0061mple\"}",
        "{\"h\u00e9\\n\":\"h\u00e9\",\"is\\u0073\":\"https://id.example\"}",
      })
  void theMemberOfTheObjectItselfIsFound(String json) {
    assertThat(issuer(json)).isEqualTo("https://id.example");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "[\"iss\",\"x\"]",
        "\"iss\"",
        "{\"sub\":\"iss\"}",
        "{\"act\":{\"iss\":\"x\"}}",
        "{\"iss\":7}",
        "{\"iss\":{\"iss\":\"x\"}}",
        "{\"iss\":\"x",
        "{\"iss\":\"\\ud800\"}",
        "{\"iss\":\"\\x\"}",
        "{\"a\":\"\\",
        "{\"a\":[[[",
        "{\"a\"\"iss\":\"x\"}",
      })
  void whatIsNotPlainlyThereIsNot(String json) {
    assertThat(issuer(json)).isNull();
  }

  @Test
  void itSaysTheSameAsTheParserOfWhateverObject() {
    Random random = new Random(5);
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      Map<String, Object> object = object(random, 3);
      byte[] json = JSONObjectUtils.toJSONString(object).getBytes(UTF_8);
      String plain = JsonMemberScanner.of(json, "iss");
      Object parsed = Json.object(json).orElseThrow().get("iss");
      assertThat(plain).isEqualTo(parsed instanceof String text ? text : null);
      found += plain == null ? 0 : 1;
    }
    assertThat(found).isGreaterThan(500);
  }

  @Test
  void damagedAtRandomItIsReadOrNotAndNeverFails() {
    Random random = new Random(6);
    for (int i = 0; i < 20_000; i++) {
      byte[] json = JSONObjectUtils.toJSONString(object(random, 2)).getBytes(UTF_8);
      byte[] damaged = Arrays.copyOf(json, random.nextInt(json.length + 1));
      for (int n = random.nextInt(3); n > 0 && damaged.length > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      String plain = JsonMemberScanner.of(damaged, "iss");
      Object parsed = Json.object(damaged).map(members -> members.get("iss")).orElse(null);
      assertThat(plain == null || parsed == null || parsed.equals(plain)).isTrue();
    }
  }

  private static Map<String, Object> object(Random random, int depth) {
    List<String> names = new ArrayList<>(List.of("iss", "sub", "\"iss\"", "a{", "}", "\u00e9"));
    Collections.shuffle(names, random);
    Map<String, Object> object = new LinkedHashMap<>();
    for (String name : names.subList(0, random.nextInt(names.size() + 1))) {
      object.put(name, value(random, depth));
    }
    return object;
  }

  private static Object value(Random random, int depth) {
    return switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> random.nextInt();
      case 1 -> random.nextBoolean();
      case 2 -> "\",\"iss\":\"no\\";
      case 3 -> "{[\u00e9";
      case 4 -> "plain " + random.nextInt();
      case 5 -> object(random, depth - 1);
      default -> List.of(value(random, depth - 1), value(random, depth - 1));
    };
  }
}
