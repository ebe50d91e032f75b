package dev.gatehouse.server.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bin/find-jdk.sh`, by which `./gatehouse` and `./verify` choose what they run on.
class FindJdkTest {

  private static final Path SCRIPT = Path.of("../bin/find-jdk.sh").toAbsolutePath().normalize();

  @TempDir Path temp;

  @Test
  void theVersionThatTheBuildIsMadeForIsPreferredToANewerOne() throws IOException {
    Path seventeen = jdk("a17", "JAVA_VERSION=\"17.0.15\"");
    Path newer = jdk("b27", "JAVA_VERSION=\"27-ea\"");
    Path right = jdk("c25", "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"25.0.3\"\nOS_ARCH=\"x86_64\"");
    assertThat(best(seventeen, newer, right)).isEqualTo(right + "\n");
    assertThat(best(seventeen, newer)).isEqualTo(newer + "\n");
  }

  @Test
  void whatIsNoJdkIsPassedOver() throws IOException {
    Path withoutCompiler = jdk("jre", "JAVA_VERSION=\"25\"");
    Files.delete(withoutCompiler.resolve("bin/javac"));
    Path withoutRelease = jdk("bare", "");
    Files.delete(withoutRelease.resolve("release"));
    Path old = jdk("eight", "JAVA_VERSION=\"1.8.0_402\"");
    Path strange = jdk("strange", "JAVA_VERSION=\"x\"");
    assertThat(best(withoutCompiler, withoutRelease, old, strange, temp.resolve("none"))).isEmpty();
  }

  @Test
  void javaHomeCountsWhenItIsNewEnough() throws IOException {
    Path right = jdk("with space", "JAVA_VERSION=\"25\"");
    assertThat(run(Map.of("JAVA_HOME", right.toString()), "find_jdk")).isEqualTo(right + "\n");
    Path old = jdk("old", "JAVA_VERSION=\"17\"");
    assertThat(run(Map.of("JAVA_HOME", old.toString()), "find_jdk")).isNotEqualTo(old + "\n");
  }

  @Test
  void theUsersMavenOptionsAreKept() throws IOException {
    Path right = jdk("jdk", "JAVA_VERSION=\"25\"");
    assertThat(
            run(
                Map.of("JAVA_HOME", right.toString(), "MAVEN_OPTS", "-Xmx1g"),
                "use_jdk; echo $MAVEN_OPTS"))
        .startsWith("-Xmx1g --sun-misc-unsafe-memory-access=allow");
  }

  private String best(Path... homes) throws IOException {
    StringBuilder command = new StringBuilder("best_jdk");
    for (Path home : homes) {
      command.append(" '").append(home).append('\'');
    }
    return run(Map.of(), command.toString());
  }

  private static String run(Map<String, String> environment, String command) throws IOException {
    List<String> bash = new ArrayList<>(List.of("bash", "-c", ". \"$0\"; " + command));
    bash.add(SCRIPT.toString());
    ProcessBuilder builder = new ProcessBuilder(bash).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    return process.inputReader().readAllAsString();
  }

  private Path jdk(String name, String release) throws IOException {
    Path home = temp.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.createFile(home.resolve("bin/javac"));
    assertThat(home.resolve("bin/javac").toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), release + "\n");
    return home;
  }
}
