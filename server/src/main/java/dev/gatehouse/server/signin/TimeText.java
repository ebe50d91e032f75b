package dev.gatehouse.server.signin;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Formats instants for people. The time zone of a browser is not known without a script, so days
/// and hours are in UTC, and the text says so.
public final class TimeText {

  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm 'UTC'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);
  private static final Duration MIN_SHOWN_AGE = Duration.ofMinutes(1);
  private static final Duration MAX_RELATIVE_AGE = Duration.ofDays(30);

  private TimeText() {}

  /// The date and the minute, in UTC.
  public static String at(Instant instant) {
    return MINUTE.format(instant);
  }

  /// How long ago that was, so that a person can tell whether something is in use.
  ///
  /// @param then null: never
  static String ago(@Nullable Instant then, Instant now) {
    if (then == null) {
      return "never";
    }
    Duration ago = Duration.between(then, now);
    if (ago.compareTo(MIN_SHOWN_AGE) < 0) { // also by a clock that is a little ahead
      return "just now";
    }
    if (ago.compareTo(MAX_RELATIVE_AGE) > 0) {
      return DAY.format(then);
    }
    return ago.toDays() > 0
        ? count(ago.toDays(), "day")
        : ago.toHours() > 0 ? count(ago.toHours(), "hour") : count(ago.toMinutes(), "minute");
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s") + " ago";
  }
}
