package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/// The command line of a Java process that runs the gate: with the flags of `./gatehouse`, and
/// quick for a short life.
///
/// The classes come from an archive (class data sharing), which halves the time of a start. It
/// holds what a demo loads. The first test of this process that needs it makes it.
final class GateJvm {

  private static final String ARCHIVE = "gate.jsa";

  private static final List<String> COMMAND = withArchive();

  private GateJvm() {}

  /// A new list, to which the arguments of the command are added.
  static List<String> command() {
    return new ArrayList<>(COMMAND);
  }

  private static List<String> withArchive() {
    try {
      Path folder = Files.createTempDirectory("gate-jvm");
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      String classPath = ofJars(folder);
      Path archive = folder.resolve(ARCHIVE);
      runDemo(command("-XX:ArchiveClassesAtExit=" + archive, classPath), folder);
      return command("-XX:SharedArchiveFile=" + archive, classPath);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private static List<String> command(String archive, String classPath) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        archive,
        // Nothing of an archive that is not used
        "-Xlog:disable",
        // As in bin/build.sh
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-XX:+UseCompactObjectHeaders",
        // Many short lives on few cores: no optimising compiler, and no full collection because of
        // the classes that are loaded
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:MetaspaceSize=128m",
        "-cp",
        classPath,
        "dev.gatehouse.server.cli.Main");
  }

  // Class data sharing knows jars only, so each folder becomes one.
  private static String ofJars(Path folder) {
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    List<String> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path path = Path.of(entry).toAbsolutePath(); // the process may start in another folder
      if (Files.isDirectory(path)) {
        String made = folder.resolve(jars.size() + ".jar").toString();
        assertThat(
                jar.run(System.out, System.err, "--create", "-0", "--file", made, "-C", entry, "."))
            .isZero();
        jars.add(made);
      } else if (Files.exists(path)) {
        jars.add(path.toString());
      }
    }
    return String.join(File.pathSeparator, jars);
  }

  private static void runDemo(List<String> command, Path folder)
      throws IOException, InterruptedException {
    Path out = folder.resolve("demo.out");
    List<String> demo = new ArrayList<>(command);
    demo.addAll(List.of("demo", "--port", "0", "--data", folder.resolve("demo").toString()));
    Process process =
        new ProcessBuilder(demo)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(out.toFile())
            .redirectErrorStream(true)
            .start();
    try {
      GateProcess.until(() -> GateProcess.isReady(text(out)) || !process.isAlive());
      process.destroy();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).as("it ends").isTrue();
      assertThat(folder.resolve(ARCHIVE)).as("%s", text(out)).exists();
    } finally {
      process.destroyForcibly();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
