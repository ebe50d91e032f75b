package dev.gatehouse.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gatehouse.Method;
import dev.gatehouse.Webhook;
import dev.gatehouse.server.config.GatehouseConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Lists in the documents and help texts that are lists in the code too.
@Tag("end-to-end")
class DocumentedListsTest {

  private static final Path ROOT = Path.of("..");
  private static final List<String> METHODS = Stream.of(Method.values()).map(Method::id).toList();

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  // What a pattern finds, once.
  private static String part(String text, String pattern) {
    List<String> found =
        Pattern.compile(pattern, Pattern.DOTALL)
            .matcher(text)
            .results()
            .map(result -> result.group(1))
            .toList();
    assertThat(found).as(pattern).hasSize(1);
    return found.getFirst();
  }

  private static List<String> marked(String text) {
    return Pattern.compile("`([^`]+)`")
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void everyTableIsNamedInTheArchitecture() throws IOException {
    String architecture = read("ARCHITECTURE.md");
    assertThat(marked(part(architecture, "Tables: ([^;]+);")))
        .containsExactlyInAnyOrderElementsOf(tables("migration"));
    assertThat(
            marked(
                part(architecture, "uses of signatures are in a file of their own \\(([^)]+)\\)")))
        .containsExactlyInAnyOrderElementsOf(tables("uses"));
  }

  private static final Pattern TABLE_CHANGE =
      Pattern.compile(
          "(?i)CREATE TABLE (\\w+)|ALTER TABLE (\\w+)\\s+RENAME TO (\\w+)|DROP TABLE (\\w+)");

  /// The tables that are left when every migration was run, in its order.
  private static Set<String> tables(String folder) throws IOException {
    Set<String> tables = new TreeSet<>();
    Path migrations = ROOT.resolve("store/src/main/resources/dev/gatehouse/store/" + folder);
    try (Stream<Path> files = Files.list(migrations)) {
      for (Path file :
          files.sorted(Comparator.comparingInt(DocumentedListsTest::version)).toList()) {
        TABLE_CHANGE
            .matcher(Files.readString(file))
            .results()
            .forEach(
                change -> {
                  if (change.group(1) != null) {
                    assertThat(tables.add(change.group(1))).as(change.group()).isTrue();
                  } else if (change.group(2) != null) {
                    assertThat(tables.remove(change.group(2))).as(change.group()).isTrue();
                    tables.add(change.group(3));
                  } else {
                    assertThat(tables.remove(change.group(4))).as(change.group()).isTrue();
                  }
                });
      }
    }
    return tables;
  }

  private static int version(Path migration) {
    return Integer.parseInt(migration.toString().replaceAll(".*V(\\d+)__.*", "$1"));
  }

  @Test
  void theMethodsOfARouteAndOfAnIdentityAreAllThatThereAre() throws IOException {
    String accept = part(read("docs/reference/configuration.md"), "\\| `accept` \\| ([^\\n]+)");
    assertThat(marked(part(accept, "Methods: ([^;]+);"))).containsExactlyElementsOf(METHODS);
    assertThat(
            marked(
                part(
                    read("docs/reference/fields.md"), "\\| `X-Auth-Method` \\| [^:]+: ([^|]+)\\|")))
        .containsExactlyElementsOf(METHODS);
  }

  @Test
  void helpOfServeNamesEveryMethodThatItTakes() {
    String help = CommandLineRun.of("serve", "--help").out().replaceAll("\\s+", " ");
    assertThat(part(help, "with --upstream: ([a-z, ]+);").split(", "))
        .containsExactly(
            GatehouseConfig.OWN_METHODS.stream().map(Method::id).toArray(String[]::new));
  }

  @Test
  void everyFormOfAnImportedHashIsNamedInTheDescriptionOfTheAdminApi() throws IOException {
    List<String> forms =
        marked(
            part(
                read("docs/methods/sign-in.md"),
                "can be imported \\([^)]+\\):(.+?\\))\\. The hash"));
    assertThat(forms).hasSizeGreaterThan(6);
    String description =
        part(
            read("server/src/main/resources/dev/gatehouse/server/admin/openapi.json"),
            "\"hash\": \\{[^}]*?\"description\": \"([^\"]+)\"");
    assertThat(marked(description)).containsExactlyElementsOf(forms);
  }

  @Test
  void everyVendorOfWebhooksIsInTheTable() throws IOException {
    List<String> vendors =
        Pattern.compile("(?m)^\\| `(\\w+)` \\| ")
            .matcher(read("docs/methods/webhooks.md"))
            .results()
            .map((MatchResult found) -> found.group(1))
            .toList();
    assertThat(vendors)
        .containsExactly(
            Stream.of(Webhook.Vendor.values())
                .map(vendor -> vendor.name().toLowerCase(Locale.ROOT))
                .toArray(String[]::new));
  }

  @Test
  void everyDocumentedMessageAboutTheConfigurationIsInTheCode() throws IOException {
    String warnings = part(read("docs/reference/configuration.md"), "\n### Warnings\n(.*?)\n## ");
    List<String> messages =
        Pattern.compile("`([^`]* [^`]*)` \\|")
            .matcher(warnings + read("docs/reference/configuration-errors.md"))
            .results()
            .map(found -> found.group(1).replace("\\|", "|"))
            .toList();
    assertThat(messages).hasSizeGreaterThan(120);
    String code = code("core") + code("server");
    for (String message : messages) {
      // What stands between values and names.
      for (String part : message.split("…|'[^']*'", -1)) {
        assertThat(code).as(message).contains(part.replaceFirst("^[ ,]+", "").strip());
      }
    }
  }

  /// The sources of a module, with each text that is made of several in one piece.
  private static String code(String module) throws IOException {
    StringBuilder code = new StringBuilder();
    try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
      for (Path file : files.filter(file -> file.toString().endsWith(".java")).toList()) {
        code.append(Files.readString(file));
      }
    }
    return code.toString().replaceAll("\"\\s*\\+\\s*\"", "").replaceAll("\\s+", " ");
  }

  @Test
  void everyProgramThatVerifyNeedsIsNamedForContributors() throws IOException {
    String needed = part(read("verify"), "\nneed_clients ((?:[^\\n]*\\\\\\n)*[^\\n]+)\\n");
    List<String> programs =
        Pattern.compile("([\\w-]+):")
            .matcher(needed)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(marked(part(read("CONTRIBUTING.md"), "the tests call a gate with: ([^.]+)\\.")))
        .containsExactlyInAnyOrderElementsOf(programs);
  }
}
