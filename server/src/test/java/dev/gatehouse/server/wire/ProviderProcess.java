package dev.gatehouse.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// An OpenID provider by software of others, in a process of its own on a free port of 127.0.0.1.
///
/// It is told its one client when the gate's address is known, and ends with its standard input, so
/// that none is left behind.
public final class ProviderProcess implements AutoCloseable {

  private static final Path PACKAGES = Path.of("src/test/npm");
  private static final Path MODULE = Path.of("../testproviders/target");

  private final Process process;
  private final BufferedReader out;
  private final Writer in;

  private ProviderProcess(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    out = process.inputReader(StandardCharsets.UTF_8);
    in = process.outputWriter(StandardCharsets.UTF_8);
  }

  /// Begins to start `oidc-provider` of npm.
  ///
  /// @param certificate for 127.0.0.1, as PEM
  public static ProviderProcess ofNode(Path certificate, Path key) throws IOException {
    assertThat(PACKAGES.resolve("node_modules/oidc-provider"))
        .as("installed by: npm ci --ignore-scripts --prefix server/src/test/npm")
        .isDirectory();
    return new ProviderProcess(
        List.of(
            "node",
            PACKAGES.resolve("oidc-provider.mjs").toString(),
            certificate.toString(),
            key.toString()));
  }

  /// Begins to start Spring Authorization Server.
  ///
  /// @param certificate for 127.0.0.1, as PEM
  public static ProviderProcess ofSpring(Path certificate, Path key) throws IOException {
    Path libraries = MODULE.resolve("class-path");
    assertThat(libraries).as("made by: mvn -pl testproviders process-classes").isRegularFile();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A short life on few cores
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                MODULE.resolve("classes") + ":" + Files.readString(libraries).strip(),
                "dev.gatehouse.testproviders.SpringProvider"));
    command.add(certificate.toString());
    command.add(key.toString());
    return new ProviderProcess(command);
  }

  /// Its issuer, once it listens.
  public URI issuer() {
    return URI.create(answer("ready "));
  }

  /// Tells it who its client is, in place of any before.
  ///
  /// @param redirectUri the only one
  /// @param audience of the tokens that the client gets in its own name, where it has a say
  public void register(String client, String secret, String redirectUri, String audience) {
    try {
      in.write("client " + client + " " + secret + " " + redirectUri + " " + audience + "\n");
      in.flush();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    answer("registered");
  }

  private String answer(String beginning) {
    List<String> said = new ArrayList<>();
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(beginning)) {
          return line.substring(beginning.length());
        }
        said.add(line);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    throw new AssertionError("the provider ended; it said " + said);
  }

  /// Ends it.
  @Override
  public void close() {
    try {
      in.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException ended) {
      process.destroyForcibly();
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
