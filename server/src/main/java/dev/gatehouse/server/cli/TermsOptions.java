package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whose a credential is that is to be issued, and what it may do: the same options for each kind.
final class TermsOptions {

  /// What `--expires` takes; the command says what holds without it.
  static final String WHEN = "when it ends: 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z; none: ";

  @Option(
      names = "--owner",
      required = true,
      paramLabel = "ACCOUNT",
      description = "the person or service that it acts for")
  private String owner = "";

  @Option(
      names = "--scope",
      paramLabel = "SCOPE",
      description = "may be repeated; none: all that the owner has now")
  private @Nullable List<String> scopes;

  @Option(
      names = "--network",
      paramLabel = "CIDR",
      description = "from where it may be used; may be repeated; none: anywhere")
  private @Nullable List<String> networks;

  @Option(names = "--rate", paramLabel = "N", description = "requests a minute; none: unlimited")
  private @Nullable Integer rate;

  /// The body of the call that issues it under that name, as far as they say.
  ///
  /// @param expires as [#WHEN] says; null: not said
  JsonObject of(String name, @Nullable String expires) {
    JsonObject body =
        new JsonObject()
            .put("owner", owner)
            .put("name", name)
            .put("networks", AccountCommands.array(networks))
            .put("requestsPerMinute", rate);
    if (scopes != null) {
      body.put("scopes", AccountCommands.array(scopes));
    }
    if (expires != null) {
      body.put("expiresAt", KeyCommands.instant(expires).toString());
    }
    return body;
  }
}
