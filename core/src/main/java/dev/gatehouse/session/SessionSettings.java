package dev.gatehouse.session;

import java.time.Duration;

/// Settings of the method.
///
/// @param realm named in challenges (RFC 9110 §11.5)
/// @param idleTimeout how long a session lasts that nobody uses; at least [#MIN_IDLE_TIMEOUT], since uses are
///   written down with a delay
/// @param absoluteTimeout how long a session lasts however much it is used
public record SessionSettings(String realm, Duration idleTimeout, Duration absoluteTimeout) {

  /// The shortest idle limit.
  public static final Duration MIN_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /// The longest absolute limit.
  public static final Duration MAX_ABSOLUTE_TIMEOUT = Duration.ofDays(30);

  /// The idle limit when none is set.
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(30);

  /// The absolute limit when none is set.
  public static final Duration DEFAULT_ABSOLUTE_TIMEOUT = Duration.ofHours(24);

  /// Checks the limits; throws [IllegalArgumentException] that says what they must be.
  public SessionSettings {
    if (idleTimeout.compareTo(MIN_IDLE_TIMEOUT) < 0) {
      throw new IllegalArgumentException(
          "a session's idle limit is at least " + MIN_IDLE_TIMEOUT.toMinutes() + " minutes");
    }
    if (absoluteTimeout.compareTo(idleTimeout) < 0 || absoluteTimeout.compareTo(MAX_ABSOLUTE_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "a session's absolute limit is no shorter than the idle one, and at most "
              + MAX_ABSOLUTE_TIMEOUT.toDays()
              + " days");
    }
  }

  /// The default limits, in that realm.
  public static SessionSettings inRealm(String realm) {
    return new SessionSettings(realm, DEFAULT_IDLE_TIMEOUT, DEFAULT_ABSOLUTE_TIMEOUT);
  }
}
