package dev.gatehouse.hmac.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.bouncycastle.util.encoders.Base32;
import org.greenbytes.http.sfv.BooleanItem;
import org.greenbytes.http.sfv.ByteSequenceItem;
import org.greenbytes.http.sfv.DecimalItem;
import org.greenbytes.http.sfv.Dictionary;
import org.greenbytes.http.sfv.InnerList;
import org.greenbytes.http.sfv.IntegerItem;
import org.greenbytes.http.sfv.Item;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.OuterList;
import org.greenbytes.http.sfv.Parameters;
import org.greenbytes.http.sfv.Parser;
import org.greenbytes.http.sfv.StringItem;
import org.greenbytes.http.sfv.TokenItem;
import org.greenbytes.http.sfv.Type;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The HTTP working group's cases for structured fields (RFC 9651), through the library that parses
/// and writes them for us. It knows RFC 8941, and none of what RFC 9651 added.
class StructuredFieldVectorsTest {

  private static final List<String> PARSED =
      List.of(
          "binary",
          "boolean",
          "date",
          "dictionary",
          "display-string",
          "examples",
          "item",
          "key-generated",
          "large-generated",
          "list",
          "listlist",
          "number-generated",
          "number",
          "param-dict",
          "param-list",
          "param-listlist",
          "string-generated",
          "string",
          "token-generated",
          "token");
  private static final List<String> WRITTEN =
      List.of("key-generated", "number", "string-generated", "token-generated");

  // Refused, though a field may hold them: Dates and Display Strings are new in RFC 9651 (§3.3.7
  // and
  // §3.3.8), and nothing in RFC 9421, RFC 9530 or RFC 9440 is one. Nothing is read that must fail.
  private static SortedMap<String, String> stricter() {
    SortedMap<String, String> stricter = new TreeMap<>();
    for (String name :
        List.of(
            "date - 1917-05-30 22:02:47",
            "date - 1970-01-01 00:00:00",
            "date - 2022-08-04 01:57:13",
            "date - 2^31",
            "date - 2^32",
            "date with negative zero",
            "interoperability max date - 9999-12-31 00:00:00",
            "interoperability min date - 0001-01-01 00:00:00")) {
      stricter.put("date: " + name, "refused");
    }
    for (String name :
        List.of(
            "BOM in display string",
            "all printable ascii",
            "basic display string (ascii content)",
            "display string quoting",
            "non-ascii display string (lowercase escaping)",
            "over-encoded display string")) {
      stricter.put("display-string: " + name, "refused");
    }
    return stricter;
  }

  // RFC 9651 §4.1.5 rounds a decimal of more than three digits behind the point; the library cuts
  // it off. No field that we write holds a decimal, and one that was read has three digits at most.
  private static final Map<String, String> CUT_OFF =
      new TreeMap<>(
          Map.of(
              "number: decimal round up to integer part - serialize", "written as 9.999",
              "number: round negative even decimal - serialize", "written as -0.2",
              "number: round negative odd decimal - serialize", "written as -0.1",
              "number: round positive even decimal - serialize", "written as 0.2",
              "number: round positive odd decimal - serialize", "written as 0.1"));

  @Test
  void everyFieldIsReadAsTheCasesSay() {
    SortedMap<String, String> differences = new TreeMap<>();
    int read = 0;
    for (String file : PARSED) {
      for (Map<String, Object> test : cases(file)) {
        read++;
        String difference = differenceOfReading(test);
        if (difference != null) {
          differences.put(file + ": " + test.get("name"), difference);
        }
      }
    }

    assertThat(read).isEqualTo(1591);
    assertThat(differences).isEqualTo(stricter());
  }

  @Test
  void everyValueIsWrittenAsTheCasesSay() {
    SortedMap<String, String> differences = new TreeMap<>();
    int written = 0;
    for (String file : WRITTEN) {
      for (Map<String, Object> test : cases("serialisation-tests/" + file)) {
        written++;
        String difference = differenceOfWriting(test);
        if (difference != null) {
          differences.put(file + ": " + test.get("name"), difference);
        }
      }
    }

    assertThat(written).isEqualTo(544);
    assertThat(differences).isEqualTo(CUT_OFF);
  }

  private static @Nullable String differenceOfReading(Map<String, Object> test) {
    boolean mustFail = Boolean.TRUE.equals(test.get("must_fail"));
    Type<?> field;
    try {
      field = read(String.valueOf(test.get("header_type")), strings(test.get("raw")));
    } catch (IllegalArgumentException refused) {
      boolean canFail = mustFail || Boolean.TRUE.equals(test.get("can_fail"));
      return canFail ? null : "refused";
    }
    if (mustFail) {
      return "accepted";
    }
    if (!shown(field).equals(shown(String.valueOf(test.get("header_type")), test))) {
      return "read as " + shown(field);
    }
    return differenceOfForm(field.serialize(), test);
  }

  private static @Nullable String differenceOfWriting(Map<String, Object> test) {
    boolean mustFail = Boolean.TRUE.equals(test.get("must_fail"));
    String text;
    try {
      text = made(String.valueOf(test.get("header_type")), test.get("expected")).serialize();
    } catch (IllegalArgumentException refused) {
      return mustFail ? null : "refused";
    }
    return mustFail ? "written" : differenceOfForm(text, test);
  }

  private static @Nullable String differenceOfForm(String text, Map<String, Object> test) {
    Object canonical = test.getOrDefault("canonical", test.get("raw"));
    return text.equals(String.join(",", strings(canonical))) ? null : "written as " + text;
  }

  private static Type<?> read(String kind, List<String> lines) {
    Parser parser = new Parser(lines);
    return switch (kind) {
      case "item" -> parser.parseItem();
      case "list" -> parser.parseList();
      case "dictionary" -> parser.parseDictionary();
      default -> throw new AssertionError(kind);
    };
  }

  // A parsed value as text that shows every type and value in it.
  private static String shown(@Nullable Object value) {
    return switch (value) {
      case Dictionary dictionary -> "{" + members(dictionary.get()) + "}";
      case OuterList list -> list.get().stream().map(e -> shown(e)).toList().toString();
      case InnerList list ->
          list.get().stream().map(e -> shown(e)).toList() + shown(list.getParams());
      case Parameters parameters -> ";" + members(parameters);
      case IntegerItem item -> "integer " + item.get() + shown(item.getParams());
      case DecimalItem item -> "decimal " + plain(item.get()) + shown(item.getParams());
      case StringItem item -> "string " + item.get() + shown(item.getParams());
      case TokenItem item -> "token " + item.get() + shown(item.getParams());
      case BooleanItem item -> "boolean " + item.get() + shown(item.getParams());
      case ByteSequenceItem item -> "bytes " + hex(item.get()) + shown(item.getParams());
      case null, default -> throw new AssertionError(value);
    };
  }

  private static String members(Map<String, ? extends Object> members) {
    Map<String, String> shown = new LinkedHashMap<>();
    members.forEach((name, member) -> shown.put(name, shown(member)));
    return shown.toString();
  }

  private static String plain(BigDecimal decimal) {
    return decimal.stripTrailingZeros().toPlainString();
  }

  private static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return HexFormat.of().formatHex(copy);
  }

  // What a case expects, as the same text.
  private static String shown(String kind, Map<String, Object> test) {
    try {
      return shown(made(kind, test.get("expected")));
    } catch (UnsupportedOperationException later) {
      return String.valueOf(later.getMessage());
    }
  }

  private static Type<?> made(String kind, @Nullable Object expected) {
    return switch (kind) {
      case "item" -> item(list(expected));
      case "list" -> {
        List<ListElement<?>> elements = new ArrayList<>();
        list(expected).forEach(element -> elements.add(element(list(element))));
        yield OuterList.valueOf(elements);
      }
      case "dictionary" -> {
        Map<String, ListElement<?>> members = new LinkedHashMap<>();
        list(expected)
            .forEach(
                member ->
                    members.put(
                        String.valueOf(list(member).get(0)), element(list(list(member).get(1)))));
        yield Dictionary.valueOf(members);
      }
      default -> throw new AssertionError(kind);
    };
  }

  private static ListElement<?> element(List<?> valueAndParameters) {
    if (!(valueAndParameters.get(0) instanceof List<?> inner)) {
      return item(valueAndParameters);
    }
    List<Item<?>> items = new ArrayList<>();
    inner.forEach(each -> items.add(item(list(each))));
    return InnerList.valueOf(items).withParams(parameters(list(valueAndParameters.get(1))));
  }

  private static Item<?> item(List<?> valueAndParameters) {
    return bare(valueAndParameters.get(0)).withParams(parameters(list(valueAndParameters.get(1))));
  }

  private static Parameters parameters(List<?> pairs) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    pairs.forEach(
        pair -> parameters.put(String.valueOf(list(pair).get(0)), bare(list(pair).get(1))));
    return Parameters.valueOf(parameters);
  }

  private static Item<?> bare(@Nullable Object value) {
    return switch (value) {
      case Long integer -> IntegerItem.valueOf(integer);
      case Integer integer -> IntegerItem.valueOf(integer);
      case Double decimal -> DecimalItem.valueOf(BigDecimal.valueOf(decimal));
      case String text -> StringItem.valueOf(text);
      case Boolean flag -> BooleanItem.valueOf(flag);
      case Map<?, ?> typed -> {
        String inside = String.valueOf(typed.get("value"));
        yield switch (String.valueOf(typed.get("__type"))) {
          case "token" -> TokenItem.valueOf(inside);
          case "binary" -> ByteSequenceItem.valueOf(Base32.decode(inside));
          default -> throw new UnsupportedOperationException("a type that RFC 8941 has not");
        };
      }
      case null, default -> throw new AssertionError(value);
    };
  }

  private static List<?> list(@Nullable Object json) {
    return (List<?>) Objects.requireNonNull(json);
  }

  private static List<String> strings(@Nullable Object json) {
    return list(json).stream().map(String::valueOf).toList();
  }

  private static Map<String, Object>[] cases(String file) {
    String resource = "/vectors/structured-field-tests/" + file + ".json";
    try (InputStream json =
        Objects.requireNonNull(StructuredFieldVectorsTest.class.getResourceAsStream(resource))) {
      String text = new String(json.readAllBytes(), StandardCharsets.UTF_8);
      return JSONObjectUtils.getJSONObjectArray(
          JSONObjectUtils.parse("{\"cases\":" + text + "}"), "cases");
    } catch (IOException | java.text.ParseException broken) {
      throw new AssertionError(resource, broken);
    }
  }
}
