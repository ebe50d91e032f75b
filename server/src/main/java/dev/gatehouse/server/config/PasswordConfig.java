package dev.gatehouse.server.config;

import dev.gatehouse.password.PasswordSettings;

/// How passwords are hashed, and how many wrong ones are accepted per minute.
///
/// @param argon2id Argon2id in place of bcrypt
/// @param bcryptCost the binary logarithm of its rounds
/// @param minLength of a new password, in characters
/// @param failedPerName wrong passwords a minute for one sign-in name, from all addresses together
/// @param failedPerNameAndAddress of those, from one address
/// @param hashingThreads how many passwords are hashed at once
/// @param hashingQueue how many more may wait for that
public record PasswordConfig(
    boolean argon2id,
    int bcryptCost,
    int minLength,
    int failedPerName,
    int failedPerNameAndAddress,
    int hashingThreads,
    int hashingQueue) {

  static final PasswordConfig DEFAULT =
      new PasswordConfig(
          false,
          PasswordSettings.DEFAULT.bcryptCost(),
          PasswordSettings.DEFAULT.minLength(),
          PasswordSettings.DEFAULT.failedPerAccountPerMinute(),
          PasswordSettings.DEFAULT.failedPerAccountAndAddressPerMinute(),
          PasswordSettings.DEFAULT.hashingThreads(),
          PasswordSettings.DEFAULT.hashingQueue());
}
