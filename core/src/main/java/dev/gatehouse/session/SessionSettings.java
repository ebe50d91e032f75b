package dev.gatehouse.session;

import java.time.Duration;

/// The settings of sessions. Immutable.
///
/// @param realm the realm in challenges (RFC 9110 §11.5)
/// @param idleTimeout how long a session lasts without being used; at least [#MIN_IDLE_TIMEOUT],
///   since uses are recorded with a delay
/// @param absoluteTimeout how long a session lasts however much it is used
public record SessionSettings(String realm, Duration idleTimeout, Duration absoluteTimeout) {

  /// The shortest idle timeout.
  public static final Duration MIN_IDLE_TIMEOUT = Duration.ofMinutes(5);

  /// The longest absolute timeout.
  public static final Duration MAX_ABSOLUTE_TIMEOUT = Duration.ofDays(30);

  /// The default idle timeout.
  public static final Duration DEFAULT_IDLE_TIMEOUT = Duration.ofMinutes(30);

  /// The default absolute timeout.
  public static final Duration DEFAULT_ABSOLUTE_TIMEOUT = Duration.ofHours(24);

  /// Throws [IllegalArgumentException] with a message that says what the timeouts must be.
  public SessionSettings {
    if (idleTimeout.compareTo(MIN_IDLE_TIMEOUT) < 0) {
      throw new IllegalArgumentException(
          "a session's idle limit is at least " + MIN_IDLE_TIMEOUT.toMinutes() + " minutes");
    }
    if (absoluteTimeout.compareTo(idleTimeout) < 0
        || absoluteTimeout.compareTo(MAX_ABSOLUTE_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "a session's absolute limit is no shorter than the idle one, and at most "
              + MAX_ABSOLUTE_TIMEOUT.toDays()
              + " days");
    }
  }

  /// Returns the default timeouts in that realm.
  public static SessionSettings inRealm(String realm) {
    return new SessionSettings(realm, DEFAULT_IDLE_TIMEOUT, DEFAULT_ABSOLUTE_TIMEOUT);
  }
}
