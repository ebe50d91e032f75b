package dev.gatehouse.server.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.server.gateway.Upstream;
import dev.gatehouse.server.wire.RawUpstream;
import dev.gatehouse.server.wire.TestHouse;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The listener conforms to HTTP/2 as h2spec, a conformance suite of others, understands it.
@Timeout(120)
@Tag("end-to-end")
class H2specTest {

  // In the jar of a Maven plugin, of which nothing else is used.
  private static final String ARCHIVE = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";

  @TempDir private Path temp;

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64", disabledReason = "h2spec is for that")
  void everyCaseOfH2specPasses() throws Exception {
    Path archive = temp.resolve("h2spec.tar.gz");
    try (InputStream packed = H2specTest.class.getResourceAsStream(ARCHIVE)) {
      Files.copy(Objects.requireNonNull(packed, ARCHIVE + " is on the class path"), archive);
    }
    run("tar", "-xzf", archive.toString(), "-C", temp.toString());
    try (RawUpstream upstream = new RawUpstream(null);
        TestHouse house =
            TestHouse.plan().route(TestHouse.open("/", Upstream.of(upstream.base()))).build()) {
      assertThat(
              run(
                  temp.resolve("h2spec").toString(),
                  "--host=localhost",
                  "--port=" + house.port(),
                  "--tls",
                  "--insecure"))
          .contains("145 tests, 145 passed, 0 skipped, 0 failed");
    }
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }
}
