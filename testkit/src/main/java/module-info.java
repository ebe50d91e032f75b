import org.jspecify.annotations.NullMarked;

/// Contract suites for the ports, and what their tests share.
@NullMarked
module dev.gatehouse.testkit {
  requires static org.jspecify;
  requires transitive dev.gatehouse.core;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;
}
