package dev.gatehouse.server.config;

import dev.gatehouse.route.RequestPath;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads the settings of the method `oauth`.
final class OAuthReader {

  private static final int MAX_PATH = 255;

  private final Path folder;
  private final Problems problems;

  /// @param folder to which the names of files are relative
  OAuthReader(Path folder, Problems problems) {
    this.folder = folder;
    this.problems = problems;
  }

  OAuthConfig read(Section section) {
    OAuthConfig read =
        new OAuthConfig(
            section
                .section("providers")
                .map(providers -> new ProviderReader(folder, problems).read(providers))
                .orElse(Map.of()),
            new IssuerReader(folder, problems)
                .read(section.list("issuers", "begin each issuer with '- issuer:'")),
            codeReturnPaths(section));
    section.refuseUnknown();
    return read;
  }

  private Set<String> codeReturnPaths(Section section) {
    Set<String> paths = new HashSet<>();
    for (Node node : section.list("codeReturnPaths")) {
      Section.parsed(node, "a path of 'codeReturnPaths'", OAuthReader::codeReturnPath, problems)
          .ifPresent(paths::add);
    }
    return paths;
  }

  // RFC 9700 §2.1: requests are compared with the path by exact string matching. So only the
  // spelling in which the gate forwards the path is accepted.
  private static String codeReturnPath(String text) {
    RequestPath read;
    try {
      read = RequestPath.parse(text);
    } catch (RequestPath.MalformedTargetException malformed) {
      throw new IllegalArgumentException(
          "is no path of this origin: write it from its first slash on, without a fragment, as"
              + " /app/callback",
          malformed);
    }
    if (!read.query().isEmpty()) {
      throw new IllegalArgumentException(
          "has a query, and the code comes in the query: write " + read.path());
    }
    if (!read.path().equals(text)) {
      throw new IllegalArgumentException(
          "is not spelled as the gate forwards it: write " + read.path());
    }
    if (text.contains("*")) {
      throw new IllegalArgumentException(
          "looks like a pattern, and paths are compared exactly: name each path");
    }
    if (text.length() > MAX_PATH) {
      throw new IllegalArgumentException("is too long: write at most " + MAX_PATH + " characters");
    }
    return text;
  }
}
