package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A script of the tests' resources, run by Node as somebody would who trusts the gate's CA.
final class NodeScript {

  private NodeScript() {}

  // Where the packages of others are installed, by ./verify or by hand: npm ci --ignore-scripts.
  private static final Path PACKAGES = Path.of("src/test/npm");

  /// Runs it to its end, which must be a good one; what it printed.
  static String run(String name, Path trusted, String input, String... arguments) throws Exception {
    return run(file(name), trusted, input, arguments);
  }

  /// The same with a script that uses packages of others.
  static String runWithPackages(String name, Path trusted, String input, String... arguments)
      throws Exception {
    assertThat(PACKAGES.resolve("node_modules"))
        .as("installed by: npm ci --ignore-scripts --prefix server/src/test/npm")
        .isDirectory();
    return run(PACKAGES.resolve(name), trusted, input, arguments);
  }

  private static String run(Path script, Path trusted, String input, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("node", script.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("NODE_EXTRA_CA_CERTS", trusted.toString());
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    try (var out = process.getInputStream()) {
      String said = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(said).isZero();
      return said;
    }
  }

  private static Path file(String name) throws Exception {
    return Path.of(
        Objects.requireNonNull(NodeScript.class.getResource(name), name + " is a resource")
            .toURI());
  }
}
