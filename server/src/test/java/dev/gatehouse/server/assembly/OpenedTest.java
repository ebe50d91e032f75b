package dev.gatehouse.server.assembly;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenedTest {

  @Test
  void closesInTheOppositeOrderOnceAndDespiteFailures() {
    List<String> closed = new ArrayList<>();
    Opened opened = new Opened();
    opened.add(() -> closed.add("first"));
    opened.add(
        () -> {
          throw new IllegalStateException("it does not close");
        });
    opened.add(() -> closed.add("last"));
    opened.close();
    opened.close();
    assertThat(closed).containsExactly("last", "first");
  }
}
