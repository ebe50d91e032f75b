package dev.gatehouse.password;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Hashes and verifies passwords on a few separate threads. Thread-safe.
///
/// Each method that hashes blocks until a thread is free and the hash is computed. It throws
/// [HashingBusyException] if that takes too long.
public final class PasswordHashes implements AutoCloseable {

  private final PasswordSettings settings;
  private final HashingThreads threads;
  final StoredHash dummyHash;

  /// Hashes with those settings.
  public PasswordHashes(PasswordSettings settings) {
    this(
        settings,
        new HashingThreads(
            settings.hashingThreads(), settings.hashingQueue(), settings.hashingWait()));
  }

  /// Hashes with those settings, on threads of that factory. Each hash keeps its thread busy, so
  /// threads of a low priority leave the processors to other work.
  public PasswordHashes(PasswordSettings settings, ThreadFactory factory) {
    this(
        settings,
        new HashingThreads(
            settings.hashingThreads(), settings.hashingQueue(), settings.hashingWait(), factory));
  }

  /// Hashes with those settings, on those threads.
  PasswordHashes(PasswordSettings settings, HashingThreads threads) {
    this.settings = settings;
    this.threads = threads;
    this.dummyHash = StoredHash.Own.dummy(settings);
  }

  /// Returns a new hash of the password with a random salt and the name of its scheme.
  public String hash(PresentedPassword password) {
    return threads.run(null, () -> StoredHash.Own.of(password.bytes(), settings));
  }

  /// Compares the password with a stored hash. If there is none (null), or it cannot be read, this
  /// takes as long as a wrong password.
  ///
  /// A password that was not typed in normal form is tried in both forms, whatever the hash is. So
  /// the time of a wrong password does not tell which hashes were imported.
  ///
  /// @param from the address whose turn this takes: see [HashingThreads]
  /// @param begins called when the turn has come: whether the password is still to be hashed
  /// @param judge makes the result from whether the password matches, before the next hash begins
  /// @return empty if nothing was hashed
  public <T> Optional<T> match(
      PresentedPassword password,
      @Nullable String stored,
      InetAddress from,
      BooleanSupplier begins,
      Function<Boolean, T> judge) {
    StoredHash hash = stored == null ? dummyHash : read(stored).orElse(dummyHash);
    return threads.run(
        from,
        () ->
            begins.getAsBoolean()
                ? Optional.of(judge.apply(password.forms().stream().anyMatch(hash::matches)))
                : Optional.empty());
  }

  /// Waits until another hash has ended, at most for as long as a caller may wait for its turn.
  /// Throws [HashingBusyException] if that takes too long.
  ///
  /// @param ended completed at the end of the other hash
  /// @param since when the wait began, as [System#nanoTime()]
  void await(Future<?> ended, long since) {
    long left = settings.hashingWait().toNanos() - (System.nanoTime() - since);
    try {
      ended.get(left, TimeUnit.NANOSECONDS);
    } catch (TimeoutException late) {
      throw new HashingBusyException("other attempts with this name did not end in time", late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new HashingBusyException("the wait for a hash was interrupted", interrupted);
    } catch (ExecutionException impossible) {
      throw new AssertionError(impossible); // an end is no failure
    }
  }

  /// Whether a new hash would be made with the same scheme and settings. Does not block.
  public boolean isCurrent(String stored) {
    return read(stored)
        .filter(hash -> hash instanceof StoredHash.Own && hash.isMadeBy(settings))
        .isPresent();
  }

  /// Whether the hash depends on every byte of the password, in each form in which it is tried. If
  /// not, a match says nothing about the remaining bytes. False for a hash that cannot be read.
  /// Does not block.
  public boolean covers(String stored, PresentedPassword password) {
    return read(stored)
        .filter(hash -> password.forms().stream().allMatch(form -> form.length <= hash.maxBytes()))
        .isPresent();
  }

  /// Whether a hash that can be imported is that of an empty password. This computes one hash.
  boolean isOfEmptyPassword(String hash) {
    StoredHash read = StoredHash.parse(hash);
    return threads.run(null, () -> read.matches(new byte[0]));
  }

  /// Returns why a hash from elsewhere cannot be imported; empty if it can. Does not block.
  public static Optional<String> whyNotImportable(String hash) {
    try {
      StoredHash.parse(hash);
      return Optional.empty();
    } catch (IllegalArgumentException unusable) {
      return Optional.of(String.valueOf(unusable.getMessage()));
    }
  }

  private static Optional<StoredHash> read(String stored) {
    try {
      return Optional.of(StoredHash.parse(stored));
    } catch (IllegalArgumentException unusable) {
      return Optional.empty();
    }
  }

  /// Ends the threads. Callers that wait for a hash get a [HashingBusyException].
  @Override
  public void close() {
    threads.close();
  }
}
