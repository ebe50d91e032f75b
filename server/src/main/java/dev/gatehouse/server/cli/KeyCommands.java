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

  private static final CredentialView KEYS =
      new CredentialView("/keys", "rotate", "key", "KEY") {
        @Override
        List<String> cells(JsonObject key) {
          return List.of(key.getString("hint"));
        }

        @Override
        String hint(JsonObject key) {
          return key.getString("hint");
        }
      };

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
    KEYS.print(gate, KEYS.issue(gate, terms.of(name, expires)));
  }

  @Command(name = "list", description = "Lists API keys.", mixinStandardHelpOptions = true)
  void list(
      @Mixin RunningGate gate,
      @Option(names = "--owner", paramLabel = "ACCOUNT", description = "only those of one account")
          @Nullable String owner) {
    KEYS.list(gate, KEYS.all(gate, owner));
  }

  @Command(
      name = "show",
      description = "Shows an API key, without its secret.",
      mixinStandardHelpOptions = true)
  void show(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    KEYS.show(gate, id);
  }

  @Command(
      name = "rotate",
      description = "Issues a successor of an API key. Both work for the overlap.",
      mixinStandardHelpOptions = true)
  void rotate(
      @Mixin RunningGate gate,
      @Parameters(paramLabel = "ID") String id,
      @Mixin RotationOptions rotation) {
    KEYS.printRotated(gate, id, rotation.body());
  }

  @Command(
      name = "revoke",
      description = "Refuses an API key for good, everywhere within a second.",
      mixinStandardHelpOptions = true)
  void revoke(@Mixin RunningGate gate, @Parameters(paramLabel = "ID") String id) {
    KEYS.revoke(gate, id);
  }

  /// A time as people read it, to the second; JSON says null where it never comes.
  static String time(@Nullable String instant) {
    return instant == null ? "never" : TIME.format(Instant.parse(instant));
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
