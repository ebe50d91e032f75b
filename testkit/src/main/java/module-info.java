import org.jspecify.annotations.NullMarked;

/// Contract suites for the ports of the core, and tools that tests share.
@NullMarked
module dev.gatehouse.testkit {
  requires static org.jspecify;
  requires transitive dev.gatehouse.core;
  requires transitive org.assertj.core;
  requires transitive org.junit.jupiter.api;
}
