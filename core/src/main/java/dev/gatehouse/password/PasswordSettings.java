package dev.gatehouse.password;

import java.time.Duration;

/// Settings of passwords. Each is checked: [IllegalArgumentException] says what it must be.
///
/// @param scheme by which new passwords are hashed; those of the other still verify
/// @param bcryptCost log2 of bcrypt's rounds
/// @param argon2MemoryKib memory of one Argon2id hash
/// @param argon2Iterations passes over that memory
/// @param argon2Parallelism lanes of that memory; they are filled one after the other
/// @param minLength of a new password, in code points
/// @param hashingThreads how many passwords are hashed at once
/// @param hashingQueue how many more may wait for that; others are told to come again
/// @param hashingWait how long one waits at most
/// @param failedPerAccountPerMinute wrong passwords for one sign-in name, from wherever
/// @param failedPerAccountAndAddressPerMinute wrong passwords for one sign-in name from one address
public record PasswordSettings(
    Scheme scheme,
    int bcryptCost,
    int argon2MemoryKib,
    int argon2Iterations,
    int argon2Parallelism,
    int minLength,
    int hashingThreads,
    int hashingQueue,
    Duration hashingWait,
    int failedPerAccountPerMinute,
    int failedPerAccountAndAddressPerMinute) {

  /// How new passwords are hashed.
  public enum Scheme {
    BCRYPT,
    ARGON2ID
  }

  /// What holds where nothing else is said. For Argon2id, what OWASP's Password Storage Cheat Sheet
  /// asks at least.
  public static final PasswordSettings DEFAULT =
      new PasswordSettings(
          Scheme.BCRYPT,
          12,
          19_456,
          2,
          1,
          12,
          Math.max(1, Runtime.getRuntime().availableProcessors() - 1),
          256,
          Duration.ofSeconds(30),
          20,
          10);

  /// Checks every one.
  public PasswordSettings {
    check("bcrypt's cost", bcryptCost, 10, 16);
    check("Argon2's memory in KiB", argon2MemoryKib, 7_168, Argon2Hash.MAX_MEMORY_KIB);
    check("Argon2's iterations", argon2Iterations, 1, 16);
    check("Argon2's parallelism", argon2Parallelism, 1, Argon2Hash.MAX_PARALLELISM);
    check("a password's least length", minLength, 8, 64);
    check("the number of hashing threads", hashingThreads, 1, 1_024);
    check("the length of the hashing queue", hashingQueue, 1, 100_000);
    if (hashingWait.compareTo(Duration.ofMillis(1)) < 0
        || hashingWait.compareTo(Duration.ofMinutes(5)) > 0) {
      throw new IllegalArgumentException("the wait for a hash is 1 ms to 5 minutes");
    }
    check("failed attempts for each account a minute", failedPerAccountPerMinute, 1, 100_000);
    check(
        "failed attempts for each account and address a minute",
        failedPerAccountAndAddressPerMinute,
        1,
        100_000);
    if ((long) argon2MemoryKib * argon2Iterations > Argon2Hash.MAX_KIB_PASSES) {
      throw new IllegalArgumentException(
          "Argon2's memory in KiB × its iterations is at most " + Argon2Hash.MAX_KIB_PASSES);
    }
  }

  private static void check(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(what + " is " + min + " to " + max + ", not " + value);
    }
  }

  /// The same, hashing by that scheme.
  public PasswordSettings withScheme(Scheme newScheme) {
    return new PasswordSettings(
        newScheme,
        bcryptCost,
        argon2MemoryKib,
        argon2Iterations,
        argon2Parallelism,
        minLength,
        hashingThreads,
        hashingQueue,
        hashingWait,
        failedPerAccountPerMinute,
        failedPerAccountAndAddressPerMinute);
  }

  /// The same, with that cost of bcrypt.
  public PasswordSettings withBcryptCost(int newCost) {
    return new PasswordSettings(
        scheme,
        newCost,
        argon2MemoryKib,
        argon2Iterations,
        argon2Parallelism,
        minLength,
        hashingThreads,
        hashingQueue,
        hashingWait,
        failedPerAccountPerMinute,
        failedPerAccountAndAddressPerMinute);
  }

  /// The same, with that least length of new passwords.
  public PasswordSettings withMinLength(int newLength) {
    return new PasswordSettings(
        scheme,
        bcryptCost,
        argon2MemoryKib,
        argon2Iterations,
        argon2Parallelism,
        newLength,
        hashingThreads,
        hashingQueue,
        hashingWait,
        failedPerAccountPerMinute,
        failedPerAccountAndAddressPerMinute);
  }

  /// The same, with those threads, that queue and that wait.
  public PasswordSettings withHashing(int threads, int queue, Duration wait) {
    return new PasswordSettings(
        scheme,
        bcryptCost,
        argon2MemoryKib,
        argon2Iterations,
        argon2Parallelism,
        minLength,
        threads,
        queue,
        wait,
        failedPerAccountPerMinute,
        failedPerAccountAndAddressPerMinute);
  }

  /// The same, with so many wrong passwords a minute for one sign-in name.
  public PasswordSettings withFailures(int perAccount, int perAccountAndAddress) {
    return new PasswordSettings(
        scheme,
        bcryptCost,
        argon2MemoryKib,
        argon2Iterations,
        argon2Parallelism,
        minLength,
        hashingThreads,
        hashingQueue,
        hashingWait,
        perAccount,
        perAccountAndAddress);
  }
}
