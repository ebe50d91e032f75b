package dev.gatehouse.session;

import java.time.Duration;

/// Settings of the method.
///
/// @param realm named in challenges (RFC 9110 §11.5)
/// @param idle how long a session lasts that nobody uses; at least [#MIN_IDLE], since uses are
///   written down with a delay
/// @param absolute how long a session lasts however much it is used
public record SessionSettings(String realm, Duration idle, Duration absolute) {

  /// The shortest idle limit.
  public static final Duration MIN_IDLE = Duration.ofMinutes(5);

  /// The longest absolute limit.
  public static final Duration MAX_ABSOLUTE = Duration.ofDays(30);

  /// The idle limit when none is set.
  public static final Duration DEFAULT_IDLE = Duration.ofMinutes(30);

  /// The absolute limit when none is set.
  public static final Duration DEFAULT_ABSOLUTE = Duration.ofHours(24);

  /// Checks the limits; throws [IllegalArgumentException] that says what they must be.
  public SessionSettings {
    if (idle.compareTo(MIN_IDLE) < 0) {
      throw new IllegalArgumentException(
          "a session's idle limit is at least " + MIN_IDLE.toMinutes() + " minutes");
    }
    if (absolute.compareTo(idle) < 0 || absolute.compareTo(MAX_ABSOLUTE) > 0) {
      throw new IllegalArgumentException(
          "a session's absolute limit is no shorter than the idle one, and at most "
              + MAX_ABSOLUTE.toDays()
              + " days");
    }
  }

  /// The default limits, in that realm.
  public static SessionSettings inRealm(String realm) {
    return new SessionSettings(realm, DEFAULT_IDLE, DEFAULT_ABSOLUTE);
  }
}
