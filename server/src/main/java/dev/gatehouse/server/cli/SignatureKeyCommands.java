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

  static final CredentialView KEYS =
      new CredentialView("/signature-keys", "rotate", "secret", "ALGORITHM", "WEBHOOK") {
        @Override
        List<String> cells(JsonObject key) {
          String webhook = key.getString("webhook");
          return List.of(key.getString("algorithm"), webhook == null ? "-" : webhook);
        }

        @Override
        void addAboveState(Table table, JsonObject key) {
          table.add("algorithm", key.getString("algorithm"));
          if (key.getString("webhook") != null) {
            table.add("webhook", key.getString("webhook"));
          } else {
            String hosts = AccountCommands.words(key.getJsonArray("hosts"));
            table.add("hosts", hosts.isEmpty() ? "the gate's own" : hosts);
          }
        }
      };

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
    KEYS.print(gate, KEYS.issue(gate, body));
  }

  @Command(
      name = "list",
      description = "Lists keys for signatures, and secrets of webhooks.",
      mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "ACCOUNT", description = "only those of one account")
          @Nullable String owner) {
    KEYS.list(gate, KEYS.all(gate, owner));
  }

  @Command(
      name = "show",
      description = "Shows a key for signatures, without its secret.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    KEYS.show(gate, id);
  }

  @Command(
      name = "rotate",
      description = "Issues a successor of a key for signatures. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Mixin KeyMaterial material,
      @Mixin RotationOptions rotation) {
    JsonObject body = rotation.body();
    material.addTo(body);
    KEYS.printRotated(gate, id, body);
  }

  @Command(
      name = "revoke",
      description = "Refuses a key for signatures for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    KEYS.revoke(gate, id);
  }
}
