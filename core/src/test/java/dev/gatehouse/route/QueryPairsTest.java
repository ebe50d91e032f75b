package dev.gatehouse.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryPairsTest {

  private static List<String> asked(String query, QueryPairs.Part part, int minChars) {
    List<String> asked = new ArrayList<>();
    boolean found = QueryPairs.any(query, part, minChars, text -> !asked.add(text));
    assertThat(found).isFalse();
    return asked;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a=b&c;d=e=f&=g&h=|NAME|a,c,d,,h",
        "a=b&c;d=e=f&=g&h=|VALUE|b,c,e=f,g,",
        "a=b&c;d=e=f&=g&h=|EITHER|a,b,c,d,e=f,,g,h,",
      })
  void namesAndValuesAreReadAsServersReadThem(String query, QueryPairs.Part part, String expected) {
    assertThat(asked(query, part, 0)).isEqualTo(List.of(expected.split(",", -1)));
  }

  @Test
  void whatFitsEndsTheSearch() {
    assertThat(QueryPairs.any("a=1&b=2", QueryPairs.Part.VALUE, 1, "1"::equals)).isTrue();
    assertThat(QueryPairs.any("a=1&b=2", QueryPairs.Part.VALUE, 1, "2"::equals)).isTrue();
    assertThat(QueryPairs.any("a=1&b=2", QueryPairs.Part.NAME, 1, "2"::equals)).isFalse();
  }

  @Test
  void nothingIsAskedOfWhatIsTooShort() {
    for (QueryPairs.Part part : QueryPairs.Part.values()) {
      assertThat(asked("&".repeat(8000) + "abcd=efg;".repeat(100), part, 5)).isEmpty();
    }
  }
}
