package dev.gatehouse.server.cli;

import dev.gatehouse.identity.IdentityTokens;
import dev.gatehouse.jwt.AccessTokens;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse token …`.
@Command(
    name = "token",
    description = "Lists and revokes tokens by their sign-ins, and rotates the signing key.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class TokenCommands extends CommandGroup {

  @Command(
      name = "list",
      description = "Lists families: all tokens that came of one sign-in.",
      mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "NAME", description = "only those of one person")
          @Nullable String owner) {
    List<JsonObject> families =
        gate.items("/tokens", owner == null ? "" : "&owner=" + RunningGate.segment(owner));
    if (gate.wantsJson()) {
      gate.printJson(families);
      return;
    }
    Table table = new Table("ID", "OWNER", "STATE", "BEGAN", "LAST USED", "ENDS");
    for (JsonObject family : families) {
      table.add(
          family.getString("id"),
          family.getString("ownerName"),
          family.getBoolean("live") ? "live" : "over",
          KeyCommands.time(family.getString("createdAt")),
          KeyCommands.time(family.getString("lastUsedAt")),
          KeyCommands.time(family.getString("expiresAt")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "revoke",
      description = "Revokes every token of a family, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject revoked =
        gate.post("/tokens/" + RunningGate.segment(id) + "/revoke", new JsonObject());
    if (gate.wantsJson()) {
      gate.printJson(revoked);
      return;
    }
    gate.out().println("The tokens of " + id + " are revoked.");
    gate.out().flush();
  }

  @Command(
      name = "deny",
      description =
          "Denies access tokens of another issuer, everywhere within a second: all of a subject, or"
              + " one token.",
      mixinStandardHelpOptions = true)
  void deny(
      @Mixin RunningGate gate,
      @Option(names = "--issuer", paramLabel = "URL", required = true, description = "their 'iss'")
          String issuer,
      @Option(names = "--subject", paramLabel = "SUB", description = "the 'sub' of all of them")
          @Nullable String subject,
      @Option(names = "--token-id", paramLabel = "JTI", description = "the 'jti' of one of them")
          @Nullable String tokenId,
      @Option(
              names = "--until",
              paramLabel = "TIME",
              description = "when they count again, as in 2026-12-31T00:00:00Z; else never")
          @Nullable String until,
      @Option(names = "--note", paramLabel = "TEXT", description = "why, for people")
          @Nullable String note) {
    JsonObject body = new JsonObject().put("issuer", issuer);
    if (subject != null) {
      body.put("subject", subject);
    }
    if (tokenId != null) {
      body.put("tokenId", tokenId);
    }
    if (until != null) {
      body.put("until", until);
    }
    if (note != null) {
      body.put("note", note);
    }
    JsonObject denied = gate.post("/denied-tokens", body);
    if (gate.wantsJson()) {
      gate.printJson(denied);
      return;
    }
    gate.out()
        .println(
            "Denied. 'gatehouse token allow "
                + denied.getString("id")
                + "' lets them count again.");
    gate.out().flush();
  }

  @Command(
      name = "denied",
      description = "Lists which access tokens of other issuers are denied.",
      mixinStandardHelpOptions = true)
  void denied(@Mixin RunningGate gate) {
    List<JsonObject> denials = gate.items("/denied-tokens", "");
    if (gate.wantsJson()) {
      gate.printJson(denials);
      return;
    }
    Table table = new Table("ID", "ISSUER", "SUBJECT", "TOKEN", "SINCE", "UNTIL", "NOTE");
    for (JsonObject denial : denials) {
      table.add(
          denial.getString("id"),
          denial.getString("issuer"),
          or(denial.getString("subject"), "-"),
          or(denial.getString("tokenId"), "-"),
          KeyCommands.time(denial.getString("createdAt")),
          KeyCommands.time(denial.getString("until")),
          denial.getString("note"));
    }
    table.print(gate.out());
  }

  private static String or(@Nullable String text, String otherwise) {
    return text == null ? otherwise : text;
  }

  @Command(
      name = "allow",
      description = "Lets denied access tokens of another issuer count again.",
      mixinStandardHelpOptions = true)
  void allow(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    JsonObject allowed =
        gate.post("/denied-tokens/" + RunningGate.segment(id) + "/allow", new JsonObject());
    if (gate.wantsJson()) {
      gate.printJson(allowed);
      return;
    }
    gate.out().println("What " + id + " denied counts again.");
    gate.out().flush();
  }

  @Command(
      name = "rotate-key",
      description =
          "Publishes a new key for access tokens or for Gatehouse-Identity. It signs from ten"
              + " minutes on; what the one before signed stays good.",
      mixinStandardHelpOptions = true)
  void rotateKey(
      @Mixin RunningGate gate,
      @Option(
              names = "--for",
              paramLabel = "PURPOSE",
              defaultValue = AccessTokens.PURPOSE,
              description =
                  "what the key signs: access (access tokens) or identity (Gatehouse-Identity);"
                      + " default: ${DEFAULT-VALUE}")
          String purpose,
      @Option(
              names = "--revoke-old",
              description =
                  "for a key that leaked: the new one signs at once. The gate refuses every access"
                      + " token of another key within a second, and gives upstreams no"
                      + " Gatehouse-Identity of another key any more")
          boolean revokeOld) {
    JsonObject published =
        gate.post(
            "/signing-keys/rotate",
            new JsonObject().put("for", purpose).put("revokeOld", revokeOld));
    if (gate.wantsJson()) {
      gate.printJson(published);
      return;
    }
    gate.out()
        .println(
            revokeOld
                ? purpose.equals(IdentityTokens.PURPOSE)
                    ? "A new key signs from now on. Upstreams refuse what another signed as soon as"
                        + " they fetch the key set again: let them do so now."
                    : "A new key signs from now on. Every token that another signed is refused, and"
                        + " clients refresh theirs."
                : "A new key is there, and signs from ten minutes on: until then it is made known at"
                    + " /.well-known/jwks.json, unless it is a secret.");
    gate.out().flush();
  }
}
