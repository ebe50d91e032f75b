package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse hmac …`.
@Command(
    name = "hmac",
    description = "Issues, lists, shows, rotates and revokes keys that requests are signed with.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class SignatureKeyCommands extends CommandGroup {

  static final String CALLS = "/signature-keys";

  private static final long MAX_KEY_FILE = 16_384;

  /// What the key is made of, if the gate does not make it.
  static final class KeyMaterial {

    @Option(
        names = "--algorithm",
        paramLabel = "NAME",
        description = "hmac-sha256 (the default), ed25519, ecdsa-p256-sha256 or rsa-pss-sha512")
    private @Nullable String algorithm;

    @Option(
        names = "--public-key",
        paramLabel = "FILE",
        description = "the public key in PEM; its private half stays where it is")
    private @Nullable Path publicKey;

    @Option(
        names = "--secret-file",
        paramLabel = "FILE",
        description = "a secret that is in use already; -: the first line of standard input")
    private @Nullable String secretFile;

    void addTo(JsonObject body) {
      if (algorithm != null) {
        body.put("algorithm", algorithm);
      }
      if (publicKey != null) {
        body.put("publicKey", text(publicKey));
      }
      if (secretFile != null) {
        body.put("secret", secret(secretFile));
      }
    }
  }

  /// The secret in that file, without the one line's end that editors add; `-`: standard input.
  static String secret(String file) {
    return file.equals("-")
        ? SecretInput.read("secret")
        : text(Path.of(file)).replaceFirst("\\r?\\n\\z", "");
  }

  static String text(Path file) {
    try {
      if (Files.size(file) > MAX_KEY_FILE) {
        throw new CommandException(file + " is too long: name a file that holds the key alone");
      }
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new CommandException(
          file + " can't be read: name a text file that holds the key alone", unreadable);
    }
  }

  @Command(
      name = "add",
      description = "Issues a key for signatures, and shows its secret once.",
      mixinStandardHelpOptions = true)
  void add(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "what it is for") String name,
      @Mixin TermsOptions terms,
      @Option(names = "--expires", paramLabel = "WHEN", description = TermsOptions.WHEN + "never")
          @Nullable String expires,
      @Mixin KeyMaterial material,
      @Option(
              names = "--host",
              paramLabel = "HOST",
              description = "a host it is good for; may be repeated; none: the gate's own")
          @Nullable List<String> hosts) {
    JsonObject body = terms.of(name, expires).put("hosts", AccountCommands.array(hosts));
    material.addTo(body);
    print(gate, gate.post(CALLS, body));
  }

  @Command(
      name = "list",
      description = "Lists keys for signatures, and secrets of webhooks.",
      mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "ACCOUNT", description = "only those of one account")
          @Nullable String owner) {
    list(gate, gate.items(CALLS, owner == null ? "" : "&owner=" + RunningGate.segment(owner)));
  }

  static void list(RunningGate gate, List<JsonObject> keys) {
    if (gate.wantsJson()) {
      gate.printJson(keys);
      return;
    }
    Table table =
        new Table(
            "ID",
            "NAME",
            "OWNER",
            "ALGORITHM",
            "WEBHOOK",
            "STATE",
            "SCOPES",
            "EXPIRES",
            "LAST USED");
    AccountNames names = AccountNames.of(gate);
    for (JsonObject key : keys) {
      table.add(
          key.getString("id"),
          key.getString("name"),
          names.of(key.getString("owner")),
          key.getString("algorithm"),
          key.getString("webhook") == null ? "-" : key.getString("webhook"),
          KeyCommands.state(key),
          AccountCommands.words(key.getJsonArray("scopes")),
          KeyCommands.time(key.getString("expiresAt")),
          KeyCommands.time(key.getString("lastUsedAt")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "show",
      description = "Shows a key for signatures, without its secret.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    print(gate, gate.get(CALLS + "/" + RunningGate.segment(id)));
  }

  @Command(
      name = "rotate",
      description = "Issues a successor of a key for signatures. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Mixin KeyMaterial material,
      @Option(
              names = "--overlap",
              paramLabel = "TIME",
              defaultValue = "1d",
              description = "how long both work: 0s, 12h, 1d … (default: ${DEFAULT-VALUE})")
          String overlap,
      @Option(names = "--expires", paramLabel = "WHEN", description = "when the successor ends")
          @Nullable String expires) {
    JsonObject body = new JsonObject().put("overlapSeconds", KeyCommands.span(overlap).toSeconds());
    material.addTo(body);
    if (expires != null) {
      body.put("expiresAt", KeyCommands.instant(expires).toString());
    }
    rotate(gate, id, body);
  }

  static void rotate(RunningGate gate, String id, JsonObject body) {
    String path = CALLS + "/" + RunningGate.segment(id);
    print(gate, gate.post(path + "/rotate", body));
    if (!gate.wantsJson()) {
      JsonObject old = gate.get(path);
      gate.out()
          .println(
              "The old key, "
                  + id
                  + ", ends at "
                  + KeyCommands.time(old.getString("expiresAt"))
                  + ".");
      gate.out().flush();
    }
  }

  @Command(
      name = "revoke",
      description = "Refuses a key for signatures for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    print(gate, gate.post(CALLS + "/" + RunningGate.segment(id) + "/revoke", new JsonObject()));
  }

  static void print(RunningGate gate, JsonObject key) {
    if (gate.wantsJson()) {
      gate.printJson(key);
      return;
    }
    Table table = new Table("id", key.getString("id"));
    table.add("name", key.getString("name"));
    JsonObject owner = gate.get("/accounts/" + RunningGate.segment(key.getString("owner")));
    table.add("owner", owner.getString("name"));
    table.add("algorithm", key.getString("algorithm"));
    if (key.getString("webhook") != null) {
      table.add("webhook", key.getString("webhook"));
    } else {
      String hosts = AccountCommands.words(key.getJsonArray("hosts"));
      table.add("hosts", hosts.isEmpty() ? "the gate's own" : hosts);
    }
    KeyCommands.addState(table, key);
    table.add("scopes", AccountCommands.words(key.getJsonArray("scopes")));
    table.add("networks", AccountCommands.words(key.getJsonArray("networks")));
    Integer rate = key.getInteger("requestsPerMinute");
    table.add("rate", rate == null ? "unlimited" : rate + " a minute");
    table.add("expires", KeyCommands.time(key.getString("expiresAt")));
    table.add("last used", KeyCommands.time(key.getString("lastUsedAt")));
    if (key.getString("successor") != null) {
      table.add("successor", key.getString("successor"));
    }
    String secret = key.getString("secret");
    if (secret != null) {
      table.add("secret", secret);
    }
    table.print(gate.out());
    if (secret != null) {
      gate.out().println();
      gate.out().println("Keep the secret now: it is not shown again.");
      gate.out().flush();
    }
  }
}
