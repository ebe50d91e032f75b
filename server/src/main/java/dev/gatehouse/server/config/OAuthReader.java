package dev.gatehouse.server.config;

import java.nio.file.Path;
import java.util.Map;

/// Reads the settings of the method `oauth`.
final class OAuthReader {

  private final Path folder;
  private final Problems problems;

  /// Files are named relative to that folder.
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
            new IssuerReader(folder, problems).read(section.list("issuers")));
    section.refuseUnknown();
    return read;
  }
}
