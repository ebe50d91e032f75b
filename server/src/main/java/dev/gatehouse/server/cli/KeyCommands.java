package dev.gatehouse.server.cli;

import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `gatehouse key …`.
@Command(
    name = "key",
    description = "Issues, lists, shows, rotates and revokes API keys.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "VERB")
final class KeyCommands extends CommandGroup {

  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})([smhd])");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  @Command(
      name = "add",
      description = "Issues an API key, and shows it once.",
      mixinStandardHelpOptions = true)
  void add(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "NAME", description = "what it is for") String name,
      @Mixin TermsOptions terms,
      @Option(names = "--expires", paramLabel = "WHEN", description = TermsOptions.WHEN + "never")
          @Nullable String expires) {
    print(gate, gate.post("/keys", terms.of(name, expires)));
  }

  @Command(name = "list", description = "Lists API keys.", mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "ACCOUNT", description = "only those of one account")
          @Nullable String owner) {
    List<JsonObject> keys =
        gate.items("/keys", owner == null ? "" : "&owner=" + RunningGate.segment(owner));
    if (gate.wantsJson()) {
      gate.printJson(keys);
      return;
    }
    AccountNames names = AccountNames.of(gate);
    Table table =
        new Table("ID", "NAME", "OWNER", "KEY", "STATE", "SCOPES", "EXPIRES", "LAST USED");
    for (JsonObject key : keys) {
      table.add(
          key.getString("id"),
          key.getString("name"),
          names.of(key.getString("owner")),
          key.getString("hint"),
          state(key),
          AccountCommands.words(key.getJsonArray("scopes")),
          time(key.getString("expiresAt")),
          time(key.getString("lastUsedAt")));
    }
    table.print(gate.out());
  }

  @Command(
      name = "show",
      description = "Shows an API key, without its secret.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    print(gate, gate.get("/keys/" + RunningGate.segment(id)));
  }

  @Command(
      name = "rotate",
      description = "Issues a successor of an API key. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Option(
              names = "--overlap",
              paramLabel = "TIME",
              defaultValue = "1d",
              description = "how long both work: 0s, 12h, 1d … (default: ${DEFAULT-VALUE})")
          String overlap,
      @Option(names = "--expires", paramLabel = "WHEN", description = "when the successor ends")
          @Nullable String expires) {
    JsonObject body = new JsonObject().put("overlapSeconds", span(overlap).toSeconds());
    if (expires != null) {
      body.put("expiresAt", instant(expires).toString());
    }
    print(gate, gate.post("/keys/" + RunningGate.segment(id) + "/rotate", body));
    if (!gate.wantsJson()) {
      JsonObject old = gate.get("/keys/" + RunningGate.segment(id));
      gate.out()
          .println("The old key, " + id + ", ends at " + time(old.getString("expiresAt")) + ".");
      gate.out().flush();
    }
  }

  @Command(
      name = "revoke",
      description = "Refuses an API key for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    print(gate, gate.post("/keys/" + RunningGate.segment(id) + "/revoke", new JsonObject()));
  }

  private static void print(RunningGate gate, JsonObject key) {
    if (gate.wantsJson()) {
      gate.printJson(key);
      return;
    }
    Table table = new Table("id", key.getString("id"));
    table.add("name", key.getString("name"));
    JsonObject owner = gate.get("/accounts/" + RunningGate.segment(key.getString("owner")));
    table.add("owner", owner.getString("name"));
    addState(table, key);
    table.add("scopes", AccountCommands.words(key.getJsonArray("scopes")));
    table.add("networks", AccountCommands.words(key.getJsonArray("networks")));
    Integer rate = key.getInteger("requestsPerMinute");
    table.add("rate", rate == null ? "unlimited" : rate + " a minute");
    table.add("expires", time(key.getString("expiresAt")));
    table.add("last used", time(key.getString("lastUsedAt")));
    if (key.getString("successor") != null) {
      table.add("successor", key.getString("successor"));
    }
    String text = key.getString("key");
    table.add("key", text == null ? key.getString("hint") : text);
    table.print(gate.out());
    if (text != null) {
      gate.out().println();
      gate.out().println("Keep the key now: it is not shown again.");
      gate.out().flush();
    }
  }

  /// A time as people read it, to the second; JSON says null where it never comes.
  static String time(@Nullable String instant) {
    return instant == null ? "never" : TIME.format(Instant.parse(instant));
  }

  /// What an issued credential is now, in one word.
  static String state(JsonObject key) {
    if (key.getString("revokedAt") != null) {
      return "revoked";
    }
    String expires = key.getString("expiresAt");
    boolean expired = expires != null && !Instant.now().isBefore(Instant.parse(expires));
    return expired ? "expired" : key.getString("successor") != null ? "rotated" : "active";
  }

  /// What an issued credential is now, and since when it is revoked, if it is.
  static void addState(Table table, JsonObject key) {
    table.add("state", state(key));
    String revoked = key.getString("revokedAt");
    if (revoked != null) {
      table.add("revoked", time(revoked));
    }
  }

  /// A time: a span from now, a day (its beginning, UTC), or an instant.
  static Instant instant(String text) {
    return time(text, span -> Instant.now().plus(span));
  }

  /// A time that is over: a span before now, a day (its beginning, UTC), or an instant.
  static Instant past(String text) {
    return time(text, span -> Instant.now().minus(span));
  }

  private static Instant time(String text, Function<Duration, Instant> away) {
    try {
      if (SPAN.matcher(text).matches()) {
        return away.apply(span(text));
      }
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException notATime) {
      throw new CommandException(
          "'" + text + "' is no time: write 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z",
          notATime);
    }
  }

  /// A span of time: digits and s, m, h or d.
  static Duration span(String text) {
    Matcher matcher = SPAN.matcher(text);
    if (!matcher.matches()) {
      throw new CommandException("'" + text + "' is no span of time: write 30s, 15m, 12h or 90d");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
