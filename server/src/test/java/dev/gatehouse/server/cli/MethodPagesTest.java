package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Method;
import dev.gatehouse.server.choose.ClientCode;
import dev.gatehouse.server.choose.Described;
import dev.gatehouse.server.choose.Language;
import dev.gatehouse.server.config.ConfigReader;
import dev.gatehouse.server.config.ConfigReading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What the documents say that a test can hold them to: code, configurations, commands and links.
class MethodPagesTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
  private static final Map<Language, String> FENCES =
      Map.of(
          Language.CURL, "sh",
          Language.JAVASCRIPT, "js",
          Language.PYTHON, "python",
          Language.JAVA, "java",
          Language.GO, "go");

  @TempDir private static Path temp;

  /// The pages whose configurations and commands are complete.
  static List<Path> pagesWithConfigurations() {
    return Stream.concat(
            Stream.of("docs/methods/README.md", "docs/start/sign-in-with-google.md"),
            Stream.of(Method.values()).map(method -> Described.of(method).page()))
        .map(ROOT::resolve)
        .toList();
  }

  static List<Path> documents() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> root = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"));
        Stream<Path> examples = Files.walk(ROOT.resolve("examples"), 2)) {
      Stream.of(root, docs, examples)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .sorted()
          .forEach(found::add);
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource
  void thePageOfAMethodShowsTheProgramsThatAreRun(Method method) throws IOException {
    String page = Files.readString(ROOT.resolve(Described.of(method).page()));
    for (Language language : Language.values()) {
      assertThat(page)
          .contains(
              "### "
                  + language.title()
                  + "\n\n```"
                  + FENCES.get(language)
                  + "\n"
                  + ClientCode.of(method, language).text()
                  + "```\n");
    }
  }

  @Test
  void thePageOfAllTellsHowTheCertificateIsTrusted() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/methods/README.md"));
    List<String> told =
        Pattern.compile("[A-Z_]+=(?:ca\\.crt|'[^']+')|keytool [^,]+")
            .matcher(ClientCode.TRUST)
            .results()
            .map(MatchResult::group)
            .toList();
    assertThat(told).hasSize(5).allMatch(page::contains);
  }

  @ParameterizedTest
  @MethodSource("pagesWithConfigurations")
  void everyConfigurationIsOneThatTheGateReads(Path page) throws IOException {
    for (String name : List.of("github.secret", "acme.secret", "google.secret")) {
      Files.writeString(temp.resolve(name), "4f6e1c0a9b2d\n");
    }
    List<String> configurations =
        Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(page))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(configurations).isNotEmpty();
    for (String configuration : configurations) {
      Path file = Files.writeString(temp.resolve("gatehouse.yaml"), configuration);
      ConfigReading read = ConfigReader.read(file);
      assertThat(read).as("%s: %s", page, read).isInstanceOf(ConfigReading.Valid.class);
    }
  }

  @ParameterizedTest
  @MethodSource("pagesWithConfigurations")
  void everyCommandIsOneThatThisGatehouseHas(Path page) throws IOException {
    List<String> commands =
        Pattern.compile("(?m)^ {4}(?:\\./)?gatehouse (.+?)( +#.*)?$")
            .matcher(Files.readString(page))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(commands).isNotEmpty();
    for (String command : commands) {
      Main.commandLine().parseArgs(command.split(" ", -1));
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void everyLinkInsideTheRepositoryLeadsSomewhere(Path document) throws IOException {
    for (MatchResult link :
        LINK.matcher(withoutCode(Files.readString(document))).results().toList()) {
      String target = link.group(1);
      if (target.matches("[a-z]+:.*")) {
        continue;
      }
      String[] parts = target.split("#", 2);
      Path file =
          parts[0].isEmpty() ? document : document.resolveSibling(parts[0]).toAbsolutePath();
      assertThat(file.normalize()).as("%s in %s", target, document).exists();
      if (parts.length > 1) {
        assertThat(anchors(file)).as("%s in %s", target, document).contains(parts[1]);
      }
    }
  }

  private static String withoutCode(String text) {
    return text.replaceAll("(?ms)^```.*?^```$", "").replaceAll("`[^`\\n]*`", "code");
  }

  // As GitHub makes them: small letters, spaces to hyphens, and nothing but letters, digits,
  // hyphens.
  private static List<String> anchors(Path file) throws IOException {
    return HEADING
        .matcher(Files.readString(file).replaceAll("(?ms)^```.*?^```$", ""))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .toList();
  }
}
