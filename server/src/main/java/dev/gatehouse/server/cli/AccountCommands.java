package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse user …` and `gatehouse service …`: the same verbs on two kinds of accounts.
@Command
abstract class AccountCommands extends CommandGroup {

  private final String kind;

  private AccountCommands(String kind) {
    this.kind = kind;
  }

  /// People.
  @Command(
      name = "user",
      description = "Adds people, sets their passwords, grants to them, and signs them out.",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "VERB")
  static final class User extends AccountCommands {
    User() {
      super("person");
    }

    @Command(
        name = "password",
        description = "Sets the password, read from the terminal or from standard input.",
        mixinStandardHelpOptions = true)
    void password(
        @Mixin RunningGate gate,
        @Parameters(paramLabel = "NAME") String name,
        @Option(
                names = "--hash",
                description = "read the hash of one, made elsewhere: bcrypt, Argon2 or PBKDF2")
            boolean hash) {
      String secret = SecretInput.read(hash ? "Hash" : "New password for " + name);
      print(
          gate,
          gate.put(
              "/accounts/" + RunningGate.segment(name) + "/password",
              new JsonObject().put(hash ? "hash" : "password", secret)));
    }

    @Command(
        name = "reset",
        description = "Makes a one-time link with which the person sets a new password.",
        mixinStandardHelpOptions = true)
    void reset(
        @Mixin RunningGate gate,
        @Parameters(paramLabel = "NAME") String name,
        @Option(
                names = "--life",
                paramLabel = "TIME",
                defaultValue = "1d",
                description = "how long it is good: 1h, 1d … (default: ${DEFAULT-VALUE})")
            String life) {
      JsonObject link =
          gate.post(
              "/accounts/" + RunningGate.segment(name) + "/password-reset",
              new JsonObject().put("lifeSeconds", KeyCommands.span(life).toSeconds()));
      if (gate.wantsJson()) {
        gate.printJson(link);
        return;
      }
      gate.out().println(link.getString("link"));
      gate.out()
          .println(
              "It works once, until "
                  + KeyCommands.time(link.getString("expiresAt"))
                  + ". Give it to "
                  + name
                  + " alone: it is not shown again.");
      gate.out().flush();
    }

    @Command(
        name = "links",
        description = "Lists the identities at providers that the person signs in with.",
        mixinStandardHelpOptions = true)
    void links(@Mixin RunningGate gate, @Parameters(paramLabel = "NAME") String name) {
      JsonObject links = gate.get("/accounts/" + RunningGate.segment(name) + "/links");
      if (gate.wantsJson()) {
        gate.printJson(links);
        return;
      }
      Table table = new Table("ID", "PROVIDER", "AS", "SUBJECT", "LINKED", "LAST USED");
      for (Object item : links.getJsonArray("items")) {
        JsonObject link = (JsonObject) item;
        table.add(
            link.getString("id"),
            link.getString("provider"),
            link.getString("label"),
            link.getString("subject"),
            KeyCommands.time(link.getString("createdAt")),
            KeyCommands.time(link.getString("lastUsedAt")));
      }
      table.print(gate.out());
    }

    @Command(
        name = "unlink",
        description = {
          "Takes an identity at a provider from the person.",
          "Forgets the provider's token, and ends every session and every token of the person,"
              + " within a second."
        },
        mixinStandardHelpOptions = true)
    void unlink(
        @Mixin RunningGate gate,
        @Parameters(paramLabel = "NAME") String name,
        @Parameters(paramLabel = "LINK", description = "its id") String link,
        @Option(names = "--force", description = "even if the person can't sign in any more")
            boolean force) {
      print(
          gate,
          gate.post(
              "/accounts/"
                  + RunningGate.segment(name)
                  + "/links/"
                  + RunningGate.segment(link)
                  + "/unlink",
              new JsonObject().put("force", force)));
    }

    @Command(
        name = "sign-out",
        description = "Ends every session and every token of the person, within a second.",
        mixinStandardHelpOptions = true)
    void signOut(@Mixin RunningGate gate, @Parameters(paramLabel = "NAME") String name) {
      print(
          gate,
          gate.post("/accounts/" + RunningGate.segment(name) + "/sign-out", new JsonObject()));
    }
  }

  /// Services.
  @Command(
      name = "service",
      description = "Adds, lists, shows, grants to and disables services.",
      mixinStandardHelpOptions = true,
      synopsisSubcommandLabel = "VERB")
  static final class Service extends AccountCommands {
    Service() {
      super("service");
    }
  }

  @Command(
      name = "add",
      description = "Adds a ${PARENT-COMMAND-NAME}.",
      mixinStandardHelpOptions = true)
  void add(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "unique") String name,
      @Option(names = "--email", paramLabel = "ADDRESS", description = "people only")
          @Nullable String email,
      @Option(names = "--role", paramLabel = "ROLE", description = "may be repeated")
          @Nullable List<String> roles,
      @Option(names = "--scope", paramLabel = "SCOPE", description = "may be repeated")
          @Nullable List<String> scopes) {
    JsonObject body =
        new JsonObject()
            .put("kind", kind)
            .put("name", name)
            .put("roles", array(roles))
            .put("scopes", array(scopes));
    if (email != null) {
      body.put("email", email);
    }
    print(gate, gate.post("/accounts", body));
  }

  @Command(
      name = "list",
      description = "Lists every ${PARENT-COMMAND-NAME}.",
      mixinStandardHelpOptions = true)
  void list(@Mixin RunningGate gate) {
    List<JsonObject> accounts = gate.items("/accounts", "&kind=" + kind);
    if (gate.wantsJson()) {
      gate.printJson(accounts);
      return;
    }
    Table table = new Table("NAME", "ID", "STATE", "ROLES", "SCOPES");
    for (JsonObject account : accounts) {
      table.add(
          account.getString("name"),
          account.getString("id"),
          account.getBoolean("disabled") ? "disabled" : "active",
          words(account.getJsonArray("roles")),
          words(account.getJsonArray("effectiveScopes")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "show",
      description = "Shows a ${PARENT-COMMAND-NAME}.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "NAME-OR-ID") String name) {
    print(gate, gate.get("/accounts/" + RunningGate.segment(name)));
  }

  @Command(
      name = "grant",
      description =
          "Gives a ${PARENT-COMMAND-NAME} exactly these roles and scopes, within a second.",
      mixinStandardHelpOptions = true)
  void grant(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME-OR-ID") String name,
      @Option(names = "--role", paramLabel = "ROLE", description = "may be repeated")
          @Nullable List<String> roles,
      @Option(names = "--scope", paramLabel = "SCOPE", description = "may be repeated")
          @Nullable List<String> scopes) {
    print(
        gate,
        gate.patch(
            "/accounts/" + RunningGate.segment(name),
            new JsonObject().put("roles", array(roles)).put("scopes", array(scopes))));
  }

  @Command(
      name = "disable",
      aliases = "revoke",
      description = "Refuses every credential of a ${PARENT-COMMAND-NAME}, within a second.",
      mixinStandardHelpOptions = true)
  void disable(@Mixin RunningGate gate, @Parameters(paramLabel = "NAME-OR-ID") String name) {
    setDisabled(gate, name, true);
  }

  @Command(
      name = "enable",
      description = "Accepts the credentials of a disabled ${PARENT-COMMAND-NAME} again.",
      mixinStandardHelpOptions = true)
  void enable(@Mixin RunningGate gate, @Parameters(paramLabel = "NAME-OR-ID") String name) {
    setDisabled(gate, name, false);
  }

  private static void setDisabled(RunningGate gate, String name, boolean disabled) {
    print(
        gate,
        gate.patch(
            "/accounts/" + RunningGate.segment(name), new JsonObject().put("disabled", disabled)));
  }

  private static void print(RunningGate gate, JsonObject account) {
    if (gate.wantsJson()) {
      gate.printJson(account);
      return;
    }
    Table table = new Table("name", account.getString("name"));
    table.add("id", account.getString("id"));
    if (account.getString("email") != null) {
      table.add("email", account.getString("email"));
    }
    table.add("state", account.getBoolean("disabled") ? "disabled" : "active");
    table.add("roles", words(account.getJsonArray("roles")));
    table.add("scopes", words(account.getJsonArray("effectiveScopes")));
    table.add("created", KeyCommands.time(account.getString("createdAt")));
    table.print(gate.out());
  }

  static JsonArray array(@Nullable List<String> items) {
    return new JsonArray(items == null ? new ArrayList<>() : items);
  }

  static String words(JsonArray items) {
    return items.isEmpty() ? "-" : String.join(" ", items.stream().map(String::valueOf).toList());
  }
}
