package dev.gatehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopesTest {

  private static final Scopes READ_WRITE = Scopes.of("orders:write", "orders:read");

  @Test
  void theyAreASetWithOneText() {
    assertThat(READ_WRITE).hasToString("orders:read orders:write");
    assertThat(Scopes.parse(" orders:write   orders:read orders:read ")).isEqualTo(READ_WRITE);
    assertThat(Scopes.parse("")).isEqualTo(Scopes.NONE);
  }

  @Test
  void theySpellCaseAndAreNoPatterns() {
    assertThat(READ_WRITE.containsAll(Scopes.of("Orders:read"))).isFalse();
    assertThat(Scopes.of("orders:*").containsAll(Scopes.of("orders:read"))).isFalse();
    assertThat(Scopes.of("orders").containsAll(Scopes.of("orders:read"))).isFalse();
  }

  @Test
  void theyAreAddedNarrowedAndTakenAway() {
    Scopes other = Scopes.of("orders:read", "stock:read");

    assertThat(READ_WRITE.intersect(other)).isEqualTo(Scopes.of("orders:read"));
    assertThat(READ_WRITE.union(other))
        .isEqualTo(Scopes.of("orders:read", "orders:write", "stock:read"));
    assertThat(READ_WRITE.minus(other)).isEqualTo(Scopes.of("orders:write"));
    assertThat(READ_WRITE.intersect(Scopes.NONE).isEmpty()).isTrue();
    assertThat(Scopes.NONE.union(READ_WRITE)).isEqualTo(READ_WRITE);
    assertThat(READ_WRITE.containsAll(Scopes.NONE)).isTrue();
    assertThat(Scopes.NONE.containsAll(READ_WRITE)).isFalse();
  }

  @Test
  void nobodyCanChangeThem() {
    assertThatThrownBy(() -> READ_WRITE.tokens().add("admin"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a\"b", "a\\b", "a\nb", "\0", "é", "a\u007f"})
  void whatRfc6749DoesNotAllowIsRefused(String token) {
    assertThatThrownBy(() -> Scopes.of(token)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenIsNotEndless() {
    assertThat(Scopes.of("a".repeat(128)).tokens()).hasSize(1);
    assertThatThrownBy(() -> Scopes.of("a".repeat(129)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
