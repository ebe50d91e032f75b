package dev.gatehouse.password;

import java.time.Duration;

/// The settings for passwords. Each value is checked; [IllegalArgumentException] says what it must
/// be. Immutable.
///
/// @param scheme the scheme of new hashes; hashes of the other scheme can still be verified
/// @param bcryptCost the binary logarithm of bcrypt's rounds; 10 to 16
/// @param argon2MemoryKib the memory of one Argon2id hash, in KiB
/// @param argon2Iterations the passes over that memory
/// @param argon2Parallelism the lanes of that memory; they are filled one after the other
/// @param minLength the least length of a new password, in code points; 8 to 64
/// @param hashingThreads how many passwords are hashed at once
/// @param hashingQueue how many more may wait; further callers are refused for now
/// @param hashingWait how long a caller waits at most; 1 ms to 5 minutes
/// @param failedPerAccountPerMinute how many wrong passwords for one sign-in name are allowed in a
///   minute, from all addresses together
/// @param failedPerAccountAndAddressPerMinute how many are allowed in a minute for one sign-in name
///   from one address
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

  /// The schemes for new hashes.
  public enum Scheme {
    BCRYPT,
    ARGON2ID
  }

  /// The defaults. Those for Argon2id are the minimum of OWASP's Password Storage Cheat Sheet.
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

  /// Throws [IllegalArgumentException] if a value is out of range.
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

  /// Returns these settings with that scheme.
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

  /// Returns these settings with that cost of bcrypt.
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

  /// Returns these settings with that least length of new passwords.
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

  /// Returns these settings with that number of threads, queue length and wait.
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

  /// Returns these settings with those numbers of wrong passwords for one sign-in name.
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
